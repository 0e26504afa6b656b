//! Collections of the current database: reading them, and changing them through a view that keeps the books.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use datatypes::collection::{Collection, Value};
use datatypes::limits::Limits;
use datatypes::list::List;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use datatypes::stream::Stream;
use datatypes::types::WrongType;

use crate::access::{Keys, Lookup};
use crate::deferred::LARGE_PART_COUNT;
use crate::directory::Place;
use crate::entry::Entry;
use crate::event::Event;
use crate::strings::NewExpiry;

/// Up to so many elements that leave a list or a sorted set at once are freed where that happens.
const FREED_AT_ONCE: usize = 10_000;

/// A collection that is being changed, in its place. Left empty, the key goes away with this view.
///
/// The command says [`modified`](Edit::modified) through it, so that the event of the change comes before that of the
/// removal.
pub struct Edit<'k, 'a, T: Collection> {
    pub(crate) keys: &'k mut Keys<'a>,
    hash: u64,
    pub(crate) place: Place,
    is_new: bool,
    /// How many elements it had before the change.
    len_before: usize,
    /// When its first element to expire was due before the change.
    due_before_ms: Option<i64>,
    kind: PhantomData<T>,
}

impl<T: Collection> Edit<'_, '_, T> {
    /// Whether the key was created for this change.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Counts a change of the key and records it for whoever is interested.
    pub fn modified(&mut self, event: Event) {
        self.keys.keyspace.changes.dirty += 1;
        self.notify(event);
    }

    /// Counts further changes, where one command makes several.
    pub fn add_dirty(&mut self, changes: u64) {
        self.keys.keyspace.changes.dirty += changes;
    }

    /// What was taken out is freed on another thread.
    pub fn free_later(&mut self, what: impl Send + Sync + 'static) {
        self.keys.keyspace.deferred.keep(Box::new(what));
    }

    /// Puts another collection in its place; what was there is freed on another thread if it is large.
    pub fn replace(&mut self, new: T) {
        let old = std::mem::replace(&mut **self, new);
        if old.part_count() > LARGE_PART_COUNT {
            self.free_later(old);
        }
    }

    /// To be called before a change that takes so many elements out: what of them goes in whole parts is freed on another
    /// thread if they are many.
    pub fn expect_removal(&mut self, elements: usize) {
        if elements > FREED_AT_ONCE {
            // The clone holds the parts until it is dropped.
            let shared = T::clone(self);
            self.free_later(shared);
        }
    }

    /// Records an event that is no change of its own.
    pub fn notify(&mut self, event: Event) {
        let database = self.keys.view.database;
        self.keys.keyspace.record_at(database, self.place, event);
    }

    /// Tells the index of expiring fields when the next one is due.
    #[cold]
    fn note_due(&mut self, due_ms: Option<i64>) {
        let database = &mut self.keys.keyspace.databases[self.keys.view.database as usize];
        let key = database.entries.entry(self.place).key();
        database.field_expiries.note(key, self.due_before_ms, due_ms);
    }
}

impl<T: Collection> Deref for Edit<'_, '_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        let entries =
            self.keys.keyspace.entries(self.keys.view.database).expect("the view's database exists");
        entries.entry(self.place).collection().expect("the type was looked at")
    }
}

impl<T: Collection> DerefMut for Edit<'_, '_, T> {
    fn deref_mut(&mut self) -> &mut T {
        let entries = self.keys.keyspace.entries_mut(self.keys.view.database);
        entries.collection_mut(self.place).expect("the type was looked at")
    }
}

impl<T: Collection> Drop for Edit<'_, '_, T> {
    fn drop(&mut self) {
        let collection: &T = self;
        let (due_ms, len) = (collection.nearest_expiry_ms(), collection.len());
        let is_empty = collection.is_empty();
        if len != self.len_before {
            let database = self.keys.view.database;
            self.keys.keyspace.database_mut(database).sizes.note_change(T::TYPE, self.len_before, len);
        }
        if due_ms != self.due_before_ms {
            self.note_due(due_ms);
        }
        if is_empty {
            let database = self.keys.view.database;
            if !self.is_new {
                self.notify(Event::DEL);
            }
            self.keys.keyspace.discard(database, self.hash, self.place);
        }
    }
}

impl<'a> Keys<'a> {
    /// Up to which sizes collections stay compact.
    pub fn limits(&self) -> Limits {
        self.keyspace.limits()
    }

