//! The bytes of the RDB format: magics, opcodes, type codes, lengths.
//!
//! A file is a magic with a version, a row of opcodes with what belongs to them, and after the end's opcode a CRC-64
//! of all before it, little-endian. An entry is a type code, the key and the value; opcodes before it give its expiry.

/// What a file of Redis begins with, followed by a version of four digits.
pub const MAGIC_REDIS: &[u8; 5] = b"REDIS";
/// What a file of Valkey 9 and later begins with, followed by a version of three digits.
pub const MAGIC_VALKEY: &[u8; 6] = b"VALKEY";
/// How many bytes magic and version have together, in both.
pub const HEADER_LEN: usize = 9;

/// The version written unless another is asked for: Redis 7.0, all later ones and every Valkey read it.
pub const VERSION_WRITTEN: u32 = 10;
/// The version written when fields of hashes expire: that of Redis 8.0. No older layout holds what would be lost.
pub const VERSION_WITH_FIELD_EXPIRIES: u32 = 12;
/// The newest version of Redis's own that is read: that of Redis 8.0.
pub const VERSION_MAX_REDIS: u32 = 12;
/// The versions of Valkey's own that are read: those of Valkey 9.
pub const VERSIONS_VALKEY: std::ops::RangeInclusive<u32> = 80..=80;
/// The oldest version that is written: that of Redis 2.6 to 3.0, which every later one reads.
pub const VERSION_OLDEST_WRITTEN: u32 = 6;
/// From this version on named facts and sizes of databases stand in the file: that of Redis 3.2.
pub const VERSION_WITH_FACTS: u32 = 7;
/// From this version on sorted sets have their scores as doubles: that of Redis 4.0.
pub const VERSION_WITH_DOUBLES: u32 = 8;
/// From this version on there are streams, and entries tell how they are used: that of Redis 5.0 to 6.2.
pub const VERSION_WITH_STREAMS: u32 = 9;
/// From this version on small collections are listpacks: that of Redis 7.0.
pub const VERSION_WITH_LISTPACKS: u32 = 10;
/// From this version on a checksum follows the end.
pub const VERSION_WITH_CHECKSUM: u32 = 5;

/// What stands before a part of the file.
pub mod opcode {
    /// A slot that was being imported when the file was written (Valkey 9): name, ranges of slots.
    pub const SLOT_IMPORT: u8 = 243;
    /// Sizes of a cluster slot: slot, keys, keys with expiry.
    pub const SLOT_INFO: u8 = 244;
    /// The source of a function library.
    pub const FUNCTION: u8 = 245;
    /// A function library as release candidates of Redis 7.0 wrote it.
    pub const FUNCTION_PRE_RELEASE: u8 = 246;
    /// Facts of a module that belong to no key.
    pub const MODULE_AUX: u8 = 247;
    /// Seconds since the next entry was last used.
    pub const IDLE: u8 = 248;
    /// The next entry's frequency of use, one byte.
    pub const FREQUENCY: u8 = 249;
    /// A named fact about the file.
    pub const AUX: u8 = 250;
    /// How many keys and expiries the database has.
    pub const RESIZE_DB: u8 = 251;
    /// When the next entry expires, in milliseconds since 1970, eight bytes little-endian.
    pub const EXPIRE_MS: u8 = 252;
    /// When the next entry expires, in seconds since 1970, four bytes little-endian.
    pub const EXPIRE_SECONDS: u8 = 253;
    /// The database of the entries that follow.
    pub const SELECT_DB: u8 = 254;
    /// The end.
    pub const EOF: u8 = 255;
}

/// What kind of value an entry has, and in which layout.
pub mod type_code {
    /// A string.
    pub const STRING: u8 = 0;
    /// A list of strings.
    pub const LIST: u8 = 1;
    /// A set of strings.
    pub const SET: u8 = 2;
    /// A sorted set with scores as text.
    pub const SORTED_SET: u8 = 3;
    /// A hash of strings.
    pub const HASH: u8 = 4;
    /// A sorted set with scores as doubles.
    pub const SORTED_SET_2: u8 = 5;
    /// A module's value as release candidates of Redis 4.0 wrote it.
    pub const MODULE_PRE_RELEASE: u8 = 6;
    /// A module's value.
    pub const MODULE_2: u8 = 7;
    /// A hash as one zipmap.
    pub const HASH_ZIPMAP: u8 = 9;
    /// A list as one ziplist.
    pub const LIST_ZIPLIST: u8 = 10;
    /// A set as one intset.
    pub const SET_INTSET: u8 = 11;
    /// A sorted set as one ziplist.
    pub const SORTED_SET_ZIPLIST: u8 = 12;
    /// A hash as one ziplist.
    pub const HASH_ZIPLIST: u8 = 13;
    /// A list as a row of ziplists.
    pub const LIST_QUICKLIST: u8 = 14;
    /// A stream.
    pub const STREAM: u8 = 15;
    /// A hash as one listpack.
    pub const HASH_LISTPACK: u8 = 16;
    /// A sorted set as one listpack.
    pub const SORTED_SET_LISTPACK: u8 = 17;
    /// A list as a row of listpacks and plain strings.
    pub const LIST_QUICKLIST_2: u8 = 18;
    /// A stream that knows its first id and how many entries were added.
    pub const STREAM_2: u8 = 19;
    /// A set as one listpack.
    pub const SET_LISTPACK: u8 = 20;
    /// A stream that knows when consumers were active.
    pub const STREAM_3: u8 = 21;
    /// Redis: a hash with expiring fields as release candidates of 7.4 wrote it. Valkey: a hash with expiring fields.
    pub const HASH_EXPIRING_22: u8 = 22;
    /// A small hash with expiring fields as release candidates of Redis 7.4 wrote it.
    pub const HASH_LISTPACK_EXPIRING_PRE_RELEASE: u8 = 23;
    /// A hash with expiring fields (Redis 7.4).
    pub const HASH_EXPIRING: u8 = 24;
    /// A small hash with expiring fields (Redis 7.4).
    pub const HASH_LISTPACK_EXPIRING: u8 = 25;
}

