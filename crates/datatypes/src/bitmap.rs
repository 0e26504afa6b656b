//! Strings as rows of bits: the first bit is the highest of the first byte, and behind the end all bits are 0.

pub mod combine;
pub mod field;

use std::ops::Range;

/// The bit at `offset`.
pub fn get(bytes: &[u8], offset: u64) -> bool {
    let byte = usize::try_from(offset / 8).ok().and_then(|at| bytes.get(at));
    byte.is_some_and(|byte| byte & mask(offset) != 0)
}

/// Sets the bit at `offset`, which lies within `bytes`; returns what it was.
pub fn set(bytes: &mut [u8], offset: u64, bit: bool) -> bool {
    let byte = &mut bytes[(offset / 8) as usize];
    let before = *byte & mask(offset) != 0;
    *byte = if bit { *byte | mask(offset) } else { *byte & !mask(offset) };
    before
}

fn mask(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}

/// How many bits of a range are 1. The range lies within `bytes`.
pub fn count(bytes: &[u8], bits: Range<u64>) -> u64 {
    let Some((head, whole, tail)) = split(bytes, bits) else { return 0 };
    let edges = u64::from(head.0.count_ones() + tail.0.count_ones());
    let (words, rest) = whole.as_chunks::<8>();
    let ones = |sum: u64, word: &[u8; 8]| sum + u64::from(u64::from_ne_bytes(*word).count_ones());
    edges + words.iter().fold(0, ones) + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
}

/// Where the first bit of a range that is `wanted` stands. The range lies within `bytes`.
pub fn find(bytes: &[u8], bits: Range<u64>, wanted: bool) -> Option<u64> {
    let (start, end) = (bits.start, bits.end);
    let (head, whole, tail) = split(bytes, bits)?;
    // Bits outside of the range count as not wanted.
    let in_byte = |(byte, inside): (u8, u8)| if wanted { byte } else { !byte & inside };
    let first_byte = start / 8;
    let (bit, at) = if in_byte(head) != 0 {
        (in_byte(head), first_byte)
    } else if let Some((byte, at)) = find_byte(whole, wanted) {
        (byte, first_byte + u64::from(head.1 != 0) + at as u64)
    } else {
        (in_byte(tail), (end - 1) / 8)
    };
    (bit != 0).then(|| at * 8 + u64::from(bit.leading_zeros()))
}

/// The first byte with a wanted bit, the wanted bits made ones, and where it stands.
fn find_byte(bytes: &[u8], wanted: bool) -> Option<(u8, usize)> {
    let none = if wanted { 0 } else { u8::MAX };
    let (words, _) = bytes.as_chunks::<8>();
    let skipped = words.iter().take_while(|word| **word == [none; 8]).count() * 8;
    let at = skipped + bytes[skipped..].iter().position(|&byte| byte != none)?;
    Some((bytes[at] ^ none, at))
}

/// Bits of one byte that belong to a range, and a mask that says which.
type Edge = (u8, u8);

/// The broken byte at the beginning of a range, its whole bytes, and the broken byte at its end; none of an empty range.
fn split(bytes: &[u8], bits: Range<u64>) -> Option<(Edge, &[u8], Edge)> {
    if bits.is_empty() {
        return None;
    }
    let (first, last) = ((bits.start / 8) as usize, ((bits.end - 1) / 8) as usize);
    let from_start = u8::MAX >> (bits.start % 8);
    let to_end = u8::MAX << (7 - (bits.end - 1) % 8);
    let edge = |at: usize, inside: u8| (bytes[at] & inside, inside);
    if first == last {
        return Some((edge(first, from_start & to_end), &[], (0, 0)));
    }
    let head = if from_start == u8::MAX { None } else { Some(edge(first, from_start)) };
    let tail = if to_end == u8::MAX { None } else { Some(edge(last, to_end)) };
    let whole = first + usize::from(head.is_some())..last + usize::from(tail.is_none());
    Some((head.unwrap_or_default(), &bytes[whole], tail.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_bytes(random: &mut fastrand::Rng) -> Vec<u8> {
        let fill = [0, u8::MAX][random.usize(..2)];
        let mut bytes = vec![fill; random.usize(..40)];
        for _ in 0..random.usize(..3) {
            if !bytes.is_empty() {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
        }
        bytes
    }

    #[test]
    fn counts_and_finds_as_bit_by_bit() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let bytes = random_bytes(&mut random);
            let end = random.u64(0..=bytes.len() as u64 * 8);
            let start = random.u64(0..=end);
            let ones = (start..end).filter(|&at| get(&bytes, at)).count() as u64;
            assert_eq!(count(&bytes, start..end), ones, "{bytes:?} {start}..{end}");
            for wanted in [false, true] {
                let first = (start..end).find(|&at| get(&bytes, at) == wanted);
                assert_eq!(find(&bytes, start..end, wanted), first, "{bytes:?} {start}..{end} {wanted}");
            }
        }
    }

    #[test]
    fn sets_one_bit() {
        let mut bytes = [0, 0];
        assert!(!set(&mut bytes, 9, true) && set(&mut bytes, 9, true));
        assert_eq!(bytes, [0, 0x40]);
        assert!(set(&mut bytes, 9, false) && !get(&bytes, 9) && !get(&bytes, 1 << 40));
    }
}
