//! A ziplist, as files of Redis before 7.0 hold short lists, hashes and sorted sets: checked whole, then read.
//!
//! Ten bytes of header (total length, offset of the last entry, 32 bits each; number of entries, 16 bits, of which 65535
//! means "count them"), the entries, a closing 0xFF. An entry begins with the length of the one before it (one byte, or 0xFE
//! and four), a head that tells kind and length, and its bytes. Integers are little-endian, lengths of strings big-endian.

use encodings::listpack::Element;

const HEADER_BYTES: usize = 10;
const END: u8 = 0xff;
/// Stands before the length of an entry that is too long for one byte.
const LONG_PREVIOUS: u8 = 0xfe;
/// The number of entries that stands for "count them".
const UNKNOWN_LEN: usize = 0xffff;

/// The elements of a ziplist that was checked.
#[derive(Clone)]
pub(crate) struct Ziplist<'a> {
    entries: &'a [u8],
}

impl<'a> Ziplist<'a> {
    /// A ziplist from outside, every entry of which is checked; none if anything does not fit.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Ziplist<'a>> {
        let (total, rest) = bytes.split_first_chunk::<4>()?;
        let (tail, rest) = rest.split_first_chunk::<4>()?;
        let (len, rest) = rest.split_first_chunk::<2>()?;
        let (&end, entries) = rest.split_last()?;
        if u32::from_le_bytes(*total) as usize != bytes.len() || end != END {
            return None;
        }
        let (counted, last) = check(entries)?;
        let len = usize::from(u16::from_le_bytes(*len));
        let fits = (len == UNKNOWN_LEN || len == counted)
            && u32::from_le_bytes(*tail) as usize == HEADER_BYTES + last;
        fits.then_some(Ziplist { entries })
    }
}

/// How many entries there are and where the last one begins; none if they do not fit together.
fn check(entries: &[u8]) -> Option<(usize, usize)> {
    let (mut count, mut start, mut last, mut previous_bytes) = (0, 0, 0, 0);
    while start < entries.len() {
        let entry = Entry::parse(&entries[start..])?;
        if entry.previous_bytes != previous_bytes {
            return None;
        }
        (count, last, previous_bytes) = (count + 1, start, entry.total_bytes);
        start += entry.total_bytes;
    }
    Some((count, last))
}

impl<'a> Iterator for Ziplist<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let entry = Entry::parse(self.entries)?;
        self.entries = &self.entries[entry.total_bytes..];
        Some(entry.element)
    }
}

/// One entry.
struct Entry<'a> {
    element: Element<'a>,
    previous_bytes: usize,
    total_bytes: usize,
}

impl<'a> Entry<'a> {
    /// The entry that `bytes` begin with, if it is whole.
    fn parse(bytes: &'a [u8]) -> Option<Entry<'a>> {
        let (&first, rest) = bytes.split_first()?;
        let (previous_bytes, rest) = match first {
            END => return None,
            LONG_PREVIOUS => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                (u32::from_le_bytes(*length) as usize, rest)
            }
            short => (usize::from(short), rest),
        };
        let (element, rest) = element(rest)?;
        Some(Entry { element, previous_bytes, total_bytes: bytes.len() - rest.len() })
    }
}

/// The element whose head `bytes` begin with, and what is behind it.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&head, rest) = bytes.split_first()?;
    match head {
        0x00..=0x3f => text(rest, usize::from(head)),
        0x40..=0x7f => {
            let (&low, rest) = rest.split_first()?;
            text(rest, usize::from(head & 0x3f) << 8 | usize::from(low))
        }
        0x80 => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            text(rest, u32::from_be_bytes(*length) as usize)
        }
        0xc0 => integer::<2>(rest),
        0xd0 => integer::<4>(rest),
        0xe0 => integer::<8>(rest),
        0xf0 => integer::<3>(rest),
        0xfe => integer::<1>(rest),
        0xf1..=0xfd => Some((Element::Integer(i64::from(head & 0x0f) - 1), rest)),
        _ => None,
    }
}

fn text(bytes: &[u8], length: usize) -> Option<(Element<'_>, &[u8])> {
    let (text, rest) = bytes.split_at_checked(length)?;
    Some((Element::Bytes(text), rest))
}

