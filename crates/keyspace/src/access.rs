//! What a running command sees of the keyspace: one current database, a fixed time, a rule for expired keys.

use crate::changes::Removal;
use crate::directory::Place;
use crate::entry::EntryRef;
use crate::event::Event;
use crate::keyspace::Keyspace;
use datatypes::types::{Type, WrongType};

/// What happens to a key past its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryMode {
    /// On a primary: it is removed when met, and recorded in [`crate::Changes::removed`].
    Delete,
    /// On a replica serving a client: it looks absent but stays until the primary deletes it.
    Hide,
    /// The stream from the primary, or loading: it is still there.
    Ignore,
}

/// How a key is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A read: counts as hit or miss and touches the access clock (GET).
    Read,
    /// A read that does not touch (EXISTS, TTL, TYPE, OBJECT).
    Quiet,
    /// Before a change: touches, and counts nothing (INCR, APPEND).
    Write,
    /// Neither counts nor touches.
    Peek,
}

/// With what eyes a command looks at the keyspace.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Number of the current database; it must exist.
    pub database: u32,
    /// The time of this turn, in milliseconds since 1970.
    pub now_ms: i64,
    /// The rule for expired keys.
    pub expiry: ExpiryMode,
    /// Whether reads set access clocks (false for CLIENT NO-TOUCH).
    pub touch: bool,
}

/// The keys of one database, for one command or one batch.
pub struct Keys<'a> {
    pub(crate) keyspace: &'a mut Keyspace,
    pub(crate) view: View,
    /// What an entry is stamped with that is made now.
    clock: u32,
    /// A key whose hash is known, by its very slice.
    remembered: Option<(&'a [u8], u64)>,
}

impl Keyspace {
    /// The keys as seen by a command.
    ///
    /// # Panics
    /// When the database does not exist.
    pub fn keys(&mut self, view: View) -> Keys<'_> {
        assert!(view.database < self.database_count(), "the database exists");
        let clock = self.uses.of_new(view.now_ms);
        Keys { keyspace: self, view, clock, remembered: None }
    }
}

impl<'a> Keys<'a> {
    /// The number of the current database.
    pub fn database(&self) -> u32 {
        self.view.database
    }

