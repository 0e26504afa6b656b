//! Values of all types as they lie in a file or a DUMP payload: for each type what is written, and all layouts that are read.

mod hash;
mod list;
mod set;
mod sorted_set;
mod stream;

use std::io::Read;

use datatypes::collection::{Value, ValueRef};
use datatypes::limits::Limits;

use crate::encoder::Encoder;
use crate::error::{RdbError, Reason};
use crate::format::type_code;
use crate::skip::Dialect;
use crate::source::Source;

/// What is known of a value before its first byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Where its type code stood: for messages.
    pub(crate) offset: u64,
    /// One of [`type_code`].
    pub(crate) code: u8,
    /// Who wrote it.
    pub(crate) dialect: Dialect,
    /// Up to which sizes collections are compact.
    pub(crate) limits: Limits,
}

impl Reading {
    /// The error that the value is damaged.
    pub(crate) fn damaged(self, what: &'static str) -> RdbError {
        RdbError::new(self.offset, Reason::Damaged { code: self.code, what })
    }
}

/// The type code that a value is written under.
pub(crate) fn code_of(value: ValueRef<'_>, version: u32) -> u8 {
    match value {
        ValueRef::String(_) => type_code::STRING,
        ValueRef::List(list) => list::code_of(list, version),
        ValueRef::Set(set) => set::code_of(set, version),
        ValueRef::SortedSet(set) => sorted_set::code_of(set, version),
        ValueRef::Hash(hash) => hash::code_of(hash, version),
        ValueRef::Stream(stream) => stream::code_of(stream, version),
    }
}

/// Writes a value, the layout being that of [`code_of`].
pub(crate) fn write(encoder: &mut Encoder, value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => encoder.string(bytes),
        ValueRef::List(list) => list::write(encoder, list),
        ValueRef::Set(set) => set::write(encoder, set),
        ValueRef::SortedSet(set) => sorted_set::write(encoder, set),
        ValueRef::Hash(hash) => hash::write(encoder, hash),
        ValueRef::Stream(stream) => stream::write(encoder, stream),
    }
}

/// Takes a value of any type.
pub(crate) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Value, RdbError> {
    use type_code::{
        HASH, HASH_EXPIRING, HASH_EXPIRING_22, HASH_LISTPACK, HASH_LISTPACK_EXPIRING,
        HASH_LISTPACK_EXPIRING_PRE_RELEASE, HASH_ZIPLIST, HASH_ZIPMAP, LIST, LIST_QUICKLIST,
        LIST_QUICKLIST_2, LIST_ZIPLIST, SET, SET_INTSET, SET_LISTPACK, SORTED_SET, SORTED_SET_2,
        SORTED_SET_LISTPACK, SORTED_SET_ZIPLIST, STREAM, STREAM_2, STREAM_3, STRING,
    };
    match reading.code {
        STRING => {
            let mut bytes = Vec::new();
            source.string(&mut bytes)?;
            Ok(Value::String(bytes))
        }
        LIST | LIST_ZIPLIST | LIST_QUICKLIST | LIST_QUICKLIST_2 => {
            list::read(source, reading).map(Value::List)
        }
        SET | SET_INTSET | SET_LISTPACK => set::read(source, reading).map(Value::Set),
        SORTED_SET | SORTED_SET_2 | SORTED_SET_ZIPLIST | SORTED_SET_LISTPACK => {
            sorted_set::read(source, reading).map(Value::SortedSet)
        }
        HASH
        | HASH_ZIPMAP
        | HASH_ZIPLIST
        | HASH_LISTPACK
        | HASH_EXPIRING
        | HASH_EXPIRING_22
        | HASH_LISTPACK_EXPIRING
        | HASH_LISTPACK_EXPIRING_PRE_RELEASE => hash::read(source, reading).map(Value::Hash),
        STREAM | STREAM_2 | STREAM_3 => stream::read(source, reading).map(Value::Stream),
        code => Err(RdbError::new(reading.offset, Reason::TypeNotSupported { code })),
    }
}
