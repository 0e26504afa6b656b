//! Strings of the current database: setting, growing, changing in place.

use crate::access::Keys;
use crate::directory::Place;
use crate::entry::{Entry, Stamp};
use crate::event::Event;
use datatypes::types::{Type, WrongType};

/// What becomes of a key's expiry when its value is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewExpiry {
    /// It stays as it was (KEEPTTL, INCR).
    Keep,
    /// The key no longer expires.
    Clear,
    /// The key expires at this time, in milliseconds since 1970.
    At(i64),
}

impl Keys<'_> {
    /// Creates a string or overwrites whatever the key held; true when the key is new.
    pub fn set_string(&mut self, key: &[u8], value: &[u8], expiry: NewExpiry) -> bool {
        self.set_string_of(self.hash_of(key), key, value, expiry)
    }

    /// The same for a key whose hash is known.
    #[inline]
    pub(crate) fn set_string_of(&mut self, hash: u64, key: &[u8], value: &[u8], expiry: NewExpiry) -> bool {
        let Some(place) = self.place_to_write_of(hash, key) else {
            let expire_at_ms = if let NewExpiry::At(at) = expiry { Some(at) } else { None };
            self.insert_string(hash, key, value, expire_at_ms);
            return true;
        };
        self.overwrite(place, key, value, expiry);
        false
    }

    fn insert_string(&mut self, hash: u64, key: &[u8], value: &[u8], expire_at_ms: Option<i64>) {
        let entry = Entry::string(key, value, expire_at_ms, self.keyspace.stamp(self.clock()));
        self.insert_entry(hash, entry);
    }

    pub(crate) fn insert_entry(&mut self, hash: u64, entry: Entry) {
        self.keyspace.changes.record(self.view.database, entry.view().key(), Event::NEW);
        self.keyspace.insert(self.view.database, hash, entry);
    }

    fn overwrite(&mut self, place: Place, key: &[u8], value: &[u8], expiry: NewExpiry) {
        let database = self.view.database;
        let stamp = self.keyspace.stamp_after_use(database, place, self.clock());
        let table = self.keyspace.database_mut(database);
        let before = table.entries.entry(place).element_count();
        let expire_at_ms = match expiry {
            NewExpiry::Keep => table.entries.entry(place).expire_at_ms(),
            NewExpiry::Clear => None,
            NewExpiry::At(at) => Some(at),
        };
        if table.entries.overwrite_string(place, value, expire_at_ms, stamp) {
            table.sizes.note_change(Type::String, before, value.len());
        } else {
            self.keyspace.replace(database, place, Entry::string(key, value, expire_at_ms, stamp));
        }
    }

    /// Puts what `update` makes of a string, or of none, in its place, and keeps the expiry (INCR): with one look for the
    /// key, and without a new allocation where the value takes the same room.
    #[inline]
    pub fn update_string<T: AsRef<[u8]>, E: From<WrongType>>(
        &mut self,
        key: &[u8],
        update: impl FnOnce(Option<&[u8]>) -> Result<T, E>,
    ) -> Result<(), E> {
        let (hash, place) = self.place_to_write(key);
        let Some(place) = place else {
            self.insert_string(hash, key, update(None)?.as_ref(), None);
            return Ok(());
        };
        let (database, clock) = (self.view.database, self.clock());
        let old = self.keyspace.entries_mut(database).entry(place).string();
        match old.ok_or(WrongType.into()).and_then(|old| update(Some(old))) {
            Ok(new) => {
                self.overwrite(place, key, new.as_ref(), NewExpiry::Keep);
                Ok(())
            }
            Err(error) => {
                // It was looked at all the same.
                self.keyspace.touch(database, place, clock);
                Err(error)
            }
        }
    }

    /// Sets the text of a number (INCRBYFLOAT), which keeps its expiry: it counts as text from now on.
    pub fn set_number_text(&mut self, key: &[u8], text: &[u8]) {
        self.set_string(key, text, NewExpiry::Keep);
        let database = self.view.database;
        if let (_, Some(place)) = self.place(key) {
            self.keyspace.entries_mut(database).change(place, |entry| entry.set_text(true));
        }
    }

    /// Appends to a string, which is created when absent; returns its new length.
    pub fn append(&mut self, key: &[u8], bytes: &[u8]) -> Result<usize, WrongType> {
        let (hash, place) = self.place_to_write(key);
        let Some(place) = place else {
            self.insert_string(hash, key, bytes, None);
            return Ok(bytes.len());
        };
        let old = self.keyspace.entries_mut(self.view.database).entry(place);
        let offset = old.string().ok_or(WrongType)?.len();
        Ok(self.write_at(place, offset, bytes))
    }

    /// Writes `bytes` at `offset` of a string, which is created when absent; a gap is filled with zeros. Returns the new
    /// length. Writing nothing changes nothing, and creates nothing.
    pub fn set_range(&mut self, key: &[u8], offset: usize, bytes: &[u8]) -> Result<usize, WrongType> {
        let (hash, place) = self.place_to_write(key);
        let Some(place) = place else {
            if bytes.is_empty() {
                return Ok(0);
            }
            self.insert_string(hash, key, &[], None);
            return self.set_range(key, offset, bytes);
        };
        let old = self.keyspace.entries_mut(self.view.database).entry(place);
        let length = old.string().ok_or(WrongType)?.len();
        if bytes.is_empty() { Ok(length) } else { Ok(self.write_at(place, offset, bytes)) }
    }

    /// Makes a string at least `len` bytes long, zeros at its end, and counts it as grown; it is created when absent.
    /// Returns the length before, none of a new one.
    pub fn extend_string(&mut self, key: &[u8], len: usize) -> Result<Option<usize>, WrongType> {
        let (hash, place) = self.place_to_write(key);
        let Some(place) = place else {
            self.insert_string(hash, key, &[], None);
            self.extend_string(key, len)?;
            return Ok(None);
        };
        let old = self.keyspace.entries_mut(self.view.database).entry(place);
        let length = old.string().ok_or(WrongType)?.len();
        self.write_at(place, length.max(len), &[]);
        Ok(Some(length))
    }

    /// The bytes of a string, to be changed where they lie; it counts as grown.
    pub fn string_mut(&mut self, key: &[u8]) -> Result<Option<&mut [u8]>, WrongType> {
        let (_, place) = self.place_to_write(key);
        let Some(place) = place else { return Ok(None) };
        let (database, clock) = (self.view.database, self.clock());
        self.keyspace.touch(database, place, clock).string().ok_or(WrongType)?;
        self.keyspace.before_change(database, place);
        Ok(self.keyspace.entries_mut(database).string_mut(place))
    }

    /// As [`set_string`](Keys::set_string), but the string counts as grown: the result of commands that work on bytes.
    pub fn set_grown_string(&mut self, key: &[u8], value: &[u8], expiry: NewExpiry) -> bool {
        let is_new = self.set_string(key, value, expiry);
        let marked = self.string_mut(key);
        debug_assert!(matches!(marked, Ok(Some(_))), "it was just set");
        is_new
    }

    fn write_at(&mut self, place: Place, offset: usize, bytes: &[u8]) -> usize {
        let (database, clock) = (self.view.database, self.clock());
        self.keyspace.before_change(database, place);
        self.keyspace.touch(database, place, clock);
        let table = self.keyspace.database_mut(database);
        let before = table.entries.entry(place).element_count();
        let after = table.entries.change(place, |entry| entry.write_at(offset, bytes));
        table.sizes.note_change(Type::String, before, after);
        after
    }

    pub(crate) fn set_expiry_at(&mut self, place: Place, expire_at_ms: Option<i64>) {
        let (database, epoch) = (self.view.database, self.keyspace.snapshot.epoch());
        let entries = self.keyspace.entries_mut(database);
        if entries.entry(place).epoch() == epoch
            && entries.change(place, |entry| entry.set_expiry_in_place(expire_at_ms))
        {
            return;
        }
        let old = entries.entry(place);
        let clock = old.access_clock();
        let stamp = Stamp { epoch, clock };
        let entry = Entry::copy_of(old, old.key(), expire_at_ms, stamp);
        self.keyspace.replace(database, place, entry);
    }
}

#[cfg(test)]
mod tests;
