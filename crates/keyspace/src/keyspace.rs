//! All databases of a node, and the few primitives by which their entries change.
//!
//! Every removal and change of an entry goes through `discard`, `replace` or `before_change`: there a running snapshot
//! gets what it is owed.

use datatypes::ahead::Sought;
use datatypes::limits::Limits;
use siphasher::sip::SipHasher13;

use crate::changes::{Changes, Removal};
use crate::db::{Database, Detached};
use crate::deferred::{Deferral, Deferred};
use crate::directory::{Directory, Place};
use crate::entry::{Entry, EntryRef, Stamp};
use crate::event::Event;
use crate::eviction::Eviction;
use crate::expiry::ExpireCursor;
use crate::segment::prefetch;
use crate::snapshot::Snapshot;
use crate::statistics::Statistics;
use crate::uses::{UseRule, Uses};

/// All databases.
pub struct Keyspace {
    pub(crate) databases: Vec<Database>,
    pub(crate) hasher: SipHasher13,
    pub(crate) snapshot: Snapshot,
    pub(crate) changes: Changes,
    pub(crate) statistics: Statistics,
    pub(crate) expire_cursor: ExpireCursor,
    limits: Limits,
    pub(crate) shrinks: bool,
    pub(crate) deferred: Deferred,
    pub(crate) uses: Uses,
    pub(crate) eviction: Eviction,
}

/// How far looking ahead for an element is.
pub struct Ahead<'a>(datatypes::ahead::Ahead<'a>);

impl<'a> Ahead<'a> {
    /// Asks the processor for what comes next of a lookup; none when that was all.
    #[inline]
    pub fn step(self, sought: Sought<'_>) -> Option<Ahead<'a>> {
        self.0.step(sought, &mut prefetch).map(Ahead)
    }
}

impl Keyspace {
    /// `databases` empty databases, hashing with `seed`: random for a process, fixed in tests.
    pub fn new(databases: u32, seed: [u64; 2]) -> Keyspace {
        Keyspace {
            databases: (0..databases).map(|_| Database::default()).collect(),
            hasher: SipHasher13::new_with_keys(seed[0], seed[1]),
            snapshot: Snapshot::default(),
            changes: Changes::default(),
            statistics: Statistics::default(),
            expire_cursor: ExpireCursor::default(),
            limits: Limits::DEFAULT,
            shrinks: true,
            deferred: Deferred::default(),
            uses: Uses::new(seed[0]),
            eviction: Eviction::new(seed[1]),
        }
    }

    /// How many databases there are.
    pub fn database_count(&self) -> u32 {
        self.databases.len() as u32
    }

    /// The hash of a key, the same in every database.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash(key)
    }

    /// Asks the processor for the bucket of a key: first of two steps before a batch is run.
    #[inline]
    pub fn prefetch_bucket(&self, database: u32, hash: u64) {
        if let Some(database) = self.databases.get(database as usize) {
            database.entries.prefetch_bucket(hash);
        }
    }

    /// Asks the processor for the entry of a key: second step, when the bucket has come.
    #[inline]
    pub fn prefetch_entry(&self, database: u32, hash: u64) {
        if let Some(database) = self.databases.get(database as usize) {
            database.entries.prefetch_entry(hash);
        }
    }

