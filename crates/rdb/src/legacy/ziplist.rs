//! Ziplists: the small lists, hashes and sorted sets of Redis before 7.0.
//!
//! Total length and offset of the last entry (32 bits each), number of entries (16 bits, 65535: many), the entries, 255. An
//! entry is the length of the one before it (one byte, or 254 and four), a head that tells kind and length, the text.

const HEADER_BYTES: usize = 10;
const LONG: u8 = 254;
const END: u8 = 255;
/// The number of entries that stands for "count them".
const UNKNOWN: u16 = u16::MAX;

/// The elements of a ziplist as texts; none if it is damaged.
pub(crate) fn elements(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (header, mut rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let total_bytes = u32::from_le_bytes(*header.first_chunk()?) as usize;
    let count = u16::from_le_bytes([header[8], header[9]]);
    if total_bytes != bytes.len() {
        return None;
    }
    let mut elements = Vec::new();
    let mut length_before = 0;
    while rest != [END] {
        let start = rest.len();
        if take_length_before(&mut rest)? != length_before {
            return None;
        }
        elements.push(take_element(&mut rest)?);
        length_before = start - rest.len();
    }
    (count == UNKNOWN || usize::from(count) == elements.len()).then_some(elements)
}

fn take_length_before(rest: &mut &[u8]) -> Option<usize> {
    match *take(rest, 1)?.first()? {
        END => None,
        LONG => Some(u32::from_le_bytes(*take(rest, 4)?.first_chunk()?) as usize),
        length => Some(usize::from(length)),
    }
}

fn take_element(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let head = *take(rest, 1)?.first()?;
    let length = match head >> 6 {
        0 => usize::from(head),
        1 => usize::from(head & 0x3f) << 8 | usize::from(*take(rest, 1)?.first()?),
        2 => u32::from_be_bytes(*take(rest, 4)?.first_chunk()?) as usize,
        _ => return take_integer(head, rest).map(|integer| integer.to_string().into_bytes()),
    };
    take(rest, length).map(<[u8]>::to_vec)
}

fn take_integer(head: u8, rest: &mut &[u8]) -> Option<i64> {
    let width = match head {
        0xfe => 1,
        0xc0 => 2,
        0xf0 => 3,
        0xd0 => 4,
        0xe0 => 8,
        0xf1..=0xfd => return Some(i64::from(head & 0x0f) - 1),
        _ => return None,
    };
    // Little-endian and shorter than eight bytes: moved to the top and back, the sign comes along.
    let mut bytes = [0; 8];
    bytes[8 - width..].copy_from_slice(take(rest, width)?);
    Some(i64::from_le_bytes(bytes) >> (64 - 8 * width))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of every kind: small integer, text, 8, 16, 24, 32 and 64 bits.
    fn sample() -> Vec<u8> {
        let entries: [&[u8]; 7] = [
            b"\xf6",
            b"\x03abc",
            b"\xfe\xff",
            b"\xc0\x00\x80",
            b"\xf0\xff\xff\x7f",
            b"\xd0\x00\x00\x00\x80",
            b"\xe0\xff\xff\xff\xff\xff\xff\xff\x7f",
        ];
        let (mut body, mut before, mut last) = (Vec::new(), 0, 0);
        for entry in entries {
            last = HEADER_BYTES + body.len();
            body.push(before);
            body.extend_from_slice(entry);
            before = 1 + entry.len() as u8;
        }
        let total = (HEADER_BYTES + body.len() + 1) as u32;
        let header = [&total.to_le_bytes()[..], &(last as u32).to_le_bytes(), &7_u16.to_le_bytes()].concat();
        [&header[..], &body, &[END]].concat()
    }

    #[test]
    fn every_kind_of_entry() {
        let elements = elements(&sample()).expect("sound");
        let texts: Vec<_> = elements.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        assert_eq!(texts, ["5", "abc", "-1", "-32768", "8388607", "-2147483648", "9223372036854775807"]);
    }

    #[test]
    fn damage_is_refused_and_never_read_beyond() {
        let sample = sample();
        for at in 0..sample.len() {
            assert_eq!(elements(&sample[..at]), None);
            for bit in 0..8 {
                let mut damaged = sample.clone();
                damaged[at] ^= 1 << bit;
                elements(&damaged);
            }
        }
    }
}