/// A little-endian integer with its sign.
fn integer<const BYTES: usize>(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<BYTES>()?;
    let mut whole = [0; 8];
    whole[8 - BYTES..].copy_from_slice(number);
    Some((Element::Integer(i64::from_le_bytes(whole) >> (8 * (8 - BYTES))), rest))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A ziplist of these elements, for tests.
    pub(crate) fn ziplist(elements: &[Element<'_>]) -> Vec<u8> {
        let (mut entries, mut last, mut previous) = (Vec::new(), 0, 0);
        for element in elements {
            last = entries.len();
            if previous < 254 {
                entries.push(previous as u8);
            } else {
                entries.push(LONG_PREVIOUS);
                entries.extend((previous as u32).to_le_bytes());
            }
            append(&mut entries, *element);
            previous = entries.len() - last;
        }
        let mut bytes = Vec::new();
        bytes.extend(((HEADER_BYTES + entries.len() + 1) as u32).to_le_bytes());
        bytes.extend(((HEADER_BYTES + last) as u32).to_le_bytes());
        bytes.extend((elements.len() as u16).to_le_bytes());
        bytes.extend(entries);
        bytes.push(END);
        bytes
    }

    fn append(out: &mut Vec<u8>, element: Element<'_>) {
        match element {
            Element::Integer(number @ 0..=12) => out.push(0xf1 + number as u8),
            Element::Integer(number) => {
                let widths = [(0xfe, 1), (0xc0, 2), (0xf0, 3), (0xd0, 4), (0xe0, 8)];
                let fits = |bits: u32| number << (64 - bits) >> (64 - bits) == number;
                let (head, width) =
                    widths[widths.iter().position(|&(_, width)| fits(width * 8)).expect("64 bits")];
                out.push(head);
                out.extend(&number.to_le_bytes()[..width as usize]);
            }
            Element::Bytes(text) => {
                match text.len() {
                    length @ 0..=63 => out.push(length as u8),
                    length @ 64..=16383 => out.extend([0x40 | (length >> 8) as u8, length as u8]),
                    length => {
                        out.push(0x80);
                        out.extend((length as u32).to_be_bytes());
                    }
                }
                out.extend_from_slice(text);
            }
        }
    }

    fn sample() -> (Vec<Vec<u8>>, Vec<u8>) {
        let (medium, long) = (vec![b'm'; 300], vec![b'l'; 20_000]);
        let mut elements = vec![Element::Bytes(b""), Element::Bytes(b"hello"), Element::Bytes(&medium)];
        elements.extend([Element::Bytes(&long), Element::Bytes(b"behind")]);
        let numbers = [0, 12, 13, -1, 127, -128, 128, 32767, -32768, 1 << 20, -(1 << 23), 1 << 30, i64::MIN];
        elements.extend(numbers.map(Element::Integer));
        (elements.iter().map(|element| element.to_vec()).collect(), ziplist(&elements))
    }

    #[test]
    fn every_kind_of_entry() {
        let (texts, bytes) = sample();
        let read: Vec<Vec<u8>> = Ziplist::new(&bytes).expect("well formed").map(Element::to_vec).collect();
        assert_eq!(read, texts);
        assert_eq!(Ziplist::new(&ziplist(&[])).expect("empty").count(), 0);
    }

    /// `a`, 1024, -5 and 300 times `x`, put together byte by byte.
    #[test]
    fn byte_by_byte() {
        let mut bytes = vec![0x46, 1, 0, 0, 0x14, 0, 0, 0, 4, 0];
        bytes.extend([0, 1, b'a', 3, 0xc0, 0, 4, 4, 0xfe, 0xfb]);
        bytes.extend([3, 0x41, 0x2c]);
        bytes.extend([b'x'; 300]);
        bytes.push(END);
        let total = bytes.len() as u32;
        bytes[..4].copy_from_slice(&total.to_le_bytes());
        let read: Vec<Vec<u8>> = Ziplist::new(&bytes).expect("well formed").map(Element::to_vec).collect();
        assert_eq!(read, [b"a".to_vec(), b"1024".to_vec(), b"-5".to_vec(), vec![b'x'; 300]]);
    }

    #[test]
    fn damage_is_found_or_harmless() {
        let (_, bytes) = sample();
        for end in (0..bytes.len()).filter(|end| *end < 500 || end % 97 == 0) {
            assert!(Ziplist::new(&bytes[..end]).is_none(), "cut at {end}");
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let mut bytes = bytes[..].to_vec();
            let place = if random.bool() { random.usize(..350) } else { random.usize(..bytes.len()) };
            bytes[place] ^= random.u8(1..);
            if let Some(read) = Ziplist::new(&bytes) {
                read.for_each(|element| assert!(element.len() < bytes.len()));
            }
        }
    }
}
