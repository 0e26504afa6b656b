//! Walks one forkless snapshot: slices of it are copied under the execution lock and encoded outside of it.

use engine::engine::Node;
use engine::shared::Shared;
use keyspace::{DatabaseCount, SnapshotValue};
use rdb::encoder::{Encoder, EncoderOptions};
use std::fmt;
use std::sync::Arc;

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

/// One entry that was copied: where its key and value end in the slice's bytes.
struct Copied {
    database: u32,
    key_end: usize,
    value_end: usize,
    expire_at_ms: Option<i64>,
}

/// A walk over a snapshot.
pub struct SnapshotWalk {
    node: Arc<Shared<Node>>,
    data_set: u64,
    counts: Vec<DatabaseCount>,
    database: Option<u32>,
    bytes: Vec<u8>,
    copied: Vec<Copied>,
    is_over: bool,
    /// Entries written so far.
    pub keys_done: u64,
    /// Entries of the snapshot.
    pub keys_total: u64,
}

impl SnapshotWalk {
    /// Takes the snapshot: the data set as it is now, for a walk that goes on without the lock.
    pub fn begin(node: &mut Node, shared: &Arc<Shared<Node>>) -> Result<SnapshotWalk, WalkError> {
        node.keyspace.begin_snapshot().map_err(|_| WalkError::Busy)?;
        let counts = node.keyspace.snapshot_counts().to_vec();
        let keys_total = counts.iter().map(|count| count.keys).sum();
        Ok(SnapshotWalk {
            node: Arc::clone(shared),
            data_set: node.engine.health.data_set,
            counts,
            database: None,
            bytes: Vec::new(),
            copied: Vec::new(),
            is_over: false,
            keys_done: 0,
            keys_total,
        })
    }

    /// Encodes the next slice. Returns whether more is to come.
    pub fn encode_slice(&mut self, encoder: &mut Encoder) -> Result<bool, WalkError> {
        let node = Arc::clone(&self.node);
        let more = self.copy_slice(&mut node.lock())?;
        self.encode_copied(encoder);
        Ok(more)
    }

    /// Encodes everything that is left while the lock is held (SAVE, shutdown).
    pub fn encode_all(
        &mut self,
        node: &mut Node,
        encoder: &mut Encoder,
        mut drain: impl FnMut(&mut Encoder) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        loop {
            let more = self.copy_slice(node).map_err(std::io::Error::other)?;
            self.encode_copied(encoder);
            if let Err(error) = drain(encoder) {
                self.is_over = true;
                node.keyspace.cancel_snapshot();
                return Err(error);
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn copy_slice(&mut self, node: &mut Node) -> Result<bool, WalkError> {
        self.bytes.clear();
        self.copied.clear();
        if node.engine.health.data_set != self.data_set || !node.keyspace.is_snapshot_running() {
            self.is_over = true;
            return Err(WalkError::Aborted);
        }
        let (bytes, copied) = (&mut self.bytes, &mut self.copied);
        let mut finished = false;
        while !finished && copied.len() < SLICE_ENTRIES && bytes.len() < SLICE_BYTES {
            let step = SLICE_ENTRIES.min(32);
            finished = node.keyspace.snapshot_step(step, &mut |entry| {
                let SnapshotValue::String(value) = entry.value;
                bytes.extend_from_slice(entry.key);
                let key_end = bytes.len();
                bytes.extend_from_slice(value);
                let value_end = bytes.len();
                let (database, expire_at_ms) = (entry.database, entry.expire_at_ms);
                copied.push(Copied { database, key_end, value_end, expire_at_ms });
            });
        }
        self.is_over = finished;
        Ok(!finished)
    }

    fn encode_copied(&mut self, encoder: &mut Encoder) {
        let mut start = 0;
        for entry in &self.copied {
            if self.database != Some(entry.database) {
                self.database = Some(entry.database);
                let count = self.counts.iter().find(|count| count.database == entry.database);
                let (keys, expires) = count.map_or((0, 0), |count| (count.keys, count.expires));
                encoder.select_db(entry.database, keys, expires);
            }
            let key = &self.bytes[start..entry.key_end];
            let value = &self.bytes[entry.key_end..entry.value_end];
            encoder.string_entry(key, value, entry.expire_at_ms);
            start = entry.value_end;
        }
        self.keys_done += self.copied.len() as u64;
        self.copied.clear();
        if self.bytes.capacity() > 4 * SLICE_BYTES {
            self.bytes = Vec::new();
        }
    }
}

impl Drop for SnapshotWalk {
    fn drop(&mut self) {
        if !self.is_over {
            let mut node = self.node.lock();
            if node.engine.health.data_set == self.data_set {
                node.keyspace.cancel_snapshot();
            }
        }
    }
}

/// The encoder for a file or a copy as the configuration wants it, its header written.
pub fn encoder_with_header(node: &Node, is_append_only_base: bool) -> Encoder {
    let snapshotting = &node.engine.config.snapshotting;
    let mut encoder = Encoder::new(EncoderOptions {
        compress: snapshotting.rdbcompression,
        checksum: snapshotting.rdbchecksum,
        ..EncoderOptions::default()
    });
    let propagation = &node.engine.propagation;
    let seconds = (node.engine.clock.wall_ms / 1000).to_string();
    let used = node.engine.process.used_bytes.to_string();
    let offset = propagation.end().to_string();
    let id = propagation.history.id.to_string();
    let base: &[u8] = if is_append_only_base { b"1" } else { b"0" };
    encoder.header(&[
        (b"redis-ver", engine::REDIS_VERSION.as_bytes()),
        (b"redis-bits", b"64"),
        (b"ctime", seconds.as_bytes()),
        (b"used-mem", used.as_bytes()),
        (b"repl-id", id.as_bytes()),
        (b"repl-offset", offset.as_bytes()),
        (b"aof-base", base),
    ]);
    encoder
}
