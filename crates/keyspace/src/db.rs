//! One database: its entries and what is known of them.

use std::any::Any;

use crate::directory::{Directory, Place};
use crate::entry::{Entry, EntryRef};
use crate::field_expiry::FieldExpiries;
use crate::sizes::Sizes;

/// A database of the keyspace.
#[derive(Default)]
pub(crate) struct Database {
    pub(crate) entries: Directory,
    /// The keys with fields that expire.
    pub(crate) field_expiries: FieldExpiries,
    /// How large the values are.
    pub(crate) sizes: Sizes,
    /// The number that this table had when the running snapshot began; `None` when it holds nothing for it.
    pub(crate) snapshot_number: Option<u32>,
    /// Mean time to live of the keys with an expiry as the expiry cycle meets them, in milliseconds.
    pub(crate) average_ttl_ms: i64,
}

impl Database {
    /// Takes an entry into the books.
    #[inline]
    pub(crate) fn note_arrival(&mut self, entry: EntryRef<'_>) {
        self.field_expiries.note_arrival(entry);
        self.sizes.note_arrival(entry);
    }

    /// Takes the entry at a place out of the books.
    #[inline]
    pub(crate) fn note_departure(&mut self, place: Place) {
        let entry = self.entries.entry(place);
        self.field_expiries.note_departure(entry);
        self.sizes.note_departure(entry);
    }
}

/// What has left the keyspace, to be dropped here or on another thread: tables cut off by FLUSHDB or FLUSHALL, and large
/// entries.
#[derive(Default)]
pub struct Detached {
    pub(crate) tables: Vec<Directory>,
    pub(crate) entries: Vec<Entry>,
    /// What collections have lost that are still there.
    pub(crate) parts: Vec<Box<dyn Any + Send + Sync>>,
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
        self.tables.is_empty() && self.entries.is_empty() && self.parts.is_empty()
    }
}