    /// Begins to look ahead for an element of a key's value: third step, when the entry has come.
    #[inline]
    pub fn look_ahead(&self, database: u32, hash: u64) -> Option<Ahead<'_>> {
        let entry = self.entries(database)?.likely_entry(hash)?;
        datatypes::ahead::Ahead::new(entry.value(), &mut prefetch).map(Ahead)
    }

    /// Number of keys, expired ones that are still there included.
    pub fn len(&self, database: u32) -> usize {
        self.databases.get(database as usize).map_or(0, |database| database.entries.len())
    }

    /// Whether no database holds a key.
    pub fn is_empty(&self) -> bool {
        self.databases.iter().all(|database| database.entries.len() == 0)
    }

    /// Number of keys with an expiry.
    pub fn expires_len(&self, database: u32) -> usize {
        self.databases.get(database as usize).map_or(0, |database| database.entries.expires())
    }

    /// Mean time to live of the keys with an expiry, in milliseconds, as INFO's `avg_ttl` reports it.
    pub fn average_ttl_ms(&self, database: u32) -> i64 {
        self.databases.get(database as usize).map_or(0, |database| database.average_ttl_ms)
    }

    /// Up to which sizes collections stay compact.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sets the sizes up to which collections stay compact; those that are there keep their encoding.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What was changed since the engine last drained it.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The record of changes, to be drained.
    pub fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }

    /// Whether tables become smaller as keys go, which they do unless told otherwise.
    pub fn set_shrinking(&mut self, shrinks: bool) {
        self.shrinks = shrinks;
    }

    /// Goes on as `old` did, whose place this data set takes: the same is wanted of it.
    pub fn succeed(&mut self, old: &Keyspace) {
        self.shrinks = old.shrinks;
        self.limits = old.limits;
        self.uses.rule = old.uses.rule;
        self.deferred = Deferred::default();
        self.defer(old.deferral());
        self.changes.interest = old.changes.interest;
        self.changes.interest_in_misses = old.changes.interest_in_misses;
    }

    /// Exchanges two databases; false when one does not exist. WATCH and blocked clients are the caller's.
    pub fn swap(&mut self, first: u32, second: u32) -> bool {
        let known = |number: u32| (number as usize) < self.databases.len();
        if !known(first) || !known(second) {
            return false;
        }
        self.databases.swap(first as usize, second as usize);
        true
    }

    /// Empties a database. What is returned is dropped by the caller, here or on another thread.
    pub fn flush_database(&mut self, database: u32) -> Detached {
        let mut detached = Detached::default();
        if let Some(database) = self.databases.get_mut(database as usize) {
            let flushed = std::mem::take(database);
            if let Some(table) = self.snapshot.keep_flushed(flushed) {
                detached.tables.push(table);
            }
        }
        detached
    }

    /// Empties all databases.
    pub fn flush_all(&mut self) -> Detached {
        let mut detached = Detached::default();
        for number in 0..self.database_count() {
            detached.tables.append(&mut self.flush_database(number).tables);
        }
        detached
    }

    pub(crate) fn entries(&self, database: u32) -> Option<&Directory> {
        self.databases.get(database as usize).map(|database| &database.entries)
    }

    pub(crate) fn entries_mut(&mut self, database: u32) -> &mut Directory {
        &mut self.database_mut(database).entries
    }

    pub(crate) fn database_mut(&mut self, database: u32) -> &mut Database {
        self.databases.get_mut(database as usize).expect("a view is made of a database that exists")
    }

    pub(crate) fn stamp(&self, clock: u32) -> Stamp {
        Stamp { epoch: self.snapshot.epoch(), clock }
    }

    /// The entry at a place, which is used; `of_new` is the stamp of one made now.
    #[inline]
    pub(crate) fn touch(&mut self, database: u32, place: Place, of_new: u32) -> EntryRef<'_> {
        let clock = match self.uses.rule {
            UseRule::Recency => of_new,
            UseRule::Frequency(_) => self.count_use(database, place, of_new),
        };
        self.entries_mut(database).touch(place, clock)
    }

    #[cold]
    fn count_use(&mut self, database: u32, place: Place, of_new: u32) -> u32 {
        self.stamp_after_use(database, place, of_new).clock
    }

    /// What takes the place of an entry, or is written over it, is stamped so.
    #[inline]
    pub(crate) fn stamp_after_use(&mut self, database: u32, place: Place, of_new: u32) -> Stamp {
        let Keyspace { databases, uses, .. } = self;
        let entries = &databases[database as usize].entries;
        let clock = uses.after_use(of_new, || entries.entry(place).access_clock());
        self.stamp(clock)
    }

    /// Puts in an entry whose key is not there.
    pub(crate) fn insert(&mut self, database: u32, hash: u64, entry: Entry) {
        let Keyspace { databases, hasher, .. } = self;
        let database =
            databases.get_mut(database as usize).expect("a view is made of a database that exists");
        database.note_arrival(entry.view());
        database.entries.insert(hash, entry, &|key| hasher.hash(key));
    }

    /// Removes an entry; a snapshot that is owed it gets the allocation itself.
    pub(crate) fn discard(&mut self, database: u32, hash: u64, place: Place) {
        self.remove(database, hash, place, |deferral| deferral.removed);
    }

    fn remove(&mut self, database: u32, hash: u64, place: Place, is_deferred: fn(Deferral) -> bool) {
        let number = self.database_mut(database).snapshot_number;
        let entry = self.take_out(database, hash, place);
        let left = self.snapshot.hand_over(number, entry);
        self.deferred.let_go(left, is_deferred);
    }

    /// Takes an entry out of its table, which may shrink.
    pub(crate) fn take_out(&mut self, database: u32, hash: u64, place: Place) -> Entry {
        let shrinks = self.shrinks;
        let database = self.database_mut(database);
        database.note_departure(place);
        if shrinks { database.entries.remove(hash, place) } else { database.entries.remove_only(place) }
    }

    /// Puts another entry in the place of one with the same key.
    pub(crate) fn replace(&mut self, database: u32, place: Place, entry: Entry) {
        let database = self.database_mut(database);
        let number = database.snapshot_number;
        database.note_departure(place);
        database.note_arrival(entry.view());
        let old = database.entries.change(place, |slot| slot.replace(entry));
        let left = self.snapshot.hand_over(number, old);
        self.deferred.let_go(left, |deferral| deferral.removed);
    }

    /// Must be called before an entry is changed where it lies: a snapshot that is owed it gets a copy.
    #[inline]
    pub(crate) fn before_change(&mut self, database: u32, place: Place) {
        let database =
            self.databases.get_mut(database as usize).expect("a view is made of a database that exists");
        let entry = database.entries.entry(place);
        if self.snapshot.is_owed(entry) {
            self.snapshot.hand_over_copy(database.snapshot_number, entry);
            let epoch = self.snapshot.epoch();
            database.entries.change(place, |entry| entry.set_epoch(epoch));
        }
    }

    /// Records what happened to the key at a place, if anybody wants to know.
    #[inline]
    pub(crate) fn record_at(&mut self, database: u32, place: Place, event: Event) {
        if !self.changes.interest {
            return;
        }
        let Keyspace { databases, changes, .. } = self;
        let entries = &databases[database as usize].entries;
        changes.record(database, entries.entry(place).key(), event);
    }

    /// Removes a key by the keyspace's own decision and records that.
    pub(crate) fn remove_recorded(&mut self, database: u32, hash: u64, place: Place, removal: Removal) {
        let entry: EntryRef<'_> = self.databases[database as usize].entries.entry(place);
        self.changes.record_removal(database, entry.key(), removal);
        let is_deferred: fn(Deferral) -> bool = match removal {
            Removal::Expired => |deferral| deferral.expired,
            Removal::Evicted => |deferral| deferral.evicted,
        };
        self.remove(database, hash, place, is_deferred);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExpiryMode, NewExpiry, View};

    const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

    #[test]
    fn goes_from_thread_to_thread() {
        fn is_send<T: Send + Sync>() {}
        is_send::<Keyspace>();
        is_send::<Detached>();
    }

    #[test]
    fn databases_are_swapped_and_flushed() {
        let mut keyspace = Keyspace::new(2, [1, 2]);
        keyspace.keys(VIEW).set_string(b"a", b"1", NewExpiry::At(5_000));
        assert!(keyspace.swap(0, 1) && !keyspace.swap(0, 2));
        assert_eq!((keyspace.len(0), keyspace.len(1), keyspace.expires_len(1)), (0, 1, 1));
        assert!(keyspace.flush_database(0).is_empty());
        let flushed = keyspace.flush_all();
        assert_eq!((flushed.keys(), keyspace.len(1)), (1, 0));
        assert!(keyspace.is_empty());
    }
}
