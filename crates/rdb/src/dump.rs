//! The payload of DUMP and RESTORE: a type code, the value, the version (two bytes) and a CRC-64 (eight), both
//! little-endian. A value of a version that is newer than what we know is refused, as is one with a wrong checksum.

use datatypes::collection::{Collection, Value, ValueRef};
use datatypes::limits::Limits;
use stdx::crc;

use crate::encoder::{Encoder, EncoderOptions};
use crate::error::RdbError;
use crate::format::{VERSION_MAX_REDIS, VERSION_WITH_FIELD_EXPIRIES, VERSION_WRITTEN, VERSIONS_VALKEY};
use crate::skip::Dialect;
use crate::source::Source;
use crate::values::{self, Reading};
use crate::version::holds_field_expiries;

/// Version and checksum behind the value.
const FOOTER_LEN: usize = 10;

/// Why a payload gives no value.
#[derive(Debug)]
pub enum PayloadError {
    /// Its version is unknown or its checksum wrong.
    Footer,
    /// Its footer is right, and yet the value is damaged.
    Value(RdbError),
}

impl std::fmt::Display for PayloadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PayloadError::Footer => f.write_str("version or checksum are wrong"),
            PayloadError::Value(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PayloadError {}

/// The version for a value: the one that is asked for, unless it has no layout for all that there is; else the least whose
/// readers understand the value, but not below the one that is written otherwise.
pub fn version_for(value: ValueRef<'_>, asked: Option<u32>) -> Option<u32> {
    let needs_expiries = matches!(value, ValueRef::Hash(hash) if hash.nearest_expiry_ms().is_some());
    match asked {
        Some(version) => (!needs_expiries || holds_field_expiries(version)).then_some(version),
        None => Some(if needs_expiries { VERSION_WITH_FIELD_EXPIRIES } else { VERSION_WRITTEN }),
    }
}

/// The payload of a value.
pub fn write(value: ValueRef<'_>, options: EncoderOptions) -> Vec<u8> {
    let mut encoder = Encoder::new(options);
    encoder.value(value);
    let mut payload = encoder.take();
    payload.extend_from_slice(&(options.version as u16).to_le_bytes());
    let checksum = crc::crc64(0, &payload);
    payload.extend_from_slice(&checksum.to_le_bytes());
    payload
}

/// The value of a payload. What stands between the value and the footer is left alone, as other servers do.
///
/// `verify_checksum` false leaves a wrong checksum alone (`DEBUG SET-SKIP-CHECKSUM-VALIDATION`).
pub fn read(payload: &[u8], limits: Limits, verify_checksum: bool) -> Result<Value, PayloadError> {
    let value_len = payload.len().checked_sub(FOOTER_LEN).ok_or(PayloadError::Footer)?;
    let (value, footer) = payload.split_at(value_len);
    let (version, checksum) = footer.split_first_chunk::<2>().ok_or(PayloadError::Footer)?;
    let version = u32::from(u16::from_le_bytes(*version));
    let dialect = if VERSIONS_VALKEY.contains(&version) {
        Dialect::Valkey
    } else if version <= VERSION_MAX_REDIS {
        Dialect::Redis
    } else {
        return Err(PayloadError::Footer);
    };
    let computed = crc::crc64(0, &payload[..value_len + 2]).to_le_bytes();
    if verify_checksum && checksum != computed {
        return Err(PayloadError::Footer);
    }
    let mut source = Source::new(value, false, value.len() as u64 * LZF_RATIO_MAX);
    let code = source.byte().map_err(PayloadError::Value)?;
    let reading = Reading { offset: 0, code, dialect, limits };
    values::read(&mut source, reading).map_err(PayloadError::Value)
}

/// LZF makes of three bytes 264 at most: no string of a payload is longer than this times the payload.
const LZF_RATIO_MAX: u64 = 88;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back() {
        for text in [&b""[..], b"12", b"a text that is long enough to be compressed aaaaaaaaaaaaaaaaaaaaaaa"]
        {
            let payload = write(ValueRef::String(text), EncoderOptions::default());
            let value = read(&payload, Limits::DEFAULT, true).expect("sound");
            assert!(matches!(value, Value::String(bytes) if bytes == text));
        }
    }

    #[test]
    fn what_a_real_server_dumps() {
        let payload =
            write(ValueRef::String(b"hello"), EncoderOptions { version: 10, ..EncoderOptions::default() });
        assert_eq!(payload, b"\x00\x05hello\n\x00cr\xdfve4 \n");
    }

    #[test]
    fn versions_are_those_asked_for_or_the_least() {
        let mut hash = datatypes::hash::Hash::default();
        let limits = Limits::DEFAULT.hash;
        hash.set(b"f", b"v", datatypes::hash::Expiry::Clear, limits);
        assert_eq!(version_for(ValueRef::Hash(&hash), None), Some(10));
        assert_eq!(version_for(ValueRef::Hash(&hash), Some(80)), Some(80));
        hash.set(b"f", b"v", datatypes::hash::Expiry::At(5_000_000_000_000), limits);
        let view = ValueRef::Hash(&hash);
        for (asked, expected) in
            [(None, Some(12)), (Some(10), None), (Some(11), None), (Some(12), Some(12)), (Some(80), Some(80))]
        {
            assert_eq!(version_for(view, asked), expected, "{asked:?}");
            if let Some(version) = expected {
                let payload = write(view, EncoderOptions { version, ..EncoderOptions::default() });
                let value = read(&payload, Limits::DEFAULT, true).expect("sound");
                assert!(matches!(value, Value::Hash(read) if read == hash), "{asked:?}");
            }
        }
    }

    #[test]
    fn damage_is_refused() {
        let payload = write(ValueRef::String(b"hello"), EncoderOptions::default());
        for at in 0..payload.len() {
            let mut damaged = payload.clone();
            damaged[at] ^= 1;
            assert!(matches!(read(&damaged, Limits::DEFAULT, true), Err(PayloadError::Footer)), "byte {at}");
            assert!(read(&payload[..at], Limits::DEFAULT, true).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn bytes_behind_the_value_are_left_alone() {
        let mut payload = b"\x00\x02hello\x0a\x00".to_vec();
        payload.extend(crc::crc64(0, &payload).to_le_bytes());
        let value = read(&payload, Limits::DEFAULT, true).expect("sound");
        assert!(matches!(value, Value::String(bytes) if bytes == b"he"));
    }
}
