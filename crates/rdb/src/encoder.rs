//! Writes RDB: entries become bytes in a buffer, which is drained to wherever they go.

use crate::format::{
    ENCODED, MAGIC_REDIS, MAGIC_VALKEY, VERSION_WITH_CHECKSUM, VERSION_WITH_FACTS, VERSION_WITH_STREAMS,
    VERSION_WRITTEN, VERSIONS_VALKEY, append_length, opcode, string_encoding, type_code,
};
use crate::values;
use crate::version::holds_streams;
use datatypes::collection::ValueRef;
use std::io::Write;
use stdx::number::parse_i64;
use stdx::{crc, lzf};

/// Strings up to this length are never compressed, as in Redis: little can be won.
const COMPRESS_LEN_MIN: usize = 21;
/// The longest text of an integer that is written as one: that of the smallest of 32 bits.
const INTEGER_TEXT_LEN_MAX: usize = 11;

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderOptions {
    /// The version, from 6 on: its layouts are used. What it has no layout for is left out: see
    /// [`holds_field_expiries`](crate::version::holds_field_expiries) and [`holds_streams`](crate::version::holds_streams).
    pub version: u32,
    /// Compress strings of more than 20 bytes where that helps.
    pub compress: bool,
    /// End with a checksum; zero stands there otherwise, which readers do not check.
    pub checksum: bool,
}

impl Default for EncoderOptions {
    fn default() -> EncoderOptions {
        EncoderOptions { version: VERSION_WRITTEN, compress: true, checksum: true }
    }
}

/// What is known of an entry besides its key and value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// When it expires, in milliseconds since 1970.
    pub expire_at_ms: Option<i64>,
    /// Seconds since it was last used.
    pub idle_seconds: Option<u64>,
    /// How often it is used, on the logarithmic scale of LFU.
    pub frequency: Option<u8>,
}

/// Appends the parts of a file to a buffer and keeps the checksum of all that was drained from it.
///
/// The order is: [`header`](Encoder::header); for each database [`select_db`](Encoder::select_db) and its
/// entries; [`footer`](Encoder::footer). Drain when [`buffered_bytes`](Encoder::buffered_bytes) is large, and at the end.
#[derive(Debug)]
pub struct Encoder {
    options: EncoderOptions,
    buffer: Vec<u8>,
    compressed: Vec<u8>,
    /// The checksum of what was drained and of the first `counted_bytes` of the buffer.
    checksum: u64,
    counted_bytes: usize,
}

impl Encoder {
    /// An encoder that has written nothing.
    pub fn new(options: EncoderOptions) -> Encoder {
        Encoder { options, buffer: Vec::new(), compressed: Vec::new(), checksum: 0, counted_bytes: 0 }
    }

    /// Begins the file: magic, version, and named facts (`redis-ver`, `repl-id`, `repl-offset` ...).
    pub fn header(&mut self, facts: &[(&[u8], &[u8])]) {
        let version = self.options.version;
        if VERSIONS_VALKEY.contains(&version) {
            self.buffer.extend_from_slice(MAGIC_VALKEY);
            self.buffer.extend_from_slice(format!("{version:03}").as_bytes());
        } else {
            self.buffer.extend_from_slice(MAGIC_REDIS);
            self.buffer.extend_from_slice(format!("{version:04}").as_bytes());
        }
        for (name, value) in facts.iter().filter(|_| version >= VERSION_WITH_FACTS) {
            self.buffer.push(opcode::AUX);
            self.string(name);
            self.string(value);
        }
    }

    /// Begins a database, with how many keys it has and how many of them expire; both are hints.
    pub fn select_db(&mut self, db: u32, keys: u64, expires: u64) {
        self.buffer.push(opcode::SELECT_DB);
        append_length(&mut self.buffer, u64::from(db));
        if self.options.version < VERSION_WITH_FACTS {
            return;
        }
        self.buffer.push(opcode::RESIZE_DB);
        append_length(&mut self.buffer, keys);
        append_length(&mut self.buffer, expires);
    }

