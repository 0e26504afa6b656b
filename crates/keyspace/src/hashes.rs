//! Hashes of the current database: what has expired of them is not seen, and removed where that is ours to decide.

use datatypes::hash::{Fields, Hash};
use datatypes::types::WrongType;

use crate::access::{ExpiryMode, Keys, Lookup};
use crate::collections::Edit;
use crate::event::Event;

impl<'a> Keys<'a> {
    /// A read of a hash: counts and touches.
    #[inline]
    pub fn hash(&mut self, key: &[u8]) -> Result<Option<Fields<'_>>, WrongType> {
        self.hash_for(key, Lookup::Read)
    }

    /// A hash, looked at in the given way.
    #[inline]
    pub fn hash_for(&mut self, key: &[u8], lookup: Lookup) -> Result<Option<Fields<'_>>, WrongType> {
        self.meet_expired_fields(key);
        let now_ms = self.fields_now_ms();
        Ok(self.collection::<Hash>(key, lookup)?.map(|hash| hash.at(now_ms)))
    }

    /// A hash to be changed, if the key is there.
    pub fn hash_mut(&mut self, key: &[u8]) -> Result<Option<Edit<'_, 'a, Hash>>, WrongType> {
        self.meet_expired_fields(key);
        self.edit(key)
    }

    /// A hash to be changed, created when the key is not there.
    #[inline]
    pub fn hash_or_create(&mut self, key: &[u8]) -> Result<Edit<'_, 'a, Hash>, WrongType> {
        self.meet_expired_fields(key);
        self.edit_or_create(key)
    }
}

impl Edit<'_, '_, Hash> {
    /// The hash as it is seen now.
    pub fn fields(&self) -> Fields<'_> {
        self.at(self.keys.fields_now_ms())
    }

    /// Removes a field that a command is about to change if its time has come. Replicas keep it until they are told, and
    /// must be told before they get the change.
    pub fn meet(&mut self, name: &[u8]) {
        let now_ms = self.keys.fields_now_ms();
        if self.expired_len(now_ms) == 0 || !self.get(name).is_some_and(|field| field.is_expired(now_ms)) {
            return;
        }
        self.remove(name);
        if self.keys.view.expiry == ExpiryMode::Delete {
            let database = self.keys.view.database;
            let keyspace = &mut *self.keys.keyspace;
            let key = keyspace.databases[database as usize].entries.entry(self.place).key();
            keyspace.changes.removed_fields.push_field(database, key, name);
            keyspace.statistics.expired_fields += 1;
            self.notify(Event::HEXPIRED);
        }
    }
}
