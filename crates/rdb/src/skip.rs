//! Walks over parts of a file that are not loaded: values of every known type, modules' facts, functions.

use crate::error::{RdbError, Reason};
use crate::format::type_code::{
    HASH, HASH_EXPIRING, HASH_EXPIRING_22, HASH_LISTPACK, HASH_LISTPACK_EXPIRING,
    HASH_LISTPACK_EXPIRING_PRE_RELEASE, HASH_ZIPLIST, HASH_ZIPMAP, LIST, LIST_QUICKLIST, LIST_QUICKLIST_2,
    LIST_ZIPLIST, MODULE_2, SET, SET_INTSET, SET_LISTPACK, SORTED_SET, SORTED_SET_2, SORTED_SET_LISTPACK,
    SORTED_SET_ZIPLIST, STREAM, STREAM_2, STREAM_3, STRING,
};
use crate::source::Source;
use std::io::Read;

/// What a module's value is made of, each part after its code.
mod module_part {
    pub(super) const END: u64 = 0;
    pub(super) const SIGNED: u64 = 1;
    pub(super) const UNSIGNED: u64 = 2;
    pub(super) const FLOAT: u64 = 3;
    pub(super) const DOUBLE: u64 = 4;
    pub(super) const STRING: u64 = 5;
}

/// Who wrote the file: some codes mean different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Redis,
    Valkey,
}

impl<R: Read> Source<R> {
    /// Takes a value of this type and drops it.
    pub(crate) fn skip_value(&mut self, offset: u64, code: u8, dialect: Dialect) -> Result<(), RdbError> {
        match code {
            STRING
            | HASH_ZIPMAP
            | LIST_ZIPLIST
            | SET_INTSET
            | SORTED_SET_ZIPLIST
            | HASH_ZIPLIST
            | HASH_LISTPACK
            | SORTED_SET_LISTPACK
            | SET_LISTPACK
            | HASH_LISTPACK_EXPIRING_PRE_RELEASE => self.skip_string(),
            LIST | SET | LIST_QUICKLIST => self.skip_each(Source::skip_string),
            HASH => self.skip_each(|source| source.skip_string().and_then(|()| source.skip_string())),
            SORTED_SET => {
                self.skip_each(|source| source.skip_string().and_then(|()| source.skip_score_text()))
            }
            SORTED_SET_2 => self.skip_each(|source| source.skip_string().and_then(|()| source.skip_bytes(8))),
            LIST_QUICKLIST_2 => self.skip_each(|source| source.length().and_then(|_| source.skip_string())),
            HASH_EXPIRING_22 if dialect == Dialect::Valkey => self.skip_each(|source| {
                source.skip_string()?;
                source.skip_string()?;
                source.skip_bytes(8)
            }),
            HASH_EXPIRING_22 => self.skip_each(Source::skip_expiring_field),
            HASH_EXPIRING => {
                self.skip_bytes(8)?;
                self.skip_each(Source::skip_expiring_field)
            }
            HASH_LISTPACK_EXPIRING => {
                self.skip_bytes(8)?;
                self.skip_string()
            }
            STREAM | STREAM_2 | STREAM_3 => self.skip_stream(code),
            MODULE_2 => {
                self.length()?;
                self.skip_module_parts()
            }
            _ => Err(RdbError::new(offset, Reason::TypeNotSupported { code })),
        }
    }

    /// Takes a count and so many elements.
    fn skip_each(
        &mut self,
        mut element: impl FnMut(&mut Source<R>) -> Result<(), RdbError>,
    ) -> Result<(), RdbError> {
        let count = self.length()?;
        for _ in 0..count {
            element(self)?;
        }
        Ok(())
    }

    /// A score as text behind its length; three lengths stand for what is not finite.
    fn skip_score_text(&mut self) -> Result<(), RdbError> {
        match self.byte()? {
            253..=255 => Ok(()),
            length => self.skip_bytes(u64::from(length)),
        }
    }

    /// An expiry, a field and a value.
    fn skip_expiring_field(&mut self) -> Result<(), RdbError> {
        self.length()?;
        self.skip_string()?;
        self.skip_string()
    }

    fn skip_lengths(&mut self, count: u32) -> Result<(), RdbError> {
        for _ in 0..count {
            self.length()?;
        }
        Ok(())
    }

    fn skip_stream(&mut self, code: u8) -> Result<(), RdbError> {
        // Nodes: first id, entries. Then how many entries, the last id; from the second version on the first
        // id, the largest deleted id, how many were ever added.
        self.skip_each(|source| source.skip_string().and_then(|()| source.skip_string()))?;
        self.skip_lengths(if code == STREAM { 3 } else { 8 })?;
        self.skip_each(|source| source.skip_consumer_group(code))
    }

    /// A name, the last delivered id, how many were read; who has which entry pending.
    fn skip_consumer_group(&mut self, code: u8) -> Result<(), RdbError> {
        self.skip_string()?;
        self.skip_lengths(if code == STREAM { 2 } else { 3 })?;
        self.skip_each(|source| {
            source.skip_bytes(16 + 8)?;
            source.length().map(drop)
        })?;
        self.skip_each(|source| {
            source.skip_string()?;
            source.skip_bytes(if code == STREAM_3 { 16 } else { 8 })?;
            source.skip_each(|source| source.skip_bytes(16))
        })
    }

    /// A module's id, when it was written, and its parts.
    pub(crate) fn skip_module_aux(&mut self) -> Result<(), RdbError> {
        self.skip_lengths(3)?;
        self.skip_module_parts()
    }

    fn skip_module_parts(&mut self) -> Result<(), RdbError> {
        loop {
            let offset = self.offset();
            match self.length()? {
                module_part::END => return Ok(()),
                module_part::SIGNED | module_part::UNSIGNED => self.skip_lengths(1)?,
                module_part::FLOAT => self.skip_bytes(4)?,
                module_part::DOUBLE => self.skip_bytes(8)?,
                module_part::STRING => self.skip_string()?,
                unknown => return Err(RdbError::new(offset, Reason::ModuleOpcode(unknown))),
            }
        }
    }

    /// A slot, its keys, its keys with expiry.
    pub(crate) fn skip_slot_info(&mut self) -> Result<(), RdbError> {
        self.skip_lengths(3)
    }

    /// A name and ranges of slots.
    pub(crate) fn skip_slot_import(&mut self) -> Result<(), RdbError> {
        self.skip_string()?;
        self.skip_each(|source| source.skip_lengths(2))
    }
}