/// What a type code means, in words; none if no server that is known writes it.
pub const fn type_name(code: u8) -> Option<&'static str> {
    Some(match code {
        type_code::STRING => "a string",
        type_code::LIST => "a list",
        type_code::SET => "a set",
        type_code::SORTED_SET => "a sorted set (scores as text)",
        type_code::HASH => "a hash",
        type_code::SORTED_SET_2 => "a sorted set",
        type_code::MODULE_PRE_RELEASE => "a module value (pre-release)",
        type_code::MODULE_2 => "a module value",
        type_code::HASH_ZIPMAP => "a hash (zipmap)",
        type_code::LIST_ZIPLIST => "a list (ziplist)",
        type_code::SET_INTSET => "a set (intset)",
        type_code::SORTED_SET_ZIPLIST => "a sorted set (ziplist)",
        type_code::HASH_ZIPLIST => "a hash (ziplist)",
        type_code::LIST_QUICKLIST => "a list (quicklist of ziplists)",
        type_code::STREAM => "a stream",
        type_code::HASH_LISTPACK => "a hash (listpack)",
        type_code::SORTED_SET_LISTPACK => "a sorted set (listpack)",
        type_code::LIST_QUICKLIST_2 => "a list (quicklist)",
        type_code::STREAM_2 => "a stream (version 2)",
        type_code::SET_LISTPACK => "a set (listpack)",
        type_code::STREAM_3 => "a stream (version 3)",
        type_code::HASH_EXPIRING_22 => "a hash with expiring fields (code 22)",
        type_code::HASH_LISTPACK_EXPIRING_PRE_RELEASE => {
            "a hash with expiring fields (listpack, pre-release)"
        }
        type_code::HASH_EXPIRING => "a hash with expiring fields",
        type_code::HASH_LISTPACK_EXPIRING => "a hash with expiring fields (listpack)",
        _ => return None,
    })
}

/// A length, or that a string in a special encoding follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many bytes or elements.
    Plain(u64),
    /// One of the encodings of [`string_encoding`].
    Encoded(u8),
}

/// How a string is written that is not just its bytes.
pub mod string_encoding {
    /// An integer of one byte.
    pub const INT8: u8 = 0;
    /// An integer of two bytes, little-endian.
    pub const INT16: u8 = 1;
    /// An integer of four bytes, little-endian.
    pub const INT32: u8 = 2;
    /// Compressed: compressed length, length, LZF stream.
    pub const LZF: u8 = 3;
}

/// Set in the first byte of an encoded string; the lower six bits are the encoding.
pub const ENCODED: u8 = 0b1100_0000;
const LENGTH_14_BITS: u8 = 0b0100_0000;
/// The first byte of a length of four bytes, big-endian.
pub const LENGTH_32_BITS: u8 = 0x80;
/// The first byte of a length of eight bytes, big-endian.
pub const LENGTH_64_BITS: u8 = 0x81;

/// Appends a length in as few bytes as hold it.
#[inline]
pub fn append_length(out: &mut Vec<u8>, length: u64) {
    if length < 1 << 6 {
        out.push(length as u8);
    } else if length < 1 << 14 {
        out.extend_from_slice(&[LENGTH_14_BITS | (length >> 8) as u8, length as u8]);
    } else if let Ok(length) = u32::try_from(length) {
        out.push(LENGTH_32_BITS);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(LENGTH_64_BITS);
        out.extend_from_slice(&length.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_few_bytes() {
        for (length, expected) in [
            (0, &[0][..]),
            (63, &[63]),
            (64, &[0x40, 64]),
            (16_383, &[0x7f, 0xff]),
            (16_384, &[0x80, 0, 0, 0x40, 0]),
            (u64::from(u32::MAX), &[0x80, 0xff, 0xff, 0xff, 0xff]),
            (1 << 32, &[0x81, 0, 0, 0, 1, 0, 0, 0, 0]),
        ] {
            let mut out = Vec::new();
            append_length(&mut out, length);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn type_codes_are_named_up_to_the_last() {
        let named: Vec<u8> = (0..=255).filter(|&code| type_name(code).is_some()).collect();
        let expected: Vec<u8> = (0..=25).filter(|&code| code != 8).collect();
        assert_eq!(named, expected);
    }
}
