//! How an entry of a listpack is written: the head with kind and length, the bytes, the length once more for whoever
//! comes from behind.

use super::Element;

/// Total length and number of elements.
pub(super) const HEADER_BYTES: usize = 6;
/// The closing byte.
pub(super) const END: u8 = 0xff;
/// The most bytes that the length at an entry's end may take.
const MOST_BACK_BYTES: usize = 5;

/// Up to this length an entry's length at its end takes one byte, which is the length itself.
pub(super) const ONE_BACK_BYTE_MAX: usize = 127;

/// The bytes of an entry's head and of the text behind it. None if no entry begins so. Integers are all head.
#[inline]
pub(super) fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    Some(match first {
        0x00..=0x7f => (1, 0),
        0x80..=0xbf => (1, usize::from(first & 0x3f)),
        0xc0..=0xdf => (2, 0),
        0xe0..=0xef => (2, usize::from(first & 0x0f) << 8 | usize::from(*bytes.get(1)?)),
        0xf0 => (5, u32::from_le_bytes(*bytes.get(1..)?.first_chunk()?) as usize),
        0xf1 => (3, 0),
        0xf2 => (4, 0),
        0xf3 => (5, 0),
        0xf4 => (9, 0),
        _ => return None,
    })
}

/// The length of the entry that `bytes` begin with, if it is whole and well formed.
pub(super) fn checked_entry_bytes(bytes: &[u8]) -> Option<usize> {
    let (head, text) = extent(bytes)?;
    let length = head.checked_add(text)?;
    if length <= ONE_BACK_BYTE_MAX {
        return (usize::from(*bytes.get(length)?) == length).then_some(length + 1);
    }
    let (back, count) = back_length(length);
    let end = length.checked_add(count)?;
    (bytes.get(length..end)? == &back[..count]).then_some(end)
}

/// The length of the entry that `bytes` begin with, which has been checked.
#[inline]
pub(super) fn entry_bytes(bytes: &[u8]) -> usize {
    let (head, text) = extent(bytes).expect("an entry begins here");
    head + text + back_bytes(head + text)
}

/// The length of the entry that `bytes` end with, which has been checked.
pub(super) fn entry_bytes_before(bytes: &[u8]) -> usize {
    let mut length = 0;
    for (index, &byte) in bytes.iter().rev().take(MOST_BACK_BYTES).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return length + index + 1;
        }
    }
    unreachable!("an entry ends here");
}

/// The element of the entry that `bytes` begin with, which has been checked.
#[inline]
pub(super) fn decode(bytes: &[u8]) -> Element<'_> {
    decode_entry(bytes).0
}

/// The same, and the length of the whole entry.
#[inline]
pub(super) fn decode_entry(bytes: &[u8]) -> (Element<'_>, usize) {
    decode_with::<true>(bytes)
}

/// The element that `bytes` begin with, which has been checked, and its length: with that of the length behind it, or without.
#[inline]
pub(super) fn decode_with<const BACK: bool>(bytes: &[u8]) -> (Element<'_>, usize) {
    let one = usize::from(BACK);
    let integer = |end: usize| (Element::Integer(integer(&bytes[1..end])), end + one);
    match bytes[0] {
        small @ 0x00..=0x7f => (Element::Integer(i64::from(small)), 1 + one),
        length @ 0x80..=0xbf => {
            let end = 1 + usize::from(length & 0x3f);
            (Element::Bytes(&bytes[1..end]), end + one)
        }
        high @ 0xc0..=0xdf => {
            // Thirteen bits, of which the first is the sign.
            let raw = u16::from_be_bytes([high, bytes[1]]) << 3;
            (Element::Integer(i64::from(raw.cast_signed() >> 3)), 2 + one)
        }
        0xf1 => integer(3),
        0xf2 => integer(4),
        0xf3 => integer(5),
        0xf4 => integer(9),
        _ => {
            let (head, text) = extent(bytes).expect("an entry begins here");
            let end = head + text;
            (Element::Bytes(&bytes[head..end]), end + if BACK { back_bytes(end) } else { 0 })
        }
    }
}

