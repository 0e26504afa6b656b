//! Bulk loading: batches of keys, whose memory is asked for ahead.

use datatypes::collection::Value;

use crate::access::{ExpiryMode, Keys, View};
use crate::entry::{Entry, Stamp};
use crate::keyspace::Keyspace;
use crate::uses::KeyUse;

/// Keys that are hashed and prefetched together.
const BATCH: usize = 32;

/// A key to be loaded, with its string or its value of any type.
#[derive(Clone, Copy, Debug)]
pub struct LoadItem<'a, V = &'a [u8]> {
    /// The key.
    pub key: &'a [u8],
    /// What it holds.
    pub value: V,
    /// When it expires, in milliseconds since 1970.
    pub expire_at_ms: Option<i64>,
    /// How much it was used; as if it was made now when that is not known.
    pub used: Option<KeyUse>,
}

impl Keyspace {
    /// Sizes an empty database for so many keys, so that loading them splits nothing.
    pub fn reserve(&mut self, database: u32, keys: u64) {
        if let Some(database) = self.databases.get_mut(database as usize) {
            database.entries.reserve(keys);
        }
    }

    /// Puts in many strings, in their order: a key that is there already is overwritten. Returns how many were new.
    /// Nothing is recorded as a change.
    ///
    /// # Panics
    /// When the database does not exist.
    pub fn load_batch(&mut self, database: u32, items: &[LoadItem<'_>], now_ms: i64) -> usize {
        let mut keys = self.keys(View { database, now_ms, expiry: ExpiryMode::Ignore, touch: false });
        items.chunks(BATCH).map(|batch| keys.load(batch)).sum()
    }

    /// Puts in a key, its value and its expiry, over whatever the key held. Returns whether it was new. Nothing is
    /// recorded as a change.
    ///
    /// # Panics
    /// When the database does not exist.
    pub fn load_value(&mut self, database: u32, item: LoadItem<'_, Value>, now_ms: i64) -> bool {
        let LoadItem { key, value, expire_at_ms, used } = item;
        let hash = self.hash(key);
        let entry = Entry::with_value(key, value, expire_at_ms, self.loaded_stamp(used, now_ms));
        let place = self.entries_mut(database).find(hash, key);
        match place {
            Some(place) => self.replace(database, place, entry),
            None => self.insert(database, hash, entry),
        }
        place.is_none()
    }

    fn loaded_stamp(&self, used: Option<KeyUse>, now_ms: i64) -> Stamp {
        let told = used.and_then(|told| self.uses.stamp_of(told, now_ms));
        self.stamp(told.unwrap_or_else(|| self.uses.of_new(now_ms)))
    }
}

impl Keys<'_> {
    fn load(&mut self, batch: &[LoadItem<'_>]) -> usize {
        let mut hashes = [0; BATCH];
        for (hash, item) in hashes.iter_mut().zip(batch) {
            *hash = self.keyspace.hash(item.key);
            self.keyspace.entries_mut(self.view.database).prefetch_segment(*hash);
        }
        for hash in &hashes[..batch.len()] {
            self.keyspace.prefetch_bucket(self.view.database, *hash);
        }
        let now_ms = self.view.now_ms;
        let mut new = 0;
        for (hash, item) in hashes.into_iter().zip(batch) {
            let stamp = self.keyspace.loaded_stamp(item.used, now_ms);
            let entry = Entry::string(item.key, item.value, item.expire_at_ms, stamp);
            match self.keyspace.entries_mut(self.view.database).find(hash, item.key) {
                Some(place) => self.keyspace.replace(self.view.database, place, entry),
                None => {
                    self.keyspace.insert(self.view.database, hash, entry);
                    new += 1;
                }
            }
        }
        new
    }
}