    /// The same view of another database.
    ///
    /// # Panics
    /// When the database does not exist: commands check the number against [`Keys::database_count`] first.
    pub fn in_database(&mut self, database: u32) -> Keys<'_> {
        assert!(database < self.keyspace.database_count(), "the database exists");
        let view = View { database, ..self.view };
        Keys { keyspace: self.keyspace, view, clock: self.clock, remembered: self.remembered }
    }

    /// The same view, in which expired keys look absent and stay where they are.
    pub fn leaving_expired(&mut self) -> Keys<'_> {
        let expiry = if self.view.expiry == ExpiryMode::Delete { ExpiryMode::Hide } else { self.view.expiry };
        let view = View { expiry, ..self.view };
        Keys { keyspace: self.keyspace, view, clock: self.clock, remembered: self.remembered }
    }

    /// How many databases there are.
    pub fn database_count(&self) -> u32 {
        self.keyspace.database_count()
    }

    /// The time of this turn, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.view.now_ms
    }

    /// The rule for expired keys.
    pub fn expiry_mode(&self) -> ExpiryMode {
        self.view.expiry
    }

    /// The whole keyspace, for what concerns all of it (flushing, swapping, statistics).
    pub fn keyspace(&mut self) -> &mut Keyspace {
        self.keyspace
    }

    /// Keeps a hash that was computed when the key was prefetched: it is not computed again for this very slice. The
    /// last one is kept.
    pub fn remember_hash(&mut self, key: &'a [u8], hash: u64) {
        debug_assert_eq!(hash, self.keyspace.hash(key), "the hash is this key's");
        self.remembered = Some((key, hash));
    }

    #[inline]
    pub(crate) fn hash_of(&self, key: &[u8]) -> u64 {
        match self.remembered {
            Some((known, hash)) if std::ptr::eq(known, key) => hash,
            _ => self.keyspace.hash(key),
        }
    }

    pub(crate) fn clock(&self) -> u32 {
        self.clock
    }

    /// Where a key lies, expired ones treated by the rule.
    #[inline(always)]
    pub(crate) fn place(&mut self, key: &[u8]) -> (u64, Option<Place>) {
        let hash = self.hash_of(key);
        (hash, self.place_of(hash, key))
    }

    /// As `place`, of a key whose hash is known.
    #[inline(always)]
    pub(crate) fn place_of(&mut self, hash: u64, key: &[u8]) -> Option<Place> {
        let entries = self.keyspace.entries_mut(self.view.database);
        let (place, entry) = entries.find_entry(hash, key)?;
        if !entry.is_expired(self.view.now_ms) {
            return Some(place);
        }
        self.meet_expired(hash, place)
    }

    #[cold]
    fn meet_expired(&mut self, hash: u64, place: Place) -> Option<Place> {
        match self.view.expiry {
            ExpiryMode::Ignore => Some(place),
            ExpiryMode::Hide => None,
            ExpiryMode::Delete => {
                self.keyspace.statistics.expired_lazily += 1;
                self.keyspace.remove_recorded(self.view.database, hash, place, Removal::Expired);
                None
            }
        }
    }

    /// As `place`, for a command that will write the key: a hidden one is removed to make room, which a writable
    /// replica needs.
    #[inline]
    pub(crate) fn place_to_write(&mut self, key: &[u8]) -> (u64, Option<Place>) {
        let hash = self.hash_of(key);
        (hash, self.place_to_write_of(hash, key))
    }

    /// As `place_to_write`, of a key whose hash is known.
    #[inline]
    pub(crate) fn place_to_write_of(&mut self, hash: u64, key: &[u8]) -> Option<Place> {
        let place = self.place_of(hash, key);
        if place.is_none() && self.view.expiry == ExpiryMode::Hide {
            let entries = self.keyspace.entries_mut(self.view.database);
            if let Some(hidden) = entries.find(hash, key) {
                self.keyspace.discard(self.view.database, hash, hidden);
            }
        }
        place
    }

    /// Looks a key up.
    #[inline]
    pub fn look_up(&mut self, key: &[u8], lookup: Lookup) -> Option<EntryRef<'_>> {
        self.look_up_of(self.hash_of(key), key, lookup)
    }

    /// Looks a key up whose hash is known.
    #[inline]
    pub(crate) fn look_up_of(&mut self, hash: u64, key: &[u8], lookup: Lookup) -> Option<EntryRef<'_>> {
        let place = self.place_of(hash, key);
        if matches!(lookup, Lookup::Read | Lookup::Quiet) {
            self.count_read(key, place.is_some());
        }
        let touch = self.view.touch && matches!(lookup, Lookup::Read | Lookup::Write);
        let (place, clock, database) = (place?, self.clock, self.view.database);
        if touch {
            return Some(self.keyspace.touch(database, place, clock));
        }
        Some(self.keyspace.entries_mut(database).entry(place))
    }

    #[inline]
    fn count_read(&mut self, key: &[u8], found: bool) {
        if found {
            self.keyspace.statistics.hits += 1;
            return;
        }
        self.keyspace.statistics.misses += 1;
        if self.keyspace.changes.interest_in_misses {
            self.keyspace.changes.modified.push(self.view.database, key, Event::KEY_MISS);
        }
    }

    /// A read of a key: counts and touches.
    #[inline]
    pub fn find(&mut self, key: &[u8]) -> Option<EntryRef<'_>> {
        self.look_up(key, Lookup::Read)
    }

    /// A look that neither counts nor touches.
    pub fn peek(&mut self, key: &[u8]) -> Option<EntryRef<'_>> {
        self.look_up(key, Lookup::Peek)
    }

    /// Whether a key is there: counts, does not touch.
    pub fn exists(&mut self, key: &[u8]) -> bool {
        self.look_up(key, Lookup::Quiet).is_some()
    }

    /// The data type of a key's value: counts, does not touch.
    pub fn kind(&mut self, key: &[u8]) -> Option<Type> {
        self.look_up(key, Lookup::Quiet).map(EntryRef::kind)
    }

    /// A read of a string.
    #[inline]
    pub fn string(&mut self, key: &[u8]) -> Result<Option<&[u8]>, WrongType> {
        self.string_for(key, Lookup::Read)
    }

    /// A string, looked at in the given way.
    #[inline]
    pub fn string_for(&mut self, key: &[u8], lookup: Lookup) -> Result<Option<&[u8]>, WrongType> {
        match self.look_up(key, lookup) {
            None => Ok(None),
            Some(entry) => entry.string().map(Some).ok_or(WrongType),
        }
    }

    /// Removes a key; false when it was absent (an expired one counts as absent).
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let (hash, place) = self.place(key);
        if let Some(place) = place {
            self.keyspace.discard(self.view.database, hash, place);
        }
        place.is_some()
    }

    /// Sets or takes away a key's expiry; false when the key is absent.
    pub fn set_expiry(&mut self, key: &[u8], expire_at_ms: Option<i64>) -> bool {
        let (_, Some(place)) = self.place_to_write(key) else { return false };
        self.set_expiry_at(place, expire_at_ms);
        true
    }

    /// Number of keys, expired ones that are still there included.
    pub fn len(&self) -> usize {
        self.keyspace.len(self.view.database)
    }

    /// Whether the database holds no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of keys with an expiry.
    pub fn expires_len(&self) -> usize {
        self.keyspace.expires_len(self.view.database)
    }

    /// The one call of a command that changed a key: counts the change and records it for whoever is interested.
    #[inline]
    pub fn modified(&mut self, key: &[u8], event: Event) {
        self.keyspace.changes.dirty += 1;
        self.keyspace.changes.record(self.view.database, key, event);
    }

    /// Records an event that is no change of its own (a `del` that follows from an `expire` in the past).
    pub fn notify(&mut self, key: &[u8], event: Event) {
        self.keyspace.changes.record(self.view.database, key, event);
    }

    /// Counts changes that have no key (FLUSHALL, SWAPDB).
    pub fn add_dirty(&mut self, changes: u64) {
        self.keyspace.changes.dirty += changes;
    }
}

#[cfg(test)]
mod tests;
