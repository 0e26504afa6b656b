//! Counters and sizes that INFO and DEBUG HTSTATS report.

use crate::directory::Directory;
use crate::keyspace::Keyspace;
use crate::segment::{BUCKET_SLOTS, Segment};

/// Counters since the start or the last CONFIG RESETSTAT.
#[derive(Clone, Copy, Default, Debug)]
pub struct Statistics {
    /// Reads that found their key.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Expired keys removed because a command met them.
    pub expired_lazily: u64,
    /// Expired keys removed by the expiry cycle.
    pub expired_actively: u64,
    /// Keys removed to make room.
    pub evicted: u64,
    /// Fields of hashes removed because their time had come.
    pub expired_fields: u64,
    /// Expiry cycles that stopped because their budget was used up.
    pub expiry_budget_exhausted: u64,
    /// Running estimate of the share of keys with an expiry that are past it, 0 to 1.
    pub stale_fraction: f64,
}

impl Statistics {
    /// All expired keys that were removed: INFO's `expired_keys`.
    pub fn expired(&self) -> u64 {
        self.expired_lazily + self.expired_actively
    }
}

/// The shape of one database's table.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct TableStatistics {
    /// Keys.
    pub keys: usize,
    /// Segments.
    pub segments: usize,
    /// Buckets of all segments.
    pub buckets: usize,
    /// Slots of all buckets.
    pub slots: usize,
    /// Keys per slot, 0 to 1.
    pub load: f64,
    /// Entries in the fullest segment.
    pub largest_segment: usize,
    /// Bytes of the directory and its segments, without the entries.
    pub overhead_bytes: usize,
}

impl Keyspace {
    /// The counters.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Sets the counters back, for CONFIG RESETSTAT.
    pub fn reset_statistics(&mut self) {
        self.statistics = Statistics::default();
    }

    /// Bytes of the tables of all databases, without the entries.
    pub fn overhead_bytes(&self) -> usize {
        self.databases.iter().map(|database| database.entries.overhead_bytes()).sum()
    }

    /// The shape of a database's table.
    pub fn table_statistics(&self, database: u32) -> TableStatistics {
        self.entries(database).map_or_else(TableStatistics::default, describe)
    }
}

fn describe(entries: &Directory) -> TableStatistics {
    let buckets: usize = entries.segments().map(Segment::bucket_count).sum();
    let slots = buckets * BUCKET_SLOTS;
    TableStatistics {
        keys: entries.len(),
        segments: entries.segments().count(),
        buckets,
        slots,
        load: if slots == 0 { 0.0 } else { entries.len() as f64 / slots as f64 },
        largest_segment: entries.segments().map(Segment::len).max().unwrap_or(0),
        overhead_bytes: entries.overhead_bytes(),
    }
}
