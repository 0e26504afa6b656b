//! Sizes in bytes, with units.

use stdx::bytes::parse_memory;

use super::integer::out_of_bounds;
use super::{Given, Kind};
use crate::config::Refusal;

/// A number of bytes from MIN to MAX: `1k` is 1000, `1kb` 1024, likewise m, mb, g, gb, in any case.
pub enum Memory<const MIN: u64, const MAX: u64> {}

impl<const MIN: u64, const MAX: u64> Kind for Memory<MIN, MAX> {
    type Value = u64;

    fn parse(given: &Given<'_, u64>) -> Result<u64, Refusal> {
        let bytes = parse_memory(given.word()).ok_or(Refusal::new("argument must be a memory value"))?;
        if (MIN..=MAX).contains(&bytes) { Ok(bytes) } else { Err(out_of_bounds(MIN, MAX)) }
    }

    fn print(value: &u64) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn write(value: &u64) -> Vec<u8> {
        with_unit(*value).into_bytes()
    }

    fn accepts() -> String {
        match (MIN, MAX) {
            (0, _) => "bytes, or a number with k, kb, m, mb, g or gb".to_owned(),
            (min, _) => format!("{} or more: bytes, or a number with k, kb, m, mb, g or gb", with_unit(min)),
        }
    }
}

/// The size of the replication backlog: 1 or more, and never less than 16 KiB.
pub enum BacklogSize {}

impl BacklogSize {
    const MIN: u64 = 16 << 10;
}

impl Kind for BacklogSize {
    type Value = u64;

    fn parse(given: &Given<'_, u64>) -> Result<u64, Refusal> {
        let bytes = Memory::<1, { i64::MAX as u64 }>::parse(given)?;
        Ok(bytes.max(Self::MIN))
    }

    fn print(value: &u64) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn write(value: &u64) -> Vec<u8> {
        with_unit(*value).into_bytes()
    }

    fn accepts() -> String {
        format!("bytes, or a number with k, kb, m, mb, g or gb; raised to {} if less", with_unit(Self::MIN))
    }
}

/// The size in the largest unit that it is a whole number of.
pub(super) fn with_unit(bytes: u64) -> String {
    let units = [(1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb")];
    match units.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", bytes / unit),
        None => bytes.to_string(),
    }
}
