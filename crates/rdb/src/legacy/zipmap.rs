//! Zipmaps: the small hashes of Redis before 2.6.
//!
//! A byte with the number of pairs (254: many), then names and values by turns, then 255. Each begins with its length, one
//! byte or 254 and four more; between a value's length and its text a byte tells how many bytes behind the text are unused.

const LONG: u8 = 254;
const END: u8 = 255;

/// The names and values of a zipmap by turns; none if it is damaged.
pub(crate) fn elements(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (&count, mut rest) = bytes.split_first()?;
    let mut elements = Vec::new();
    while rest != [END] {
        elements.push(take_text(&mut rest, 0)?);
        elements.push(take_text(&mut rest, 1)?);
    }
    (count >= LONG || usize::from(count) * 2 == elements.len()).then_some(elements)
}

/// Takes a length, `free_bytes` bytes that tell how much is unused, and the text.
fn take_text(rest: &mut &[u8], free_bytes: usize) -> Option<Vec<u8>> {
    let length = match *take(rest, 1)?.first()? {
        END => return None,
        LONG => u32::from_le_bytes(*take(rest, 4)?.first_chunk()?) as usize,
        length => usize::from(length),
    };
    let unused = take(rest, free_bytes)?.first().copied().unwrap_or(0);
    let text = take(rest, length)?.to_vec();
    take(rest, usize::from(unused))?;
    Some(text)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = b"\x02\x03foo\x03\x00bar\x05hello\x05\x02world..\xff";

    #[test]
    fn pairs_come_in_their_order() {
        let elements = elements(SAMPLE).expect("sound");
        assert_eq!(elements, [&b"foo"[..], b"bar", b"hello", b"world"]);
        let mut long = b"\x01\xfe\x2c\x01\x00\x00".to_vec();
        long.extend([b'n'; 300]);
        long.extend(b"\x01\x00v\xff");
        assert_eq!(super::elements(&long).expect("sound")[0].len(), 300);
    }

    #[test]
    fn damage_is_refused_and_never_read_beyond() {
        for at in 0..SAMPLE.len() {
            assert_eq!(elements(&SAMPLE[..at]), None);
            for bit in 0..8 {
                let mut damaged = SAMPLE.to_vec();
                damaged[at] ^= 1 << bit;
                elements(&damaged);
            }
        }
        assert_eq!(elements(b"\x03\x03foo\x03\x00bar\xff"), None, "the number of pairs is wrong");
    }
}
