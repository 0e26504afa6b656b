//! One database: its entries and what is known of them.

use crate::directory::Directory;
use crate::entry::Entry;
use crate::field_expiry::FieldExpiries;

/// A database of the keyspace.
#[derive(Default)]
pub(crate) struct Database {
    pub(crate) entries: Directory,
    /// The keys with fields that expire.
    pub(crate) field_expiries: FieldExpiries,
    /// The number that this table had when the running snapshot began; `None` when it holds nothing for it.
    pub(crate) snapshot_number: Option<u32>,
    /// Mean time to live of the keys with an expiry as the expiry cycle meets them, in milliseconds.
    pub(crate) average_ttl_ms: i64,
}

/// What has left the keyspace, to be dropped here or on another thread: tables cut off by FLUSHDB or FLUSHALL, and large
/// entries.
#[derive(Default)]
pub struct Detached {
    pub(crate) tables: Vec<Directory>,
    pub(crate) entries: Vec<Entry>,
}

impl Detached {
    /// Keys that dropping this frees.
    pub fn keys(&self) -> usize {
        self.tables.iter().map(Directory::len).sum::<usize>() + self.entries.len()
    }

    /// Memory of the entries among them, in bytes. That of the tables is not known.
    pub fn entry_bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.view().allocated_bytes()).sum()
    }

    /// Whether dropping this frees nothing.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.entries.is_empty()
    }
}
