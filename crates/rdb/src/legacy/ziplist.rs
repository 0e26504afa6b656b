//! Ziplists: how Redis packed small collections before version 7.0.
//!
//! Total bytes (4), offset of the last entry (4), entries (2; 65535 means "count them"), the entries, 255. All numbers are
//! little-endian but the lengths inside of entries. An entry: the length of the one before it (one byte, or 254 and four),
//! what it is and how long, the bytes.

const HEADER_BYTES: usize = 10;
const END: u8 = 255;
/// The entry before is longer than one byte can tell: four bytes follow.
const LONG_PREVIOUS: u8 = 254;
/// The header's count when there are more entries than it can tell.
const COUNT_UNKNOWN: usize = 0xffff;

/// The bytes are not a ziplist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// The elements of a ziplist, integers as text.
pub(crate) fn elements(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Damaged> {
    let header = bytes.first_chunk::<HEADER_BYTES>().ok_or(Damaged)?;
    let total = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
    let count = usize::from(u16::from_le_bytes([header[8], header[9]]));
    let (end, entries) = bytes[HEADER_BYTES..].split_last().ok_or(Damaged)?;
    if total != bytes.len() || *end != END {
        return Err(Damaged);
    }
    let mut walk = Walk { rest: entries };
    let mut elements = Vec::new();
    let mut previous = 0;
    while !walk.rest.is_empty() {
        let before = walk.rest.len();
        if walk.previous_length()? != previous {
            return Err(Damaged);
        }
        elements.push(walk.element()?);
        previous = before - walk.rest.len();
    }
    if count != COUNT_UNKNOWN && count != elements.len() {
        return Err(Damaged);
    }
    Ok(elements)
}

/// What is still to be read.
struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn previous_length(&mut self) -> Result<usize, Damaged> {
        match self.take::<1>()? {
            [LONG_PREVIOUS] => Ok(u32::from_le_bytes(self.take()?) as usize),
            [END] => Err(Damaged),
            [length] => Ok(usize::from(length)),
        }
    }

    fn element(&mut self) -> Result<Vec<u8>, Damaged> {
        let [kind] = self.take::<1>()?;
        let integer = match kind {
            0xc0 => i64::from(i16::from_le_bytes(self.take()?)),
            0xd0 => i64::from(i32::from_le_bytes(self.take()?)),
            0xe0 => i64::from_le_bytes(self.take()?),
            0xf0 => {
                let [low, middle, high] = self.take()?;
                i64::from(i32::from_le_bytes([0, low, middle, high]) >> 8)
            }
            0xfe => i64::from(i8::from_le_bytes(self.take()?)),
            0xf1..=0xfd => i64::from(kind & 0x0f) - 1,
            _ => return self.text(kind),
        };
        Ok(integer.to_string().into_bytes())
    }

    fn text(&mut self, kind: u8) -> Result<Vec<u8>, Damaged> {
        let length = match kind >> 6 {
            0 => usize::from(kind),
            1 => usize::from(kind & 0x3f) << 8 | usize::from(self.take::<1>()?[0]),
            _ if kind == 0x80 => u32::from_be_bytes(self.take()?) as usize,
            _ => return Err(Damaged),
        };
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(text.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Redis 6.2 packs `2`, `5`, `hello`, `-300` and a long text.
    fn sample() -> Vec<u8> {
        let long = [b'x'; 300];
        let mut entries = vec![0, 0xf3, 2, 0xf6, 2, 5];
        entries.extend_from_slice(b"hello");
        entries.extend_from_slice(&[7, 0xc0, 0xd4, 0xfe, 4, 0x41, 0x2c]);
        entries.extend_from_slice(&long);
        entries.extend_from_slice(&[254, 47, 1, 0, 0, 0xfe, 0x80]);
        let total = (entries.len() + HEADER_BYTES + 1) as u32;
        let mut bytes = total.to_le_bytes().to_vec();
        bytes.extend_from_slice(&(total - 8).to_le_bytes());
        bytes.extend_from_slice(&6_u16.to_le_bytes());
        bytes.extend_from_slice(&entries);
        bytes.push(END);
        bytes
    }

    #[test]
    fn elements_of_every_kind() {
        let elements = elements(&sample()).expect("sound");
        let long = "x".repeat(300);
        assert_eq!(elements, ["2", "5", "hello", "-300", &long, "-128"].map(|text| text.as_bytes().to_vec()));
    }

    #[test]
    fn damage_is_refused_and_never_panics() {
        let sound = sample();
        for length in 0..sound.len() {
            assert_eq!(elements(&sound[..length]), Err(Damaged), "{length}");
        }
        for at in 0..sound.len() {
            for bit in 0..8 {
                let mut damaged = sound.clone();
                damaged[at] ^= 1 << bit;
                let _ = elements(&damaged);
            }
        }
    }
}
