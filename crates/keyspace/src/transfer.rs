//! Entries that go from key to key or database to database: GETDEL, RENAME, MOVE, COPY, RESTORE.

use crate::access::Keys;
use crate::entry::{Entry, EntryRef, Stamp};

/// An entry taken out of the keyspace.
pub struct OwnedEntry {
    entry: Entry,
}

impl OwnedEntry {
    /// What it holds: key, value, expiry.
    pub fn view(&self) -> EntryRef<'_> {
        self.entry.view()
    }
}

impl Keys<'_> {
    /// Takes a key out with its value and expiry.
    pub fn take(&mut self, key: &[u8]) -> Option<OwnedEntry> {
        let (hash, place) = self.place(key);
        let place = place?;
        self.keyspace.before_change(self.view.database, place);
        let entry = self.keyspace.take_out(self.view.database, hash, place);
        Some(OwnedEntry { entry })
    }

    /// Puts an entry under `key`, over whatever the key held. Without a copy when it had the same key before.
    pub fn insert_owned(&mut self, key: &[u8], owned: OwnedEntry) {
        let stamp = self.keyspace.stamp(owned.view().access_clock());
        let mut entry = owned.entry;
        if entry.view().key() == key {
            entry.restamp(stamp);
        } else {
            entry = Entry::copy_of(entry.view(), key, entry.view().expire_at_ms(), stamp);
        }
        self.put_entry(key, entry);
    }

    fn put_entry(&mut self, key: &[u8], entry: Entry) {
        let (hash, place) = self.place_to_write(key);
        match place {
            Some(place) => self.keyspace.replace(self.view.database, place, entry),
            None => self.insert_entry(hash, entry),
        }
    }

    /// Gives a key another name, over whatever that held; expiry goes along. False when `from` is absent.
    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> bool {
        if from == to {
            return self.peek(from).is_some();
        }
        let Some(owned) = self.take(from) else { return false };
        self.insert_owned(to, owned);
        true
    }

    /// Copies a key, expiry included, over whatever `to` held in `database`. False when `from` is absent.
    ///
    /// # Panics
    /// When the database does not exist.
    pub fn copy(&mut self, from: &[u8], database: u32, to: &[u8]) -> bool {
        let (epoch, clock) = (self.keyspace.snapshot.epoch(), self.clock());
        let Some(source) = self.peek(from) else { return false };
        let entry = Entry::copy_of(source, to, source.expire_at_ms(), Stamp { epoch, clock });
        self.in_database(database).put_entry(to, entry);
        true
    }

    /// Moves a key to another database where it must be absent. False when it is not there, or there already.
    ///
    /// # Panics
    /// When the database does not exist.
    pub fn move_to(&mut self, key: &[u8], database: u32) -> bool {
        if self.peek(key).is_none() || self.in_database(database).peek(key).is_some() {
            return false;
        }
        let Some(owned) = self.take(key) else { return false };
        self.in_database(database).insert_owned(key, owned);
        true
    }
}

#[cfg(test)]
mod tests;
