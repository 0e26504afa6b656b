//! Fields of hashes that expire: which keys have such fields, in the order in which they are due, and their removal.
//!
//! A database keeps each of these keys once, under the time of its next field. Whatever puts an entry in, takes one out or
//! changes a hash tells the index; so the expiry cycle touches what is due and nothing else.

use std::collections::BTreeSet;

use datatypes::hash::Hash;
use datatypes::types::Type;

use crate::access::{ExpiryMode, Keys};
use crate::directory::Place;
use crate::entry::EntryRef;
use crate::event::Event;
use crate::keyspace::Keyspace;

/// Fields that a command removes at most when it meets a hash; it does not see the others, and the cycle removes them.
const REMOVED_WHEN_MET: usize = 64;
/// Fields of one hash that the cycle removes before it looks at the next key.
const REMOVED_AT_ONCE: usize = 256;

/// The keys of a database that have expiring fields, by the time of the next.
#[derive(Default)]
pub(crate) struct FieldExpiries {
    due: BTreeSet<(i64, Box<[u8]>)>,
}

impl FieldExpiries {
    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// Notes that the next field of a key is due at another time than before.
    pub(crate) fn note(&mut self, key: &[u8], before_ms: Option<i64>, after_ms: Option<i64>) {
        if before_ms == after_ms {
            return;
        }
        if let Some(at_ms) = before_ms {
            let was_there = self.due.remove(&(at_ms, key.into()));
            debug_assert!(was_there, "the index knows every hash with expiring fields");
        }
        if let Some(at_ms) = after_ms {
            self.due.insert((at_ms, key.into()));
        }
    }

    /// Notes that an entry came into the database.
    #[inline]
    pub(crate) fn note_arrival(&mut self, entry: EntryRef<'_>) {
        if let Some(at_ms) = nearest_ms(entry) {
            self.note(entry.key(), None, Some(at_ms));
        }
    }

    /// Notes that an entry left the database.
    #[inline]
    pub(crate) fn note_departure(&mut self, entry: EntryRef<'_>) {
        if !self.is_empty()
            && let Some(at_ms) = nearest_ms(entry)
        {
            self.note(entry.key(), Some(at_ms), None);
        }
    }

    /// The key whose field is due first, if that was before `now_ms`.
    fn first_due(&self, now_ms: i64) -> Option<&[u8]> {
        self.due.first().filter(|(at_ms, _)| *at_ms < now_ms).map(|(_, key)| &**key)
    }
}

/// When the next field of an entry expires, if it is a hash with such fields.
#[inline]
fn nearest_ms(entry: EntryRef<'_>) -> Option<i64> {
    use datatypes::collection::Collection;
    entry.collection::<Hash>()?.nearest_expiry_ms()
}

impl Keyspace {
    /// Number of keys with expiring fields: INFO's `subexpiry`.
    pub fn field_expires_len(&self, database: u32) -> usize {
        self.databases.get(database as usize).map_or(0, |database| database.field_expiries.len())
    }

    /// Whether any hash has a field that expires: such a data set does not fit files of before Redis 7.4.
    pub fn has_field_expiries(&self) -> bool {
        self.databases.iter().any(|database| !database.field_expiries.is_empty())
    }

    /// Removes up to `most` fields whose time has come, and the keys that are left without fields. They are recorded in
    /// [`crate::Changes::removed_fields`]. Returns how many fields there were.
    pub fn expire_fields(&mut self, now_ms: i64, most: usize) -> usize {
        let mut removed = 0;
        for database in 0..self.database_count() {
            while removed < most
                && let Some(key) = self.databases[database as usize].field_expiries.first_due(now_ms)
            {
                let hash = self.hash(key);
                let place = self.databases[database as usize].entries.find(hash, key);
                let place = place.expect("a key leaves the index with its database");
                let at_once = REMOVED_AT_ONCE.min(most - removed);
                removed += self.remove_expired_fields(database, (hash, place), now_ms, at_once);
            }
        }
        removed
    }

    /// Removes expired fields of the hash at a place, and the key if none is left. Returns how many there were.
    fn remove_expired_fields(&mut self, database: u32, at: (u64, Place), now_ms: i64, most: usize) -> usize {
        let (hash, place) = at;
        self.before_change(database, place);
        let Keyspace { databases, changes, .. } = self;
        let table = &mut databases[database as usize];
        let key = table.entries.entry(place).key().to_vec();
        let before_ms = nearest_ms(table.entries.entry(place));
        let fields = table.entries.collection_mut::<Hash>(place).expect("the type was looked at");
        let before = fields.len();
        let removed = fields.remove_expired(now_ms, most, &mut |name| {
            changes.removed_fields.push_field(database, &key, name);
        });
        let entry = table.entries.entry(place);
        table.field_expiries.note(&key, before_ms, nearest_ms(entry));
        table.sizes.note_change(Type::Hash, before, entry.element_count());
        let is_empty = table.entries.entry(place).collection::<Hash>().is_some_and(Hash::is_empty);
        if removed > 0 {
            self.statistics.expired_fields += removed as u64;
            self.changes.record(database, &key, Event::HEXPIRED);
        }
        if is_empty {
            self.changes.record(database, &key, Event::DEL);
            self.discard(database, hash, place);
        }
        removed
    }
}

impl Keys<'_> {
    /// The time by which fields have expired for this view: on the stream of a primary or a file, none has.
    pub(crate) fn fields_now_ms(&self) -> i64 {
        if self.view.expiry == ExpiryMode::Ignore { i64::MIN } else { self.view.now_ms }
    }

    /// Removes what has expired of a hash that a command is about to look at, where that is ours to decide.
    #[inline]
    pub(crate) fn meet_expired_fields(&mut self, key: &[u8]) {
        let database = self.view.database;
        if self.view.expiry == ExpiryMode::Delete
            && !self.keyspace.databases[database as usize].field_expiries.is_empty()
        {
            self.remove_fields_met(key);
        }
    }

    #[cold]
    fn remove_fields_met(&mut self, key: &[u8]) {
        let (hash, Some(place)) = self.place(key) else { return };
        let (database, now_ms) = (self.view.database, self.view.now_ms);
        let entry = self.keyspace.databases[database as usize].entries.entry(place);
        if nearest_ms(entry).is_some_and(|at_ms| at_ms < now_ms) {
            self.keyspace.remove_expired_fields(database, (hash, place), now_ms, REMOVED_WHEN_MET);
        }
    }
}

#[cfg(test)]
mod tests;
