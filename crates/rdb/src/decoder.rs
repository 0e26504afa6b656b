//! Reads RDB from any blocking reader, one item at a time, without allocating for each.

use crate::error::{RdbError, Reason};
use crate::format::{
    HEADER_LEN, MAGIC_REDIS, MAGIC_VALKEY, VERSION_MAX_REDIS, VERSION_WITH_CHECKSUM, VERSIONS_VALKEY, opcode,
    type_code, type_name,
};
use crate::skip::Dialect;
use crate::source::Source;
use crate::values::{self, Reading};
use datatypes::limits::Limits;
use std::io::Read;
use stdx::number::parse_u64;

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderOptions {
    /// Compare the file's checksum, if it has one.
    pub verify_checksum: bool,
    /// The longest key or value that is accepted, in bytes.
    pub string_len_max: u64,
    /// Walk over values that are no strings and give [`Value::Skipped`].
    pub skip_values: bool,
    /// Up to which sizes collections are compact.
    pub limits: Limits,
}

impl Default for DecoderOptions {
    fn default() -> DecoderOptions {
        DecoderOptions {
            verify_checksum: true,
            string_len_max: 512 << 20,
            skip_values: false,
            limits: Limits::DEFAULT,
        }
    }
}

/// A part of a file. What it borrows stays until the next one is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// A named fact about the file.
    Aux {
        /// Its name, as `redis-ver`.
        name: &'a [u8],
        /// What it says; numbers as text.
        value: &'a [u8],
    },
    /// The entries that follow belong to this database.
    SelectDb(u32),
    /// How many entries the database has: a hint that may be wrong.
    ResizeDb {
        /// Keys in all.
        keys: u64,
        /// Keys that expire.
        expires: u64,
    },
    /// A key with its value.
    Entry(Entry<'a>),
    /// The source of a function library.
    Function(&'a [u8]),
    /// The end. The checksum was right, or there was none, or it was not to be verified.
    Eof {
        /// The file has a checksum other than zero.
        has_checksum: bool,
    },
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a [u8],
    /// What it holds.
    pub value: Value<'a>,
    /// When it expires, in milliseconds since 1970; may be in the past.
    pub expire_at_ms: Option<i64>,
    /// Seconds since it was last used.
    pub idle_seconds: Option<u64>,
    /// How often it is used, on the logarithmic scale of LFU.
    pub frequency: Option<u8>,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A string.
    String(&'a [u8]),
    /// A value of another type.
    Other(datatypes::collection::Value),
    /// A value of this type code that was walked over, as was asked for.
    Skipped {
        /// One of [`type_code`].
        code: u8,
    },
}

/// Reads a file. After an error or the end nothing more is to be asked of it.
pub struct Decoder<R> {
    source: Source<R>,
    options: DecoderOptions,
    dialect: Dialect,
    version: u32,
    name: Vec<u8>,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// What opcodes said of the next entry.
#[derive(Default)]
struct Attributes {
    expire_at_ms: Option<i64>,
    idle_seconds: Option<u64>,
    frequency: Option<u8>,
}

impl<R: Read> Decoder<R> {
    /// Reads magic and version.
    pub fn new(reader: R, options: DecoderOptions) -> Result<Decoder<R>, RdbError> {
        let mut source = Source::new(reader, options.verify_checksum, options.string_len_max);
        let header = source.array()?;
        let (dialect, version) = read_header(header).map_err(|reason| RdbError::new(0, reason))?;
        Ok(Decoder {
            source,
            options,
            dialect,
            version,
            name: Vec::new(),
            key: Vec::new(),
            value: Vec::new(),
        })
    }

    /// The version in the header.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether the file has Valkey's magic, which Valkey 9 and later write.
    pub fn is_valkey(&self) -> bool {
        self.dialect == Dialect::Valkey
    }

    /// How many bytes were taken.
    pub fn offset(&self) -> u64 {
        self.source.offset()
    }

    /// The key of the entry that was read last, or that an error stopped in. For messages.
    pub fn last_key(&self) -> &[u8] {
        &self.key
    }

    /// What was read ahead of the end, and the reader: a stream may go on behind the file.
    pub fn into_rest(self) -> (Vec<u8>, R) {
        self.source.into_rest()
    }

    /// The next part of the file.
    pub fn next_item(&mut self) -> Result<Item<'_>, RdbError> {
        let mut attributes = Attributes::default();
        loop {
            let offset = self.source.offset();
            match self.source.byte()? {
                type_code::STRING => return self.string_entry(&attributes).map(Item::Entry),
                opcode::EXPIRE_MS => attributes.expire_at_ms = Some(i64::from_le_bytes(self.source.array()?)),
                opcode::EXPIRE_SECONDS => {
                    let seconds = i32::from_le_bytes(self.source.array()?);
                    attributes.expire_at_ms = Some(i64::from(seconds) * 1000);
                }
                opcode::IDLE => attributes.idle_seconds = Some(self.source.length()?),
                opcode::FREQUENCY => attributes.frequency = Some(self.source.byte()?),
                opcode::MODULE_AUX => self.source.skip_module_aux()?,
                opcode::SLOT_INFO => self.source.skip_slot_info()?,
                opcode::SLOT_IMPORT if self.is_valkey() => self.source.skip_slot_import()?,
                code if code >= opcode::SLOT_IMPORT => return self.other_item(offset, code),
                code => return self.other_entry(offset, code, &attributes).map(Item::Entry),
            }
        }
    }

    fn other_item(&mut self, offset: u64, code: u8) -> Result<Item<'_>, RdbError> {
        match code {
            opcode::AUX => {
                self.source.string(&mut self.name)?;
                self.source.string(&mut self.value)?;
                Ok(Item::Aux { name: &self.name, value: &self.value })
            }
            opcode::SELECT_DB => {
                let number = self.source.length()?;
                let db = u32::try_from(number);
                db.map(Item::SelectDb).map_err(|_| RdbError::new(offset, Reason::DatabaseNumber(number)))
            }
            opcode::RESIZE_DB => {
                Ok(Item::ResizeDb { keys: self.source.length()?, expires: self.source.length()? })
            }
            opcode::FUNCTION => {
                self.source.string(&mut self.value)?;
                Ok(Item::Function(&self.value))
            }
            opcode::FUNCTION_PRE_RELEASE => Err(RdbError::new(offset, Reason::PreReleaseFunction)),
            opcode::EOF => self.end(),
            _ => Err(RdbError::new(offset, Reason::UnknownOpcode(code))),
        }
    }

    #[inline]
    fn string_entry(&mut self, attributes: &Attributes) -> Result<Entry<'_>, RdbError> {
        self.source.string(&mut self.key)?;
        self.source.string(&mut self.value)?;
        Ok(attributes.entry(&self.key, Value::String(&self.value)))
    }

    fn other_entry(&mut self, offset: u64, code: u8, attributes: &Attributes) -> Result<Entry<'_>, RdbError> {
        if type_name(code).is_none() {
            return Err(RdbError::new(offset, Reason::UnknownOpcode(code)));
        }
        self.source.string(&mut self.key)?;
        if !self.options.skip_values {
            let reading = Reading { offset, code, dialect: self.dialect, limits: self.options.limits };
            let value = values::read(&mut self.source, reading)?;
            return Ok(attributes.entry(&self.key, Value::Other(value)));
        }
        self.source.skip_value(offset, code, self.dialect)?;
        Ok(attributes.entry(&self.key, Value::Skipped { code }))
    }

    fn end(&mut self) -> Result<Item<'_>, RdbError> {
        let computed = self.source.checksum();
        self.source.stop_counting();
        if self.version < VERSION_WITH_CHECKSUM {
            return Ok(Item::Eof { has_checksum: false });
        }
        let offset = self.source.offset();
        let stored = u64::from_le_bytes(self.source.array()?);
        if self.options.verify_checksum && stored != 0 && stored != computed {
            return Err(RdbError::new(offset, Reason::WrongChecksum { stored, computed }));
        }
        Ok(Item::Eof { has_checksum: stored != 0 })
    }
}