/// A little-endian integer with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let mut whole = [0; 8];
    let unused = 8 - bytes.len();
    whole[unused..].copy_from_slice(bytes);
    i64::from_le_bytes(whole) >> (8 * unused)
}

/// How many bytes the length at the end takes. The bounds are one less than seven bits a byte would allow, and so
/// they are in every listpack ever written.
#[inline]
fn back_bytes(length: usize) -> usize {
    match length {
        0..=ONE_BACK_BYTE_MAX => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    }
}

/// The length at the end, seven bits a byte, all but the first marked, and how many bytes it takes.
pub(super) fn back_length(length: usize) -> ([u8; MOST_BACK_BYTES], usize) {
    let count = back_bytes(length);
    let mut bytes = [0; MOST_BACK_BYTES];
    for (index, byte) in bytes[..count].iter_mut().rev().enumerate() {
        *byte = (length >> (7 * index)) as u8 & 0x7f | 0x80;
    }
    bytes[0] &= 0x7f;
    (bytes, count)
}

/// An entry to be written, in its three parts.
pub(super) struct Entry<'a> {
    head: [u8; 9],
    head_bytes: usize,
    text: &'a [u8],
    back: [u8; MOST_BACK_BYTES],
    back_bytes: usize,
}

impl<'a> Entry<'a> {
    /// The entry of an element, in the shortest encoding.
    pub(super) fn new(element: Element<'a>) -> Entry<'a> {
        let mut head = [0; 9];
        let element = if let Element::Bytes(bytes) = element { Element::of(bytes) } else { element };
        let (head_bytes, text) = match element {
            Element::Integer(integer) => (write_integer(&mut head, integer), &[][..]),
            Element::Bytes(text) => (write_text_head(&mut head, text.len()), text),
        };
        let (back, back_bytes) = back_length(head_bytes + text.len());
        Entry { head, head_bytes, text, back, back_bytes }
    }

    /// What to write, one after the other.
    pub(super) fn pieces(&self) -> [&[u8]; 3] {
        [&self.head[..self.head_bytes], self.text, &self.back[..self.back_bytes]]
    }

    /// What to write where nobody comes from behind.
    pub(super) fn bare_pieces(&self) -> [&[u8]; 2] {
        [&self.head[..self.head_bytes], self.text]
    }

    /// The length of the whole entry.
    pub(super) fn total_bytes(&self) -> usize {
        self.head_bytes + self.text.len() + self.back_bytes
    }
}

/// How many bytes an element will take in a listpack.
#[inline]
pub fn would_be_bytes<'a>(element: impl Into<Element<'a>>) -> usize {
    match element.into() {
        // Itself and its length.
        Element::Integer(0..=127) => 2,
        element => Entry::new(element).total_bytes(),
    }
}

fn write_integer(head: &mut [u8; 9], integer: i64) -> usize {
    let bytes = integer.to_le_bytes();
    let (kind, width) = match integer {
        0..=127 => {
            head[0] = bytes[0];
            return 1;
        }
        -4096..=4095 => {
            head[0] = 0xc0 | bytes[1] & 0x1f;
            head[1] = bytes[0];
            return 2;
        }
        -0x8000..=0x7fff => (0xf1, 2),
        -0x80_0000..=0x7f_ffff => (0xf2, 3),
        -0x8000_0000..=0x7fff_ffff => (0xf3, 4),
        _ => (0xf4, 8),
    };
    head[0] = kind;
    head[1..=width].copy_from_slice(&bytes[..width]);
    1 + width
}

fn write_text_head(head: &mut [u8; 9], length: usize) -> usize {
    let short = length as u8;
    match length {
        0..=63 => {
            head[0] = 0x80 | short;
            1
        }
        64..=4095 => {
            head[0] = 0xe0 | (length >> 8) as u8;
            head[1] = short;
            2
        }
        _ => {
            head[0] = 0xf0;
            let length = u32::try_from(length).expect("a text of a listpack is far below 4 GiB");
            head[1..5].copy_from_slice(&length.to_le_bytes());
            5
        }
    }
}
