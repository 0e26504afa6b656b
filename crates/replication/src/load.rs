//! Takes a full copy from the primary into a data set of its own; the old one is served until the new one is whole.

use crate::copy_file;
use crate::transfer::{Buffered, Extent, MARK_LEN, parse_extent};
use engine::config::options::DisklessLoad;
use engine::engine::Node;
use engine::facts::health::Loading;
use engine::shared::Shared;
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use persistence::Persistence;
use persistence::load_delay::LoadDelay;
use persistence::load_rdb::{LoadError, LoadOptions, Loaded, load_rdb};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the primary hears that a copy is still being loaded.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// How many bytes come between two looks at the order to follow.
const TELL_EVERY_BYTES: u64 = 1 << 20;

/// Empty lines to a primary that hears nothing else while its copy is loaded, and would give the link up.
pub struct SignOfLife {
    to: Box<dyn Write + Send>,
    last: Option<Instant>,
}

impl SignOfLife {
    /// Signs that go `to` the primary.
    pub fn new(to: impl Write + Send + 'static) -> SignOfLife {
        SignOfLife { to: Box::new(to), last: None }
    }

    fn give_if_due(&mut self) {
        if self.last.is_none_or(|last| last.elapsed() >= SIGN_EVERY) {
            self.last = Some(Instant::now());
            // That the link is broken is seen where it is read.
            let _ = self.to.write_all(b"\n");
        }
    }
}

/// A copy that was taken.
pub struct Copy {
    /// The data set.
    pub keyspace: Keyspace,
    /// What was loaded.
    pub loaded: Loaded,
    /// The file that it went through.
    pub file: Option<PathBuf>,
}

/// Takes one copy.
pub struct Taker<'a> {
    shared: &'a Arc<Shared<Node>>,
    persistence: &'a Persistence,
    order: u64,
    sign: SignOfLife,
    options: LoadOptions,
    delay: LoadDelay,
    told_bytes: u64,
}