    #[inline]
    fn attributes(&mut self, attributes: Attributes) {
        if let Some(expire_at_ms) = attributes.expire_at_ms {
            self.buffer.push(opcode::EXPIRE_MS);
            self.buffer.extend_from_slice(&expire_at_ms.to_le_bytes());
        }
        if self.options.version < VERSION_WITH_STREAMS {
            return;
        }
        if let Some(idle_seconds) = attributes.idle_seconds {
            self.buffer.push(opcode::IDLE);
            append_length(&mut self.buffer, idle_seconds);
        }
        if let Some(frequency) = attributes.frequency {
            self.buffer.extend_from_slice(&[opcode::FREQUENCY, frequency]);
        }
    }

    /// Appends a key with a string. The expiry is in milliseconds since 1970.
    pub fn string_entry(&mut self, key: &[u8], value: &[u8], expire_at_ms: Option<i64>) {
        self.entry(key, ValueRef::String(value), Attributes { expire_at_ms, ..Attributes::default() });
    }

    /// Appends a key with a value of any type. A stream is left out of a version that has no layout for it.
    #[inline]
    pub fn entry(&mut self, key: &[u8], value: ValueRef<'_>, attributes: Attributes) {
        if matches!(value, ValueRef::Stream(_)) && !holds_streams(self.options.version) {
            return;
        }
        self.attributes(attributes);
        if let ValueRef::String(bytes) = value {
            self.buffer.push(type_code::STRING);
            self.string(key);
            self.string(bytes);
            return;
        }
        self.buffer.push(values::code_of(value, self.options.version));
        self.string(key);
        values::write(self, value);
    }

    /// Appends a type code and a value: what a DUMP payload begins with.
    pub(crate) fn value(&mut self, value: ValueRef<'_>) {
        self.buffer.push(values::code_of(value, self.options.version));
        values::write(self, value);
    }

    /// The version that is written.
    pub(crate) fn version(&self) -> u32 {
        self.options.version
    }

    /// Appends a length.
    pub(crate) fn length(&mut self, length: u64) {
        append_length(&mut self.buffer, length);
    }

    /// Appends bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Ends the file: the end's opcode, and the checksum if the version has one.
    pub fn footer(&mut self) {
        self.buffer.push(opcode::EOF);
        if self.options.version < VERSION_WITH_CHECKSUM {
            return;
        }
        self.count();
        let checksum = if self.options.checksum { self.checksum } else { 0 };
        self.buffer.extend_from_slice(&checksum.to_le_bytes());
    }

    /// How many bytes wait to be drained.
    pub fn buffered_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Takes what is buffered. The allocation goes with it; [`drain_into`](Encoder::drain_into) keeps it.
    pub fn take(&mut self) -> Vec<u8> {
        self.count();
        self.counted_bytes = 0;
        std::mem::take(&mut self.buffer)
    }

    /// Writes all that is buffered and empties the buffer; returns how many bytes that was. After an error the file
    /// is not to be continued: part of the buffer may have been written.
    pub fn drain_into(&mut self, sink: &mut impl Write) -> std::io::Result<usize> {
        self.count();
        sink.write_all(&self.buffer)?;
        let drained_bytes = self.buffer.len();
        self.buffer.clear();
        self.counted_bytes = 0;
        Ok(drained_bytes)
    }

    /// Brings the checksum up to the end of the buffer.
    fn count(&mut self) {
        if self.options.checksum {
            self.checksum = crc::crc64(self.checksum, &self.buffer[self.counted_bytes..]);
        }
        self.counted_bytes = self.buffer.len();
    }

    /// Appends a string: as an integer or compressed where that is shorter.
    #[inline]
    pub(crate) fn string(&mut self, bytes: &[u8]) {
        if bytes.len() <= INTEGER_TEXT_LEN_MAX && self.integer(bytes) {
            return;
        }
        if self.options.compress && bytes.len() >= COMPRESS_LEN_MIN && self.compressed_string(bytes) {
            return;
        }
        append_length(&mut self.buffer, bytes.len() as u64);
        self.buffer.extend_from_slice(bytes);
    }

    /// Writes the text of an integer of at most 32 bits as that integer; false if it is none.
    fn integer(&mut self, text: &[u8]) -> bool {
        let Some(Ok(value)) = parse_i64(text).map(i32::try_from) else { return false };
        if let Ok(value) = i8::try_from(value) {
            self.buffer.extend_from_slice(&[ENCODED | string_encoding::INT8, value.cast_unsigned()]);
        } else if let Ok(value) = i16::try_from(value) {
            self.buffer.push(ENCODED | string_encoding::INT16);
            self.buffer.extend_from_slice(&value.to_le_bytes());
        } else {
            self.buffer.push(ENCODED | string_encoding::INT32);
            self.buffer.extend_from_slice(&value.to_le_bytes());
        }
        true
    }

