//! Sizes in bytes, or a share of `maxmemory`.

use stdx::bytes::parse_memory;
use stdx::number::parse_i64;

use super::memory::with_unit;
use super::{Given, Kind};
use crate::config::Refusal;

/// A size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// So many bytes.
    Bytes(u64),
    /// So many hundredths of `maxmemory`.
    Percent(u8),
}

/// A number of bytes as [`super::Memory`] takes it, or a percentage up to `100%`.
pub enum MemoryShare {}

impl Kind for MemoryShare {
    type Value = Share;

    fn parse(given: &Given<'_, Share>) -> Result<Share, Refusal> {
        let neither = Refusal::new("argument must be a memory or percent value");
        let Some(number) = given.word().strip_suffix(b"%") else {
            return parse_memory(given.word()).map(Share::Bytes).ok_or(neither);
        };
        match parse_i64(number) {
            None | Some(..0) => Err(neither),
            Some(percent @ 0..=100) => Ok(Share::Percent(percent as u8)),
            Some(_) => Err(Refusal::new("percentage argument must be less or equal to 100")),
        }
    }

    fn print(value: &Share) -> Vec<u8> {
        match value {
            Share::Bytes(bytes) => bytes.to_string().into_bytes(),
            Share::Percent(percent) => format!("{percent}%").into_bytes(),
        }
    }

    fn write(value: &Share) -> Vec<u8> {
        match value {
            Share::Bytes(bytes) => with_unit(*bytes).into_bytes(),
            Share::Percent(_) => Self::print(value),
        }
    }

    fn accepts() -> String {
        "bytes, or a number with k, kb, m, mb, g or gb, or a percentage up to 100%".to_owned()
    }
}
