//! What was modified: recorded here, told to no one. The engine drains it while the locks are still held.

use crate::event::Event;

/// Records of (database, key, what), the keys side by side in one buffer.
#[derive(Debug)]
pub struct KeyList<T> {
    bytes: Vec<u8>,
    records: Vec<(u32, usize, T)>,
}

impl<T> Default for KeyList<T> {
    fn default() -> Self {
        KeyList { bytes: Vec::new(), records: Vec::new() }
    }
}

impl<T: Copy> KeyList<T> {
    pub(crate) fn push(&mut self, database: u32, key: &[u8], what: T) {
        self.bytes.extend_from_slice(key);
        self.records.push((database, self.bytes.len(), what));
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The records in their order: database, key, what.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8], T)> {
        self.records.iter().enumerate().map(|(index, &(database, end, what))| {
            let start = if index == 0 { 0 } else { self.records[index - 1].1 };
            (database, &self.bytes[start..end], what)
        })
    }

    /// Forgets the records and keeps the buffers for the next ones.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
    }
}

impl KeyList<NameLength> {
    /// Records a field together with its key.
    pub(crate) fn push_field(&mut self, database: u32, key: &[u8], name: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.push(database, name, NameLength(name.len()));
    }

    /// The fields in their order: database, key, name.
    pub fn fields(&self) -> impl Iterator<Item = (u32, &[u8], &[u8])> {
        self.iter().map(|(database, both, NameLength(length))| {
            let (key, name) = both.split_at(both.len() - length);
            (database, key, name)
        })
    }
}

/// How many bytes at the end of a record are the name of a field; the others are the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLength(usize);

/// Why the keyspace removed a key by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Its time had come.
    Expired,
    /// Memory was needed.
    Evicted,
}

/// What commands and the keyspace itself have changed since the engine last looked.
#[derive(Default, Debug)]
pub struct Changes {
    /// Changes since the last save, as INFO's `rdb_changes_since_last_save` counts them. The engine may set it back.
    pub dirty: u64,
    /// Whether anybody wants to know which keys were modified (WATCH, notifications, tracking, blocked clients). While
    /// false, `modified` is not filled.
    pub interest: bool,
    /// Whether reads that find nothing are recorded too (notification class `m`).
    pub interest_in_misses: bool,
    /// What happened to keys, while there is interest. May be swapped for another list.
    pub modified: KeyList<Event>,
    /// Keys that the keyspace removed by itself, always: to be propagated as DEL or UNLINK. Their events are in `modified`
    /// as well, in order among the others.
    pub removed: KeyList<Removal>,
    /// Fields of hashes that the keyspace removed because their time had come, always: to be propagated as HDEL.
    pub removed_fields: KeyList<NameLength>,
}

impl Changes {
    pub(crate) fn record_removal(&mut self, database: u32, key: &[u8], removal: Removal) {
        let event = match removal {
            Removal::Expired => Event::EXPIRED,
            Removal::Evicted => Event::EVICTED,
        };
        self.record(database, key, event);
        self.removed.push(database, key, removal);
    }

    #[inline]
    pub(crate) fn record(&mut self, database: u32, key: &[u8], event: Event) {
        if self.interest {
            self.modified.push(database, key, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_order() {
        let mut changes = Changes { interest: true, ..Changes::default() };
        changes.record(0, b"one", Event::SET);
        changes.record(3, b"", Event::DEL);
        changes.record(0, b"three", Event::APPEND);
        let seen: Vec<_> =
            changes.modified.iter().map(|(db, key, event)| (db, key.to_vec(), event.name)).collect();
        assert_eq!(
            seen,
            [(0, b"one".to_vec(), "set"), (3, Vec::new(), "del"), (0, b"three".to_vec(), "append")]
        );
        changes.modified.clear();
        changes.interest = false;
        changes.record(0, b"one", Event::SET);
        assert!(changes.modified.is_empty());
    }
}