    /// Writes the string compressed; false, and nothing written, if that does not help.
    fn compressed_string(&mut self, bytes: &[u8]) -> bool {
        self.compressed.clear();
        if !lzf::compress(bytes, &mut self.compressed) {
            return false;
        }
        self.buffer.push(ENCODED | string_encoding::LZF);
        append_length(&mut self.buffer, self.compressed.len() as u64);
        append_length(&mut self.buffer, bytes.len() as u64);
        self.buffer.extend_from_slice(&self.compressed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(bytes: &[u8], compress: bool) -> Vec<u8> {
        let mut encoder = Encoder::new(EncoderOptions { compress, ..EncoderOptions::default() });
        encoder.string(bytes);
        encoder.take()
    }

    #[test]
    fn strings_as_redis_writes_them() {
        for (text, expected) in [
            ("", &[0][..]),
            ("hello", b"\x05hello"),
            ("0", &[0xc0, 0]),
            ("-128", &[0xc0, 0x80]),
            ("128", &[0xc1, 128, 0]),
            ("-32768", &[0xc1, 0, 0x80]),
            ("70000", &[0xc2, 0x70, 0x11, 1, 0]),
            ("-2147483648", &[0xc2, 0, 0, 0, 0x80]),
            ("2147483648", b"\x0a2147483648"),
            ("012", b"\x03012"),
            ("+1", b"\x02+1"),
        ] {
            assert_eq!(string(text.as_bytes(), true), expected, "{text}");
        }
    }

    #[test]
    fn only_long_strings_are_compressed() {
        assert_eq!(string(&[b'x'; 20], true)[0], 20);
        assert_eq!(string(&[b'x'; 21], true)[0], 0xc3);
        assert_eq!(string(&[b'x'; 21], false)[0], 21);
        assert_eq!(string(b"abcdefghijklmnopqrstuvwxyz", true)[0], 26);
    }

    #[test]
    fn the_checksum_covers_all_drained_pieces() {
        let write = |encoder: &mut Encoder, drained: &mut Vec<u8>, pieces: bool| {
            encoder.header(&[(b"redis-bits", b"64")]);
            encoder.select_db(0, 100, 0);
            for number in 0..100 {
                encoder.string_entry(format!("key:{number}").as_bytes(), b"value", Some(number));
                if pieces {
                    let buffered_bytes = encoder.buffered_bytes();
                    assert_eq!(encoder.drain_into(drained).expect("a vector takes all"), buffered_bytes);
                }
            }
            encoder.footer();
            drained.extend(encoder.take());
        };
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        write(&mut Encoder::new(EncoderOptions::default()), &mut whole, false);
        write(&mut Encoder::new(EncoderOptions::default()), &mut pieces, true);
        assert_eq!(whole, pieces);
        let (body, checksum) = whole.split_last_chunk::<8>().expect("a footer");
        assert_eq!(u64::from_le_bytes(*checksum), crc::crc64(0, body));
        assert!(whole.starts_with(b"REDIS0010\xfa\x0aredis-bits\xc0\x40\xfe\x00\xfb\x40\x64\x00"));
    }

    #[test]
    fn the_oldest_version_has_no_facts_no_sizes_and_no_uses() {
        let mut encoder = Encoder::new(EncoderOptions { version: 6, ..EncoderOptions::default() });
        encoder.header(&[(b"redis-bits", b"64")]);
        encoder.select_db(2, 1, 0);
        let attributes = Attributes { expire_at_ms: Some(1), idle_seconds: Some(5), frequency: Some(6) };
        encoder.entry(b"k", ValueRef::String(b"v"), attributes);
        assert_eq!(encoder.take(), b"REDIS0006\xfe\x02\xfc\x01\0\0\0\0\0\0\0\0\x01k\x01v");
    }

    #[test]
    fn without_checksum_zero_stands_there() {
        let mut encoder = Encoder::new(EncoderOptions { checksum: false, ..EncoderOptions::default() });
        encoder.header(&[]);
        encoder.footer();
        assert_eq!(encoder.take(), b"REDIS0010\xff\0\0\0\0\0\0\0\0");
    }
}