impl<'a> Taker<'a> {
    /// Takes a copy for the link of this order.
    pub fn new(
        shared: &'a Arc<Shared<Node>>,
        persistence: &'a Persistence,
        order: u64,
        sign: SignOfLife,
    ) -> Taker<'a> {
        let node = shared.lock();
        let options = LoadOptions {
            now_ms: node.engine.clock.wall_ms,
            keep_expired: true,
            verify_checksum: node.engine.config.snapshotting.rdbchecksum && !node.engine.debug.skip_checksums,
            max_bulk_bytes: node.engine.config.clients.proto_max_bulk_len,
        };
        let delay = LoadDelay::of(&node);
        drop(node);
        Taker { shared, persistence, order, sign, options, delay, told_bytes: 0 }
    }

    /// Reads the copy that follows in the stream. What was read behind it stays in `reader`.
    pub fn receive<R: Read>(mut self, reader: &mut Buffered<R>) -> Result<Copy, String> {
        let extent = read_extent(reader)?;
        let file = self.begin(&extent);
        announce(&extent, file.is_some());
        let Some(path) = file else {
            let (keyspace, loaded) = self.load(|taker, keyspace| taker.fill(reader, &extent, keyspace))?;
            return Ok(Copy { keyspace, loaded, file: None });
        };
        let outcome = self
            .store(reader, &extent, &path)
            .and_then(|()| self.load(|taker, keyspace| taker.fill_from_file(&path, keyspace)));
        let (keyspace, loaded) = outcome.inspect_err(|_| drop(self.persistence.vfs().remove(&path)))?;
        Ok(Copy { keyspace, loaded, file: Some(path) })
    }

    /// Notes that the transfer begins; returns the file that it goes through, if it does.
    fn begin(&self, extent: &Extent) -> Option<PathBuf> {
        let mut node = self.shared.lock();
        if let Some(link) = &mut node.engine.replication.primary {
            link.sync_total_bytes = if let Extent::Length(bytes) = extent { *bytes } else { 0 };
            link.sync_read_bytes = 0;
        }
        let goes_through_file = match node.engine.config.replication.repl_diskless_load {
            DisklessLoad::Never => true,
            DisklessLoad::OnEmptyDataSet => !node.keyspace.is_empty(),
            DisklessLoad::Beside => false,
        };
        goes_through_file.then(|| self.persistence.copy_path(&node))
    }

    fn store<R: Read>(
        &mut self,
        reader: &mut Buffered<R>,
        extent: &Extent,
        path: &Path,
    ) -> Result<(), String> {
        let mut file = self.persistence.vfs().create(path).map_err(|error| {
            format!("Opening the temp file needed for MASTER <-> REPLICA synchronization: {error}")
        })?;
        copy_file::store(reader, extent, &mut *file, |bytes| self.tell(bytes, 0))
            .map_err(|error| format!("I/O error trying to sync with MASTER: {error}"))
    }

    /// Fills a data set while the node shows that it is loading.
    fn load(
        &mut self,
        fill: impl FnOnce(&mut Self, &mut Keyspace) -> Result<Loaded, String>,
    ) -> Result<(Keyspace, Loaded), String> {
        let mut keyspace = {
            let mut node = self.shared.lock();
            let total_bytes =
                node.engine.replication.primary.as_ref().map_or(0, |link| link.sync_total_bytes);
            let started_s = node.engine.clock.wall_ms / 1000;
            node.engine.health.loading =
                Some(Loading { started_s, total_bytes, loaded_bytes: 0, keys: 0, is_async: true });
            let mut keyspace = Keyspace::new(node.keyspace.database_count(), stdx::random::hash_seed());
            keyspace.succeed(&node.keyspace);
            keyspace
        };
        stdx::logging::notice!("MASTER <-> REPLICA sync: Loading DB in memory");
        self.told_bytes = 0;
        let outcome = fill(self, &mut keyspace);
        self.shared.lock().engine.health.loading = None;
        outcome.map(|loaded| (keyspace, loaded))
    }

    fn fill<R: Read>(
        &mut self,
        reader: &mut Buffered<R>,
        extent: &Extent,
        keyspace: &mut Keyspace,
    ) -> Result<Loaded, String> {
        match extent {
            Extent::Length(bytes) => {
                let mut payload = reader.take(*bytes);
                let (loaded, rest) = self.decode(&mut payload, keyspace)?;
                must_end_here(rest.len() as u64 + payload.limit())?;
                Ok(loaded)
            }
            Extent::Mark(mark) => {
                let (loaded, rest) = self.decode(&mut *reader, keyspace)?;
                reader.put_back(rest);
                let mut end = [0; MARK_LEN];
                let read = reader.read_exact(&mut end);
                read.map_err(|error| format!("reading the copy's end mark: {error}"))?;
                if end == *mark { Ok(loaded) } else { Err("the copy does not end with its mark".to_string()) }
            }
        }
    }

    fn fill_from_file(&mut self, path: &Path, keyspace: &mut Keyspace) -> Result<Loaded, String> {
        let file = self.persistence.vfs().open_read(path);
        let mut file = file.map_err(|error| format!("Opening {}: {error}", path.display()))?;
        let (loaded, rest) = self.decode(&mut file, keyspace)?;
        let left = std::io::copy(&mut file, &mut std::io::sink()).unwrap_or(0);
        must_end_here(rest.len() as u64 + left)?;
        Ok(loaded)
    }

    fn decode(&mut self, reader: impl Read, keyspace: &mut Keyspace) -> Result<(Loaded, Vec<u8>), String> {
        let options = self.options;
        let progress = |bytes: u64, keys: u64| {
            self.delay.wait(keys);
            self.sign.give_if_due();
            self.tell(bytes, keys)
        };
        load_rdb(keyspace, reader, options, progress).map_err(|error: LoadError| {
            format!("Failed trying to load the MASTER synchronization DB, check server logs: {error}")
        })
    }

    /// Keeps the facts of the transfer up to date. Returns false when the order to follow was withdrawn.
    fn tell(&mut self, bytes: u64, keys: u64) -> bool {
        if bytes.saturating_sub(self.told_bytes) < TELL_EVERY_BYTES {
            return true;
        }
        self.told_bytes = bytes;
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
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
}

fn read_extent<R: Read>(reader: &mut Buffered<R>) -> Result<Extent, String> {
    loop {
        let line = reader.line();
        let line = line.map_err(|error| format!("I/O error reading bulk count from MASTER: {error}"))?;
        if !line.is_empty() {
            return parse_extent(&line);
        }
    }
}

fn announce(extent: &Extent, to_file: bool) {
    let target = if to_file { "disk" } else { "parser" };
    match extent {
        Extent::Length(bytes) => {
            stdx::logging::notice!(
                "MASTER <-> REPLICA sync: receiving {bytes} bytes from master to {target}"
            );
        }
        Extent::Mark(_) => {
            stdx::logging::notice!(
                "MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to {target}"
            );
        }
    }
}

fn must_end_here(bytes_left: u64) -> Result<(), String> {
    if bytes_left == 0 { Ok(()) } else { Err(format!("{bytes_left} bytes follow the end of the copy")) }
}

/// Puts the new data set in the place of the old one, which is given back to be freed without the lock.
pub fn adopt(node: &mut Node, mut keyspace: Keyspace, id: ReplicationId, offset: Offset) -> Keyspace {
    keyspace.changes_mut().dirty = node.keyspace.changes().dirty + 1;
    let old = node.replace_data_set(keyspace);
    node.engine.replication.stream_database = 0;
    node.engine.propagation.adopt(id, offset);
    node.engine.commit.restart(Offset::ZERO);
    let replicas: Vec<_> = node.engine.replication.replicas.iter().map(|replica| replica.client).collect();
    for client in replicas {
        node.engine.clients.close(client);
    }
    old
}
