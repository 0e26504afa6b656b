//! What can be wrong with an RDB file, and where.

use crate::format::type_name;
use stdx::lzf::LzfError;

/// Damage, or something that cannot be read, at a place in the file.
#[derive(Debug)]
pub struct RdbError {
    /// How many bytes stand before what is wrong.
    pub offset: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Reason {
    /// It does not begin as an RDB file does.
    WrongMagic,
    /// It was written by a server that is newer than what we know.
    VersionNotSupported {
        /// What it begins with, magic and version.
        header: [u8; crate::format::HEADER_LEN],
    },
    /// It ends before its end.
    Truncated,
    /// No such opcode or type.
    UnknownOpcode(u8),
    /// A value of a type that is known but cannot be loaded.
    TypeNotSupported {
        /// The type's code.
        code: u8,
    },
    /// A value whose parts do not fit together.
    Damaged {
        /// The type's code.
        code: u8,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A function library in the form of a release candidate.
    PreReleaseFunction,
    /// A plain length stands where a special encoding must, or the other way round, or the encoding is unknown.
    WrongLengthEncoding(u8),
    /// A string that claims more bytes than a string may have.
    StringTooLong {
        /// What it claims.
        length: u64,
        /// What is allowed.
        max: u64,
    },
    /// A compressed string that does not decompress.
    Compression(LzfError),
    /// A database number beyond 32 bits.
    DatabaseNumber(u64),
    /// An unknown part in a module's value.
    ModuleOpcode(u64),
    /// The file's bytes do not give the checksum at its end.
    WrongChecksum {
        /// The checksum in the file.
        stored: u64,
        /// The checksum of its bytes.
        computed: u64,
    },
    /// The source failed.
    Io(std::io::Error),
}

impl RdbError {
    pub(crate) fn new(offset: u64, reason: Reason) -> RdbError {
        RdbError { offset, reason }
    }
}

impl std::fmt::Display for RdbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at offset {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for RdbError {}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::WrongMagic => {
                f.write_str("this is not an RDB file: it begins with neither REDIS nor VALKEY")
            }
            Reason::VersionNotSupported { header } => {
                write!(f, "RDB version {} is not supported", String::from_utf8_lossy(header))
            }
            Reason::Truncated => f.write_str("the file ends early"),
            Reason::UnknownOpcode(code) => write!(f, "unknown opcode or type {code}"),
            Reason::TypeNotSupported { code } => {
                let name = type_name(*code).unwrap_or("an unknown type");
                write!(f, "a value of type {code}, {name}: not supported yet")
            }
            Reason::Damaged { code, what } => {
                write!(f, "{} is damaged: {what}", type_name(*code).unwrap_or("a value of an unknown type"))
            }
            Reason::PreReleaseFunction => f.write_str("a function library in a pre-release format"),
            Reason::WrongLengthEncoding(byte) => write!(f, "length byte {byte:#04x} makes no sense here"),
            Reason::StringTooLong { length, max } => {
                write!(f, "a string claims {length} bytes, more than the {max} allowed")
            }
            Reason::Compression(error) => write!(f, "{error}"),
            Reason::DatabaseNumber(number) => write!(f, "database number {number} is too large"),
            Reason::ModuleOpcode(opcode) => write!(f, "unknown part {opcode} in a module's value"),
            Reason::WrongChecksum { stored, computed } => {
                write!(f, "wrong checksum: the file says {stored:016x}, its bytes give {computed:016x}")
            }
            Reason::Io(error) => write!(f, "reading failed: {error}"),
        }
    }
}
