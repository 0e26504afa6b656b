//! Brings the data set back at start: from the append-only files or from the RDB file.

use crate::access::Access;
use crate::load_append_only::{LoadedLog, Purpose};
use crate::load_delay::LoadDelay;
use crate::load_rdb::{LoadOptions, Loaded, load_rdb};
use crate::log_files::total_keys;
use crate::paths;
use crate::persistence::Persistence;
use crate::writing::reason;
use engine::engine::Node;
use engine::facts::health::Loading;
use engine::propagation::new_id;
use keyspace::Keyspace;
use log::history::{Branch, Chain};
use log::scan::Position;
use log::{History, Offset, ReplicationId};
use std::time::Instant;

impl Persistence {
    /// At start, before clients are served: brings the data set back, and the place in the history that it stands for.
    ///
    /// # Errors
    /// With file, place and reason. Nothing on disk was changed then.
    pub fn load(&self) -> Result<(), String> {
        let mut access = Access::shared(&self.node);
        let node = access.node();
        let now_s = stdx::clock::wall_ms() / 1000;
        node.engine.health.save.last_save_s = now_s;
        node.engine.health.loading = Some(begun(now_s));
        let outcome = if node.engine.config.append_only.appendonly {
            self.load_append_only(&mut access)
        } else {
            self.load_snapshot(&mut access)
        };
        let node = access.node();
        node.engine.health.loading = None;
        node.keyspace.changes_mut().dirty = 0;
        outcome
    }

    fn load_append_only(&self, access: &mut Access<'_>) -> Result<(), String> {
        let mut loaded = self.load_log(access, Purpose { repairs: true, keeps_tail: true })?;
        let node = access.node();
        match loaded.position {
            Some(position) => resume_log(node, position, &mut loaded),
            None => node.engine.propagation.tail.restart(Offset::ZERO),
        }
        self.with(|state| state.loaded = Some(loaded));
        Ok(())
    }

    fn load_snapshot(&self, access: &mut Access<'_>) -> Result<(), String> {
        let node = access.node();
        let path = paths::snapshot(&node.engine.config);
        let shown = path.display().to_string();
        let fail =
            |error: &dyn std::fmt::Display| format!("Fatal error loading the DB: {shown}: {error}. Exiting.");
        let is_there = self.vfs.exists(&path).map_err(|error| fail(&reason(&error)))?;
        if !is_there {
            return Ok(());
        }
        let began = Instant::now();
        let mut file = self.vfs.open_read(&path).map_err(|error| fail(&reason(&error)))?;
        let total_bytes = file.length_bytes().unwrap_or(0);
        let (mut keyspace, options, mut delay) = (empty_like(node), load_options(node), LoadDelay::of(node));
        access.let_go();
        let outcome = load_rdb(&mut keyspace, &mut file, options, |loaded_bytes, keys| {
            if let Some(loading) = &mut access.node().engine.health.loading {
                (loading.total_bytes, loading.loaded_bytes, loading.keys) = (total_bytes, loaded_bytes, keys);
            }
            access.let_go();
            delay.wait(keys);
            true
        });
        let (loaded, _) = outcome.map_err(|error| fail(&error))?;
        let node = access.node();
        node.keyspace = keyspace;
        describe_rdb_load(node, &loaded);
        stdx::logging::notice!("DB loaded from disk: {:.3} seconds", began.elapsed().as_secs_f64());
        resume_snapshot(node, &loaded);
        Ok(())
    }
}

/// Loading begins.
pub(crate) fn begun(now_s: i64) -> Loading {
    Loading { started_s: now_s, total_bytes: 0, loaded_bytes: 0, keys: 0, is_async: false }
}

/// A data set without keys, to be filled and put in the place of the node's.
pub(crate) fn empty_like(node: &Node) -> Keyspace {
    let mut keyspace = Keyspace::new(node.keyspace.database_count(), stdx::random::hash_seed());
    keyspace.changes_mut().dirty = node.keyspace.changes().dirty;
    keyspace.succeed(&node.keyspace);
    keyspace
}

