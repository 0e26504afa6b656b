//! What all data types but strings have in common, and a value of any type.

use crate::hash::Hash;
use crate::list::List;
use crate::set::Set;
use crate::sorted_set::SortedSet;
use crate::stream::Stream;
use crate::types::Type;

/// A data type made of elements.
///
/// A key without elements does not exist (streams excepted), so a collection is created empty, filled at once, and removed
/// with its last element. Cloning is cheap: small collections are a few hundred bytes, large ones share their parts with
/// the clone until one of the two is written.
pub trait Collection: Clone + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// Which type it is.
    const TYPE: Type;

    /// Number of elements.
    fn len(&self) -> usize;

    /// Whether a key that holds it is to be removed.
    fn is_empty(&self) -> bool;

    /// How many allocations go away with it, at least about: what it costs to drop it.
    fn part_count(&self) -> usize;

    /// Bytes that it holds in allocations of its own.
    fn allocated_bytes(&self) -> usize;

    /// The name of its encoding, as OBJECT ENCODING replies it.
    fn encoding(&self) -> &'static str;

    /// When the first of its elements expires, in milliseconds since 1970, if any does.
    #[inline]
    fn nearest_expiry_ms(&self) -> Option<i64> {
        None
    }
}

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    String(Vec<u8>),
    /// A list.
    List(List),
    /// A set.
    Set(Set),
    /// A sorted set.
    SortedSet(SortedSet),
    /// A hash.
    Hash(Hash),
    /// A stream.
    Stream(Stream),
}

/// A look at a value of any type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// A string.
    String(&'a [u8]),
    /// A list.
    List(&'a List),
    /// A set.
    Set(&'a Set),
    /// A sorted set.
    SortedSet(&'a SortedSet),
    /// A hash.
    Hash(&'a Hash),
    /// A stream.
    Stream(&'a Stream),
}

impl Value {
    /// A look at it.
    pub fn view(&self) -> ValueRef<'_> {
        match self {
            Value::String(bytes) => ValueRef::String(bytes),
            Value::List(list) => ValueRef::List(list),
            Value::Set(set) => ValueRef::Set(set),
            Value::SortedSet(set) => ValueRef::SortedSet(set),
            Value::Hash(hash) => ValueRef::Hash(hash),
            Value::Stream(stream) => ValueRef::Stream(stream),
        }
    }
}

impl ValueRef<'_> {
    /// Its type.
    pub fn kind(self) -> Type {
        match self {
            ValueRef::String(_) => Type::String,
            ValueRef::List(_) => Type::List,
            ValueRef::Set(_) => Type::Set,
            ValueRef::SortedSet(_) => Type::SortedSet,
            ValueRef::Hash(_) => Type::Hash,
            ValueRef::Stream(_) => Type::Stream,
        }
    }

    /// The name of its encoding; of strings, that of one that was set as a whole.
    pub fn encoding(self) -> &'static str {
        match self {
            ValueRef::String(bytes) => crate::string::encoding_of(bytes, false, false).name(),
            ValueRef::List(list) => list.encoding(),
            ValueRef::Set(set) => set.encoding(),
            ValueRef::SortedSet(set) => set.encoding(),
            ValueRef::Hash(hash) => hash.encoding(),
            ValueRef::Stream(stream) => stream.encoding(),
        }
    }

    /// Bytes of a string, elements of a collection.
    pub fn len(self) -> usize {
        match self {
            ValueRef::String(bytes) => bytes.len(),
            ValueRef::List(list) => list.len(),
            ValueRef::Set(set) => set.len(),
            ValueRef::SortedSet(set) => set.len(),
            ValueRef::Hash(hash) => hash.len(),
            ValueRef::Stream(stream) => Collection::len(stream),
        }
    }

    /// Whether there is nothing of it. A stream without entries is still something.
    pub fn is_empty(self) -> bool {
        self.kind() != Type::Stream && self.len() == 0
    }

    /// How many allocations go away with it, about.
    pub fn part_count(self) -> usize {
        match self {
            ValueRef::String(_) => 0,
            ValueRef::List(list) => list.part_count(),
            ValueRef::Set(set) => set.part_count(),
            ValueRef::SortedSet(set) => set.part_count(),
            ValueRef::Hash(hash) => hash.part_count(),
            ValueRef::Stream(stream) => stream.part_count(),
        }
    }

    /// Bytes in allocations of a collection's own.
    pub fn allocated_bytes(self) -> usize {
        match self {
            ValueRef::String(_) => 0,
            ValueRef::List(list) => list.allocated_bytes(),
            ValueRef::Set(set) => set.allocated_bytes(),
            ValueRef::SortedSet(set) => set.allocated_bytes(),
            ValueRef::Hash(hash) => hash.allocated_bytes(),
            ValueRef::Stream(stream) => stream.allocated_bytes(),
        }
    }

    /// A value of its own, which shares the parts of large collections.
    pub fn to_value(self) -> Value {
        match self {
            ValueRef::String(bytes) => Value::String(bytes.to_vec()),
            ValueRef::List(list) => Value::List(list.clone()),
            ValueRef::Set(set) => Value::Set(set.clone()),
            ValueRef::SortedSet(set) => Value::SortedSet(set.clone()),
            ValueRef::Hash(hash) => Value::Hash(hash.clone()),
            ValueRef::Stream(stream) => Value::Stream(stream.clone()),
        }
    }
}
