//! Whether bytes from outside are a listpack. What passes can be walked in both directions without a further check.

use super::UNKNOWN;
use super::encoding::{END, HEADER_BYTES, checked_entry_bytes};

/// Why bytes are no listpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// The header tells another length than there is, or there is no whole header.
    Length,
    /// The closing byte is missing.
    End,
    /// No whole entry stands at this offset.
    Entry(usize),
    /// The header tells another number of elements than there are.
    Count,
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Damaged::Length => f.write_str("the listpack's length is not what its header tells"),
            Damaged::End => f.write_str("the listpack's closing byte is missing"),
            Damaged::Entry(offset) => write!(f, "no whole entry at offset {offset} of the listpack"),
            Damaged::Count => f.write_str("the listpack's number of elements is not what its header tells"),
        }
    }
}

impl std::error::Error for Damaged {}

/// Checks header, every entry with the length at its end, the closing byte and the count.
pub(super) fn validate(bytes: &[u8]) -> Result<(), Damaged> {
    let [a, b, c, d, low, high, entries @ ..] = bytes else { return Err(Damaged::Length) };
    if u32::from_le_bytes([*a, *b, *c, *d]) as usize != bytes.len() {
        return Err(Damaged::Length);
    }
    let [entries @ .., END] = entries else { return Err(Damaged::End) };
    let (mut rest, mut count) = (entries, 0_usize);
    while !rest.is_empty() {
        let length = checked_entry_bytes(rest);
        let offset = HEADER_BYTES + entries.len() - rest.len();
        rest = length.and_then(|length| rest.get(length..)).ok_or(Damaged::Entry(offset))?;
        count += 1;
    }
    let told = u16::from_le_bytes([*low, *high]);
    if told == UNKNOWN || usize::from(told) == count { Ok(()) } else { Err(Damaged::Count) }
}