/// How the node loads RDB.
pub(crate) fn load_options(node: &Node) -> LoadOptions {
    LoadOptions {
        now_ms: stdx::clock::wall_ms(),
        keep_expired: node.engine.replication.is_replica(),
        verify_checksum: node.engine.config.snapshotting.rdbchecksum && !node.engine.debug.skip_checksums,
        max_bulk_bytes: node.engine.config.clients.proto_max_bulk_len.max(512 << 20),
    }
}

/// Says in the log and to INFO what an RDB held.
pub(crate) fn describe_rdb_load(node: &mut Node, loaded: &Loaded) {
    if let Some(version) = loaded.fact("redis-ver").or(loaded.fact("valkey-ver")) {
        stdx::logging::notice!("Loading RDB produced by version {version}");
    }
    if let Some(made_s) = loaded.fact("ctime").and_then(|text| text.parse::<i64>().ok()) {
        let age_s = (stdx::clock::wall_ms() / 1000).saturating_sub(made_s);
        stdx::logging::notice!("RDB age {} seconds", age_s.max(0));
    }
    if let Some(used_bytes) = loaded.fact("used-mem").and_then(|text| text.parse::<f64>().ok()) {
        stdx::logging::notice!("RDB memory usage when created {:.2} Mb", used_bytes / 1_048_576.0);
    }
    if loaded.fact("aof-base") == Some("1") {
        stdx::logging::notice!("RDB is base AOF");
    }
    stdx::logging::notice!(
        "Done loading RDB, keys loaded: {}, keys expired: {}.",
        loaded.keys,
        loaded.expired
    );
    node.engine.health.save.last_load_loaded = loaded.keys;
    node.engine.health.save.last_load_expired = loaded.expired;
}

/// A replica goes on in the history that it was in. A primary begins one of its own: what it acknowledged after the
/// last byte that the disk has is lost, and whoever holds that must not be taken for one in step.
fn resume_log(node: &mut Node, position: Position, loaded: &mut LoadedLog) {
    let keys = total_keys(node);
    let propagation = &mut node.engine.propagation;
    if propagation.tail.end() != position.offset {
        propagation.tail.restart(position.offset);
    }
    propagation.history = loaded.chain.history_of(position.id);
    node.engine.replication.stream_database = loaded.database;
    if !node.engine.replication.is_replica() {
        let id = new_id();
        propagation.history.shift(id, position.offset);
        loaded.chain.push(Branch { id, parent: Some(position.id), at: position.offset, keys });
    }
    propagation.forget_selected();
    node.engine.fed_up_to = position.offset;
    node.engine.commit.restart(position.offset);
}

/// The same for a snapshot, which holds the place as facts. What had expired meanwhile is told to those who go on from
/// there.
fn resume_snapshot(node: &mut Node, loaded: &Loaded) {
    let id = loaded.fact("repl-id").and_then(|text| ReplicationId::parse(text.as_bytes()).ok());
    let offset = loaded.fact("repl-offset").and_then(|text| text.parse().ok()).map(Offset);
    let (Some(id), Some(offset)) = (id, offset) else { return };
    let database = loaded.fact("repl-stream-db").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut log = LoadedLog { chain: Chain::new(), database, ..LoadedLog::default() };
    node.engine.propagation.history = History::new(id);
    resume_log(node, Position { id, offset }, &mut log);
    let propagation = &mut node.engine.propagation;
    propagation.tail.activate_backlog();
    for (database, key) in &loaded.expired_keys {
        propagation.record_words(*database, &[b"DEL", key]);
    }
    propagation.commit_unframed();
    propagation.tail.trim();
    node.engine.fed_up_to = propagation.end();
    node.engine.commit.restart(Offset::ZERO);
}
