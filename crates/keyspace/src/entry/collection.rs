//! Entries whose value is no string: the collection lies in the entry itself, a word before the key.

use std::ptr::NonNull;

use datatypes::collection::{Collection, Value, ValueRef};
use datatypes::hash::Hash;
use datatypes::list::List;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use datatypes::stream::Stream;
use datatypes::types::Type;

use super::{COLLECTION_BYTES, Entry, EntryMut, EntryRef, Shape, Stamp};

impl Entry {
    /// A value of any type with its key.
    pub(crate) fn with_value(key: &[u8], value: Value, expire_at_ms: Option<i64>, stamp: Stamp) -> Entry {
        match value {
            Value::String(bytes) => Entry::string(key, &bytes, expire_at_ms, stamp),
            Value::List(list) => Entry::collection(key, list, expire_at_ms, stamp),
            Value::Set(set) => Entry::collection(key, set, expire_at_ms, stamp),
            Value::SortedSet(set) => Entry::collection(key, set, expire_at_ms, stamp),
            Value::Hash(hash) => Entry::collection(key, hash, expire_at_ms, stamp),
            Value::Stream(stream) => Entry::collection(key, stream, expire_at_ms, stamp),
        }
    }

    /// A collection with its key.
    pub(crate) fn collection<T: Collection>(
        key: &[u8],
        collection: T,
        expire_at_ms: Option<i64>,
        stamp: Stamp,
    ) -> Entry {
        const {
            assert!(
                size_of::<T>() == COLLECTION_BYTES && align_of::<T>() == 8,
                "a collection of any type is a word"
            );
        };
        let shape = Shape::fitting(expire_at_ms.is_some(), T::TYPE, key.len(), 0);
        let entry = Entry::assemble(shape, T::TYPE, key, &[], expire_at_ms, stamp);
        // SAFETY: the shape has an aligned place of `COLLECTION_BYTES`, which nothing was written to yet.
        unsafe { entry.pointer.add(shape.collection_at()).cast::<T>().write(collection) };
        entry
    }

    /// Drops the collection, if there is one; the entry is freed right afterwards.
    pub(super) fn drop_collection(&mut self) {
        let view = self.view();
        if view.kind() == Type::String {
            return;
        }
        // SAFETY: the kind says which type was written to this place, and nobody reads it any more.
        unsafe {
            let place = view.collection_place();
            match view.kind() {
                Type::String => {}
                Type::List => place.cast::<List>().drop_in_place(),
                Type::Set => place.cast::<Set>().drop_in_place(),
                Type::SortedSet => place.cast::<SortedSet>().drop_in_place(),
                Type::Hash => place.cast::<Hash>().drop_in_place(),
                Type::Stream => place.cast::<Stream>().drop_in_place(),
            }
        }
    }
}

impl<'a> EntryRef<'a> {
    /// Where the collection lies, of an entry that holds one.
    fn collection_place(self) -> NonNull<u8> {
        let at = self.shape().collection_at();
        // SAFETY: the place lies inside the allocation of every entry: at least the header stands before the key.
        unsafe { self.pointer.add(at) }
    }

    /// The value when it is a collection of this type.
    pub fn collection<T: Collection>(self) -> Option<&'a T> {
        if self.header().kind() != T::TYPE as u8 {
            return None;
        }
        // SAFETY: an entry of this kind holds a `T` there, unchanged for `'a`.
        Some(unsafe { self.collection_place().cast::<T>().as_ref() })
    }

    /// The value, whatever it is.
    pub fn value(self) -> ValueRef<'a> {
        let value = match self.kind() {
            Type::String => Some(ValueRef::String(self.value_bytes())),
            Type::List => self.collection().map(ValueRef::List),
            Type::Set => self.collection().map(ValueRef::Set),
            Type::SortedSet => self.collection().map(ValueRef::SortedSet),
            Type::Hash => self.collection().map(ValueRef::Hash),
            Type::Stream => self.collection().map(ValueRef::Stream),
        };
        value.expect("the type was asked for")
    }

    pub(super) fn collection_bytes(self) -> usize {
        self.value().allocated_bytes()
    }

    /// Bytes of a string, elements of a collection.
    #[inline]
    pub(crate) fn element_count(self) -> usize {
        if self.header().kind() == Type::String as u8 { self.shape().value_len } else { self.value().len() }
    }

    /// How many allocations go away with the entry, about.
    pub(crate) fn part_count(self) -> usize {
        if self.kind() == Type::String { 1 } else { self.value().part_count() }
    }
}

impl<'a> EntryMut<'a> {
    /// The collection, to be changed; none if it is of another type.
    pub(crate) fn into_collection<T: Collection>(self) -> Option<&'a mut T> {
        self.view().collection::<T>()?;
        // SAFETY: as in `EntryRef::collection`, and `self` is the only access for `'a`.
        Some(unsafe { self.view().collection_place().cast::<T>().as_mut() })
    }
}
