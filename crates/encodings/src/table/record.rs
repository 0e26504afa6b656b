//! An entry as bytes of a segment's arena: two lengths, what lies outside, the expiry, key and value.
//!
//! ```text
//! key length and, as the highest bit, whether there is an expiry   1 byte
//! value length, in tables that have values                        1 byte
//! number of the key, of the value, if they lie outside            2 bytes each
//! expiry, if any                                                  8 bytes
//! key, value, unless they lie outside
//! ```

/// The longest text that lies inside: so a length is one byte, and a segment of entries as large as can be is copied in
/// about a microsecond. A text outside costs some 26 bytes and a cache line more, a fifth of what it is at this length.
pub(super) const MAX_INSIDE: usize = if cfg!(test) { 10 } else { 126 };
/// The length of a text outside.
const OUTSIDE: u8 = 127;
const HAS_EXPIRY: u8 = 0x80;
/// What stands before the texts of a record is never longer.
const MAX_HEAD: usize = 2 + 4 + 8;
/// No record is longer.
pub(super) const MAX_RECORD: usize = MAX_HEAD + 2 * 126;

/// A key or value as a record holds it.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    Inside(&'a [u8]),
    /// The number of an allocation of its own.
    Outside(u16),
}

impl<'a> Text<'a> {
    /// Its number, if it lies outside.
    pub(super) fn number(self) -> Option<u16> {
        match self {
            Text::Inside(_) => None,
            Text::Outside(number) => Some(number),
        }
    }

    /// Its bytes, none if they lie outside.
    pub(super) fn inside(self) -> &'a [u8] {
        match self {
            Text::Inside(bytes) => bytes,
            Text::Outside(_) => &[],
        }
    }

    fn length(self) -> u8 {
        match self {
            Text::Inside(bytes) => bytes.len() as u8,
            Text::Outside(_) => OUTSIDE,
        }
    }

    #[inline]
    fn read(length: u8, bytes: &'a [u8], number_at: &mut usize, text_at: &mut usize) -> Text<'a> {
        if length == OUTSIDE {
            let number = u16::from_le_bytes([bytes[*number_at], bytes[*number_at + 1]]);
            *number_at += 2;
            return Text::Outside(number);
        }
        let start = *text_at;
        *text_at += usize::from(length);
        Text::Inside(&bytes[start..*text_at])
    }
}

/// An entry taken apart.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) key: Text<'a>,
    /// Empty in a table without values.
    pub(super) value: Text<'a>,
    pub(super) expire_at_ms: Option<i64>,
}

/// How long the record of an entry may become, with an expiry.
pub(super) fn record_bytes(key: &[u8], value: &[u8]) -> usize {
    let inside = |text: &[u8]| if text.len() <= MAX_INSIDE { text.len() } else { 2 };
    2 + 8 + inside(key) + inside(value)
}

impl<'a> Record<'a> {
    /// Reads the record that `bytes` begin with; returns its length too.
    #[inline]
    pub(super) fn read<const VALUES: bool>(bytes: &'a [u8]) -> (Record<'a>, usize) {
        let key_length = bytes[0] & !HAS_EXPIRY;
        let value_length = if VALUES { bytes[1] } else { 0 };
        let mut number_at = 1 + usize::from(VALUES);
        let outside = usize::from(key_length == OUTSIDE) + usize::from(value_length == OUTSIDE);
        let mut text_at = number_at + 2 * outside;
        let expire_at_ms = (bytes[0] & HAS_EXPIRY != 0).then(|| {
            let bytes = bytes[text_at..].first_chunk().expect("eight bytes of expiry");
            text_at += bytes.len();
            i64::from_le_bytes(*bytes)
        });
        let key = Text::read(key_length, bytes, &mut number_at, &mut text_at);
        let value = Text::read(value_length, bytes, &mut number_at, &mut text_at);
        (Record { key, value, expire_at_ms }, text_at)
    }

    /// What stands before the texts, and its length.
    #[inline]
    pub(super) fn head<const VALUES: bool>(&self) -> ([u8; MAX_HEAD], usize) {
        let (mut head, mut end) = ([0; MAX_HEAD], 0);
        let mut put = |bytes: &[u8]| {
            head[end..end + bytes.len()].copy_from_slice(bytes);
            end += bytes.len();
        };
        let flag = if self.expire_at_ms.is_some() { HAS_EXPIRY } else { 0 };
        put(&[self.key.length() | flag, self.value.length()][..1 + usize::from(VALUES)]);
        let texts = [self.key, self.value];
        texts.iter().filter_map(|text| text.number()).for_each(|number| put(&number.to_le_bytes()));
        self.expire_at_ms.iter().for_each(|at_ms| put(&at_ms.to_le_bytes()));
        (head, end)
    }

    /// Writes the record; returns its length.
    pub(super) fn write<const VALUES: bool>(&self, out: &mut [u8; MAX_RECORD]) -> usize {
        let (head, mut end) = self.head::<VALUES>();
        out[..end].copy_from_slice(&head[..end]);
        for text in [self.key.inside(), self.value.inside()] {
            out[end..end + text.len()].copy_from_slice(text);
            end += text.len();
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: Text<'static> = Text::Inside(&[]);

    fn check<const VALUES: bool>(record: Record<'_>, bytes: usize) {
        let mut buffer = [0xaa; MAX_RECORD];
        assert_eq!(record.write::<VALUES>(&mut buffer), bytes);
        let (read, length) = Record::read::<VALUES>(&buffer);
        assert_eq!((length, read.expire_at_ms), (bytes, record.expire_at_ms));
        for (read, written) in [(read.key, record.key), (read.value, record.value)] {
            match (read, written) {
                (Text::Inside(read), Text::Inside(written)) => assert_eq!(read, written),
                (Text::Outside(read), Text::Outside(written)) => assert_eq!(read, written),
                _ => panic!("a text changed sides"),
            }
        }
    }

    #[test]
    fn every_shape_reads_back() {
        let texts = [EMPTY, Text::Inside(&[7; 126]), Text::Outside(0), Text::Outside(u16::MAX)];
        let inside = |text: Text<'_>| if let Text::Inside(bytes) = text { bytes.len() } else { 2 };
        for expire_at_ms in [None, Some(i64::MIN), Some(0)] {
            let expiry = if expire_at_ms.is_some() { 8 } else { 0 };
            for key in texts {
                for value in texts {
                    let bytes = 2 + inside(key) + inside(value) + expiry;
                    check::<true>(Record { key, value, expire_at_ms }, bytes);
                }
                check::<false>(Record { key, value: EMPTY, expire_at_ms }, 1 + inside(key) + expiry);
            }
        }
    }
}
