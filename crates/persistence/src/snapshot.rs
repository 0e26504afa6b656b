//! Walks one forkless snapshot: slices of it are copied under the execution lock and encoded outside of it.

use datatypes::collection::{Value, ValueRef};
use engine::engine::Node;
use engine::shared::Shared;
use keyspace::{DatabaseCount, Detached, EntryRef, KeyUse, UseRule};
use rdb::encoder::{Attributes, Encoder, EncoderOptions};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many entries one slice copies at most: some tens of microseconds under the lock.
const SLICE_ENTRIES: usize = 256;
/// How many bytes of keys and values one slice may copy before it ends.
const SLICE_BYTES: usize = 256 * 1024;

/// Why a walk ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkError {
    /// Another snapshot is being walked.
    Busy,
    /// The data set was replaced or the walk was called off.
    Aborted,
}

impl std::error::Error for WalkError {}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WalkError::Busy => "another snapshot is being taken",
            WalkError::Aborted => "the data set was replaced meanwhile",
        })
    }
}

/// What a walk writes its entries with.
pub trait EntryEncoder {
    /// The entries that follow are of this database.
    fn select(&mut self, count: DatabaseCount);

    /// An entry.
    fn entry(&mut self, key: &[u8], value: ValueRef<'_>, attributes: Attributes);
}

impl EntryEncoder for Encoder {
    fn select(&mut self, count: DatabaseCount) {
        self.select_db(count.database, count.keys, count.expires);
    }

    #[inline]
    fn entry(&mut self, key: &[u8], value: ValueRef<'_>, attributes: Attributes) {
        Encoder::entry(self, key, value, attributes);
    }
}

/// One entry that was copied: where its key and its string end in the slice's bytes.
struct Copied {
    database: u32,
    key_end: usize,
    value_end: usize,
    /// The value when it is no string: a clone, which shares the parts of a large collection.
    collection: Option<Value>,
    attributes: Attributes,
}

/// What is written of an entry besides key and value: how much it was used only by the rule of a policy that goes by that.
pub fn attributes(entry: EntryRef<'_>, uses: Option<UseRule>, now_ms: i64) -> Attributes {
    let mut attributes = Attributes { expire_at_ms: entry.expire_at_ms(), ..Attributes::default() };
    match uses.map(|rule| rule.read(entry, now_ms)) {
        Some(KeyUse::Idle(seconds)) => attributes.idle_seconds = Some(seconds),
        Some(KeyUse::Frequency(count)) => attributes.frequency = Some(count),
        None => {}
    }
    attributes
}

/// A walk over a snapshot.
pub struct SnapshotWalk {
    node: Arc<Shared<Node>>,
    data_set: u64,
    number: u64,
    counts: Vec<DatabaseCount>,
    database: Option<u32>,
    bytes: Vec<u8>,
    copied: Vec<Copied>,
    is_over: bool,
    garbage: Detached,
    keys_done: Arc<AtomicU64>,
    /// Entries of the snapshot.
    pub keys_total: u64,
}

impl SnapshotWalk {
    /// Takes the snapshot: the data set as it is now, for a walk that goes on without the lock.
    ///
    /// A walk that is dropped before its end takes the lock: while it is held, [`SnapshotWalk::abandon`] it.
    pub fn begin(node: &mut Node, shared: &Arc<Shared<Node>>) -> Result<SnapshotWalk, WalkError> {
        node.keyspace.begin_snapshot().map_err(|_| WalkError::Busy)?;
        node.engine.health.snapshot += 1;
        let counts = node.keyspace.snapshot_counts().to_vec();
        let keys_total = counts.iter().map(|count| count.keys).sum();
        Ok(SnapshotWalk {
            node: Arc::clone(shared),
            data_set: node.engine.health.data_set,
            number: node.engine.health.snapshot,
            counts,
            database: None,
            bytes: Vec::new(),
            copied: Vec::new(),
            is_over: false,
            garbage: Detached::default(),
            keys_done: Arc::default(),
            keys_total,
        })
    }

    /// The number of entries written so far, for others to look at.
    pub fn keys_done(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.keys_done)
    }

    /// Encodes the next slice. Returns whether more is to come.
    pub fn encode_slice(&mut self, encoder: &mut impl EntryEncoder) -> Result<bool, WalkError> {
        let node = Arc::clone(&self.node);
        let more = self.copy_slice(&mut node.lock_politely())?;
        self.encode_copied(encoder);
        drop(std::mem::take(&mut self.garbage));
        Ok(more)
    }

    /// Ends the walk while the lock is held.
    pub fn abandon(mut self, node: &mut Node) {
        self.cancel(node);
    }