impl Attributes {
    fn entry<'a>(&self, key: &'a [u8], value: Value<'a>) -> Entry<'a> {
        Entry {
            key,
            value,
            expire_at_ms: self.expire_at_ms,
            idle_seconds: self.idle_seconds,
            frequency: self.frequency,
        }
    }
}

/// Who wrote the file, and its version, if it can be read.
fn read_header(header: [u8; HEADER_LEN]) -> Result<(Dialect, u32), Reason> {
    let (dialect, digits) = if let Some(digits) = header.strip_prefix(MAGIC_REDIS) {
        (Dialect::Redis, digits)
    } else if let Some(digits) = header.strip_prefix(MAGIC_VALKEY) {
        (Dialect::Valkey, digits)
    } else {
        return Err(Reason::WrongMagic);
    };
    let significant = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len() - 1);
    let version = parse_u64(&digits[significant..]).and_then(|version| u32::try_from(version).ok());
    let is_supported = |version: &u32| match dialect {
        Dialect::Redis => (1..=VERSION_MAX_REDIS).contains(version),
        Dialect::Valkey => VERSIONS_VALKEY.contains(version),
    };
    let version = version.filter(is_supported).ok_or(Reason::VersionNotSupported { header })?;
    Ok((dialect, version))
}

#[cfg(test)]
mod tests;
