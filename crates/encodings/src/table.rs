//! The hash table of large sets and hashes: byte strings, with or without values, some with an expiry.
//!
//! Entries lie packed in segments of a few kilobytes, sorted by hash; a directory of counted
//! references finds the segment. So an entry costs about ten bytes more than its texts, a clone costs next to nothing and
//! a write after it copies one segment, and SCAN's cursor is a position in the order of hashes.

use crate::directory::Directory;
use crate::seed;

mod ahead;
mod arena;
mod outside;
mod rebuild;
mod record;
mod segment;
mod walk;

pub use ahead::Ahead;
use record::record_bytes;
use segment::Segment;

/// Entries a segment will about hold, for `reserve`.
const RESERVED_PER_SEGMENT: usize = 160;

/// Members without values.
pub type Set = Table<false>;
/// Fields with values.
pub type Map = Table<true>;

/// A hash table; `VALUES` tells whether its entries have values.
#[derive(Clone, Default)]
pub struct Table<const VALUES: bool> {
    directory: Directory<Segment<VALUES>>,
    len: usize,
    expiring: usize,
}

/// An entry as it lies in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The member or field.
    pub key: &'a [u8],
    /// The value, empty in a set.
    pub value: &'a [u8],
    /// When it expires, in milliseconds of Unix time.
    pub expire_at_ms: Option<i64>,
}

/// What becomes of the expiry of an entry that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The one that it has, if any.
    Keep,
    /// None.
    Clear,
    /// This one, in milliseconds of Unix time.
    At(i64),
}

impl Expiry {
    fn after(self, before_ms: Option<i64>) -> Option<i64> {
        match self {
            Expiry::Keep => before_ms,
            Expiry::Clear => None,
            Expiry::At(at_ms) => Some(at_ms),
        }
    }
}

impl<const VALUES: bool> Table<VALUES> {
    /// An empty table, which takes nothing of the heap.
    pub fn new() -> Table<VALUES> {
        Table::default()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many entries have an expiry.
    pub fn expiring(&self) -> usize {
        self.expiring
    }

    /// The entry of a key.
    #[inline]
    pub fn get(&self, key: &[u8]) -> Option<Entry<'_>> {
        let hash = seed::hash(key);
        let segment = self.directory.segment(hash)?;
        Some(segment.entry(segment.find(hash, key)?))
    }

    /// Whether a key is there.
    #[inline]
    pub fn contains(&self, key: &[u8]) -> bool {
        let hash = seed::hash(key);
        self.directory.segment(hash).is_some_and(|segment| segment.find(hash, key).is_some())
    }

    /// Writes an entry; true if its key is new.
    fn put(&mut self, key: &[u8], value: &[u8], expiry: Expiry) -> bool {
        let hash = seed::hash(key);
        let bytes = record_bytes(key, value);
        loop {
            let segment = self.directory.segment(hash);
            let found = segment.and_then(|segment| segment.find(hash, key));
            if segment.is_some_and(|segment| !segment.has_room(bytes, found))
                && self.directory.can_split(hash)
            {
                self.directory.split(hash);
                continue;
            }
            let before = found.and_then(|at| Some(segment?.entry(at)));
            let before_ms = before.and_then(|entry| entry.expire_at_ms);
            let after_ms = expiry.after(before_ms);
            // What stays as it is must not be copied for it.
            if before.is_some_and(|entry| entry.value == value && before_ms == after_ms) {
                return false;
            }
            self.directory.change(hash, |segment| match found {
                Some(at) => segment.replace(at, value, after_ms),
                None => segment.insert(hash, key, value, after_ms),
            });
            self.len += usize::from(found.is_none());
            self.expiring += usize::from(after_ms.is_some());
            self.expiring -= usize::from(before_ms.is_some());
            return found.is_none();
        }
    }

    /// Takes an entry out; false if there was none.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let hash = seed::hash(key);
        let Some(segment) = self.directory.segment(hash) else { return false };
        let Some(at) = segment.find(hash, key) else { return false };
        self.len -= 1;
        self.expiring -= usize::from(segment.entry(at).expire_at_ms.is_some());
        if self.len == 0 {
            self.directory = Directory::default();
            return true;
        }
        // Merging looks at the neighbour too: not at every single removal.
        let may_merge = self.directory.change(hash, |segment| {
            segment.remove(at);
            segment.is_sparse() && segment.len().is_multiple_of(8)
        });
        if may_merge {
            self.directory.shrink(hash);
        }
        true
    }

    /// Gives an entry an expiry in milliseconds of Unix time, or takes it away; false if there is no such entry.
    pub fn set_expiry(&mut self, key: &[u8], expire_at_ms: Option<i64>) -> bool {
        let hash = seed::hash(key);
        loop {
            let Some(segment) = self.directory.segment(hash) else { return false };
            let Some(at) = segment.find(hash, key) else { return false };
            let before_ms = segment.entry(at).expire_at_ms;
            if before_ms == expire_at_ms {
                return true;
            }
            let bytes = record_bytes(key, segment.entry(at).value);
            if !segment.has_room(bytes, Some(at)) && self.directory.can_split(hash) {
                self.directory.split(hash);
                continue;
            }
            self.directory.change(hash, |segment| segment.set_expiry(at, expire_at_ms));
            self.expiring += usize::from(expire_at_ms.is_some());
            self.expiring -= usize::from(before_ms.is_some());
            return true;
        }
    }

    /// Prepares an empty table for about so many entries. Only a part of what is claimed is believed.
    pub fn reserve(&mut self, entries: usize) {
        self.directory.reserve(entries.div_ceil(RESERVED_PER_SEGMENT));
    }

    /// Bytes of the heap, about, as if no clone shared them.
    pub fn allocated_bytes(&self) -> usize {
        self.directory.allocated_bytes()
    }
}

impl Set {
    /// Puts a member in; true if it is new.
    pub fn insert(&mut self, member: &[u8]) -> bool {
        self.put(member, b"", Expiry::Clear)
    }
}

impl Map {
    /// Gives a field a value; true if the field is new.
    pub fn insert(&mut self, field: &[u8], value: &[u8], expiry: Expiry) -> bool {
        self.put(field, value, expiry)
    }

    /// Takes a field out; returns its value and expiry in milliseconds of Unix time.
    pub fn take(&mut self, field: &[u8]) -> Option<(Vec<u8>, Option<i64>)> {
        let entry = self.get(field)?;
        let taken = (entry.value.to_vec(), entry.expire_at_ms);
        self.remove(field);
        Some(taken)
    }
}

impl<const VALUES: bool> std::fmt::Debug for Table<VALUES> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
