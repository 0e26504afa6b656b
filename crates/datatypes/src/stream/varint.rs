//! Numbers in as few bytes as they need: seven bits each, the low ones first, every byte but the last marked.

use encodings::room;

/// The mark of a byte that another one follows.
const MORE: u8 = 0x80;

/// The most bytes that a number takes.
pub(super) const BYTES_MAX: usize = 10;

/// Appends a number.
#[inline]
pub(super) fn push(row: &mut Vec<u8>, number: u64) {
    let (mut bytes, mut len) = ([0; BYTES_MAX], 0);
    write(&mut bytes, &mut len, number);
    room::append(row, &bytes[..len]);
}

/// Writes a number at `at`, which moves behind it.
#[inline]
pub(super) fn write(row: &mut [u8], at: &mut usize, number: u64) {
    let mut rest = number;
    while rest >= u64::from(MORE) {
        row[*at] = rest as u8 | MORE;
        *at += 1;
        rest >>= 7;
    }
    row[*at] = rest as u8;
    *at += 1;
}

/// The number that stands at `at`, which moves behind it.
#[inline]
pub(super) fn take(row: &[u8], at: &mut usize) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = row[*at];
        *at += 1;
        number |= u64::from(byte & !MORE) << shift;
        if byte & MORE == 0 {
            return number;
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for (number, bytes) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (u64::MAX, 10)] {
            let (mut row, mut at) = (Vec::new(), 0);
            push(&mut row, number);
            assert_eq!((take(&row, &mut at), at, row.len()), (number, bytes, bytes));
        }
    }
}