    /// A collection, looked at in the given way.
    pub fn collection<T: Collection>(&mut self, key: &[u8], lookup: Lookup) -> Result<Option<&T>, WrongType> {
        match self.look_up(key, lookup) {
            None => Ok(None),
            Some(entry) => entry.collection().map(Some).ok_or(WrongType),
        }
    }

    /// A collection to be changed, if the key is there.
    pub fn edit<T: Collection>(&mut self, key: &[u8]) -> Result<Option<Edit<'_, 'a, T>>, WrongType> {
        let (hash, place) = self.place_to_write(key);
        match place {
            None => Ok(None),
            Some(place) => self.edit_at(hash, place).map(Some),
        }
    }

    /// A collection to be changed, created when the key is not there.
    pub fn edit_or_create<T: Collection>(&mut self, key: &[u8]) -> Result<Edit<'_, 'a, T>, WrongType> {
        let (hash, place) = self.place_to_write(key);
        if let Some(place) = place {
            return self.edit_at(hash, place);
        }
        let entry = Entry::collection(key, T::default(), None, self.keyspace.stamp(self.clock()));
        self.insert_entry(hash, entry);
        let entries = self.keyspace.entries_mut(self.view.database);
        let place = entries.find(hash, key).expect("it was just put in");
        Ok(Edit {
            keys: self,
            hash,
            place,
            is_new: true,
            len_before: 0,
            due_before_ms: None,
            kind: PhantomData,
        })
    }

    fn edit_at<T: Collection>(&mut self, hash: u64, place: Place) -> Result<Edit<'_, 'a, T>, WrongType> {
        let (database, clock) = (self.view.database, self.clock());
        let entry = self.keyspace.touch(database, place, clock);
        let collection = entry.collection::<T>().ok_or(WrongType)?;
        let (len_before, due_before_ms) = (collection.len(), collection.nearest_expiry_ms());
        let epoch = entry.epoch();
        if self.keyspace.snapshot.is_owed_of(epoch) {
            self.keyspace.before_change(database, place);
        }
        Ok(Edit { keys: self, hash, place, is_new: false, len_before, due_before_ms, kind: PhantomData })
    }

    /// Puts a value of any type under a key, over whatever that held; true when the key is new.
    pub fn set_value(&mut self, key: &[u8], value: Value, expiry: NewExpiry) -> bool {
        let (hash, place) = self.place_to_write(key);
        let database = self.view.database;
        let expire_at_ms = match (expiry, place) {
            (NewExpiry::At(at), _) => Some(at),
            (NewExpiry::Keep, Some(place)) => self.keyspace.entries_mut(database).entry(place).expire_at_ms(),
            _ => None,
        };
        let clock = self.clock();
        let stamp = match place {
            Some(place) => self.keyspace.stamp_after_use(database, place, clock),
            None => self.keyspace.stamp(clock),
        };
        let entry = Entry::with_value(key, value, expire_at_ms, stamp);
        match place {
            Some(place) => self.keyspace.replace(database, place, entry),
            None => self.insert_entry(hash, entry),
        }
        place.is_none()
    }
}

/// The same for one type each, so that commands read well.
macro_rules! views {
    ($($read:ident, $edit:ident, $create:ident, $kind:ident;)*) => {
        impl<'a> Keys<'a> {$(
            #[doc = concat!("A read of a `", stringify!($kind), "`: counts and touches.")]
            pub fn $read(&mut self, key: &[u8]) -> Result<Option<&$kind>, WrongType> {
                self.collection(key, Lookup::Read)
            }

            #[doc = concat!("A `", stringify!($kind), "` to be changed, if the key is there.")]
            pub fn $edit(&mut self, key: &[u8]) -> Result<Option<Edit<'_, 'a, $kind>>, WrongType> {
                self.edit(key)
            }

            #[doc = concat!("A `", stringify!($kind), "` to be changed, created when the key is not there.")]
            pub fn $create(&mut self, key: &[u8]) -> Result<Edit<'_, 'a, $kind>, WrongType> {
                self.edit_or_create(key)
            }
        )*}
    };
}

views! {
    list, list_mut, list_or_create, List;
    set, set_mut, set_or_create, Set;
    sorted_set, sorted_set_mut, sorted_set_or_create, SortedSet;
    stream, stream_mut, stream_or_create, Stream;
}

#[cfg(test)]
mod tests;
