//! Takes a full copy from the primary into a data set of its own; the old one is served until the new one is whole.

use crate::transfer::{Buffered, Extent, MARK_LEN, parse_extent};
use engine::engine::Node;
use engine::facts::health::Loading;
use engine::shared::Shared;
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use persistence::load_rdb::{LoadOptions, Loaded, load_rdb};
use std::io::Read;
use std::sync::Arc;

/// Reads the copy that follows in the stream. Returns the new data set, and what was read behind the copy.
pub fn receive<R: Read>(
    shared: &Arc<Shared<Node>>,
    order: u64,
    reader: &mut Buffered<R>,
) -> Result<(Keyspace, Loaded), String> {
    let line = loop {
        let line =
            reader.line().map_err(|error| format!("I/O error reading bulk count from MASTER: {error}"))?;
        if !line.is_empty() {
            break line;
        }
    };
    let extent = parse_extent(&line)?;
    announce(&extent);
    let (mut keyspace, options) = {
        let mut node = shared.lock();
        let now_ms = node.engine.clock.wall_ms;
        let total_bytes = if let Extent::Length(bytes) = extent { bytes } else { 0 };
        if let Some(link) = &mut node.engine.replication.primary {
            link.sync_total_bytes = total_bytes;
            link.sync_read_bytes = 0;
        }
        let started_s = now_ms / 1000;
        node.engine.health.loading =
            Some(Loading { started_s, total_bytes, loaded_bytes: 0, keys: 0, is_async: true });
        let options = LoadOptions {
            now_ms,
            keep_expired: true,
            verify_checksum: node.engine.config.snapshotting.rdbchecksum && !node.engine.debug.skip_checksums,
            max_bulk_bytes: node.engine.config.clients.proto_max_bulk_len,
        };
        (Keyspace::new(node.keyspace.database_count(), stdx::random::hash_seed()), options)
    };
    stdx::logging::notice!("MASTER <-> REPLICA sync: Loading DB in memory");
    let outcome = fill(shared, order, reader, &extent, &mut keyspace, options);
    shared.lock().engine.health.loading = None;
    outcome.map(|loaded| (keyspace, loaded))
}

fn announce(extent: &Extent) {
    match extent {
        Extent::Length(bytes) => {
            stdx::logging::notice!("MASTER <-> REPLICA sync: receiving {bytes} bytes from master to parser");
        }
        Extent::Mark(_) => {
            stdx::logging::notice!(
                "MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to parser"
            );
        }
    }
}

fn fill<R: Read>(
    shared: &Arc<Shared<Node>>,
    order: u64,
    reader: &mut Buffered<R>,
    extent: &Extent,
    keyspace: &mut Keyspace,
    options: LoadOptions,
) -> Result<Loaded, String> {
    let mut told_bytes = 0;
    let progress = |bytes: u64, keys: u64| {
        if bytes - told_bytes < 1 << 20 {
            return true;
        }
        told_bytes = bytes;
        tell(shared, order, bytes, keys)
    };
    let describe = |error: persistence::load_rdb::LoadError| {
        format!("Failed trying to load the MASTER synchronization DB, check server logs: {error}")
    };
    match extent {
        Extent::Length(bytes) => {
            let mut payload = reader.take(*bytes);
            let (loaded, rest) = load_rdb(keyspace, &mut payload, options, progress).map_err(describe)?;
            if rest.len() as u64 + payload.limit() != 0 {
                return Err(format!(
                    "{} bytes follow the end of the copy",
                    rest.len() as u64 + payload.limit()
                ));
            }
            Ok(loaded)
        }
        Extent::Mark(mark) => {
            let (loaded, rest) = load_rdb(keyspace, &mut *reader, options, progress).map_err(describe)?;
            reader.put_back(rest);
            let mut end = [0; MARK_LEN];
            reader.read_exact(&mut end).map_err(|error| format!("reading the copy's end mark: {error}"))?;
            if end != *mark {
                return Err("the copy does not end with its mark".to_string());
            }
            Ok(loaded)
        }
    }
}

/// Keeps the facts of the transfer up to date. Returns false when the order to follow was withdrawn.
fn tell(shared: &Arc<Shared<Node>>, order: u64, bytes: u64, keys: u64) -> bool {
    let mut node = shared.lock();
    if node.engine.replication.order != order {
        return false;
    }
    let now_ms = stdx::clock::monotonic_us() / 1000;
    if let Some(link) = &mut node.engine.replication.primary {
        link.sync_read_bytes = bytes;
        link.last_io_ms = now_ms;
    }
    if let Some(loading) = &mut node.engine.health.loading {
        loading.loaded_bytes = bytes;
        loading.keys = keys;
    }
    true
}

/// Puts the new data set in the place of the old one, which is given back to be freed without the lock.
pub fn adopt(node: &mut Node, mut keyspace: Keyspace, id: ReplicationId, offset: Offset) -> Keyspace {
    let before = node.keyspace.changes().dirty;
    keyspace.changes_mut().dirty = before + 1;
    let old = std::mem::replace(&mut node.keyspace, keyspace);
    node.update_interest();
    node.engine.invalidate_all_copies(None);
    node.engine.health.data_set += 1;
    node.engine.replication.stream_database = 0;
    node.engine.propagation.adopt(id, offset);
    node.engine.commit.restart(Offset::ZERO);
    let replicas: Vec<_> = node.engine.replication.replicas.iter().map(|replica| replica.client).collect();
    for client in replicas {
        node.engine.clients.close(client);
    }
    old
}