    fn is_ours(&self, node: &Node) -> bool {
        let health = &node.engine.health;
        health.data_set == self.data_set
            && health.snapshot == self.number
            && node.keyspace.is_snapshot_running()
    }

    fn cancel(&mut self, node: &mut Node) {
        if !self.is_over && self.is_ours(node) {
            call_off(node);
        }
        self.is_over = true;
    }

    fn copy_slice(&mut self, node: &mut Node) -> Result<bool, WalkError> {
        self.bytes.clear();
        self.copied.clear();
        if !self.is_ours(node) {
            self.is_over = true;
            return Err(WalkError::Aborted);
        }
        let (bytes, copied) = (&mut self.bytes, &mut self.copied);
        let (uses, now_ms) = (node.engine.config.memory.saved_use_rule(), node.engine.clock.wall_ms);
        let mut finished = false;
        while !finished && copied.len() < SLICE_ENTRIES && bytes.len() < SLICE_BYTES {
            let step = SLICE_ENTRIES.min(32);
            finished = node.keyspace.snapshot_step(step, &mut |entry| {
                bytes.extend_from_slice(entry.key);
                let key_end = bytes.len();
                let collection = match entry.value {
                    ValueRef::String(value) => {
                        bytes.extend_from_slice(value);
                        None
                    }
                    collection => Some(collection.to_value()),
                };
                let value_end = bytes.len();
                let attributes = attributes(entry.entry, uses, now_ms);
                copied.push(Copied { database: entry.database, key_end, value_end, collection, attributes });
            });
        }
        self.is_over = finished;
        if finished {
            self.garbage = node.keyspace.take_garbage();
        }
        Ok(!finished)
    }

    fn encode_copied(&mut self, encoder: &mut impl EntryEncoder) {
        let mut start = 0;
        for entry in &self.copied {
            if self.database != Some(entry.database) {
                self.database = Some(entry.database);
                let count = self.counts.iter().find(|count| count.database == entry.database);
                let unknown = DatabaseCount { database: entry.database, keys: 0, expires: 0 };
                encoder.select(count.copied().unwrap_or(unknown));
            }
            let key = &self.bytes[start..entry.key_end];
            let string = ValueRef::String(&self.bytes[entry.key_end..entry.value_end]);
            let value = entry.collection.as_ref().map_or(string, Value::view);
            encoder.entry(key, value, entry.attributes);
            start = entry.value_end;
        }
        self.keys_done.fetch_add(self.copied.len() as u64, Ordering::Relaxed);
        self.copied.clear();
        if self.bytes.capacity() > 4 * SLICE_BYTES {
            self.bytes = Vec::new();
        }
    }
}

impl Drop for SnapshotWalk {
    fn drop(&mut self) {
        if !self.is_over {
            let node = Arc::clone(&self.node);
            self.cancel(&mut node.lock());
        }
    }
}

/// Ends the snapshot that is being walked, whoever walks it: the walk hears of it at its next slice.
pub fn call_off(node: &mut Node) {
    node.keyspace.cancel_snapshot();
    node.engine.health.snapshot += 1;
    drop(node.keyspace.take_garbage());
}

/// The encoder for a file or a copy of a version, otherwise as the configuration wants it, its header written.
pub fn encoder_with_header(node: &Node, version: u32, is_append_only_base: bool) -> Encoder {
    let snapshotting = &node.engine.config.snapshotting;
    let mut encoder = Encoder::new(EncoderOptions {
        version,
        compress: snapshotting.rdbcompression,
        checksum: snapshotting.rdbchecksum,
    });
    let propagation = &node.engine.propagation;
    let seconds = (node.engine.clock.wall_ms / 1000).to_string();
    let used = node.engine.process.used_bytes.to_string();
    let base: &[u8] = if is_append_only_base { b"1" } else { b"0" };
    let mut facts: Vec<(&[u8], &[u8])> = vec![
        (b"redis-ver", node.engine.config.general.redis_version.as_bytes()),
        (b"redis-bits", b"64"),
        (b"ctime", seconds.as_bytes()),
        (b"used-mem", used.as_bytes()),
    ];
    let stream = (node.engine.replication.stream_database.to_string(), propagation.history.id.to_string());
    let offset = propagation.end().to_string();
    if propagation.is_active() || node.engine.replication.is_replica() {
        facts.push((b"repl-stream-db", stream.0.as_bytes()));
        facts.push((b"repl-id", stream.1.as_bytes()));
        facts.push((b"repl-offset", offset.as_bytes()));
    }
    facts.push((b"aof-base", base));
    encoder.header(&facts);
    encoder
}
