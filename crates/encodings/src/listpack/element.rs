//! An element of a listpack: an integer or bytes. Both are byte strings to whoever asks.

use stdx::number;

/// What stands at a position.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// The text of this integer, in its canonical form.
    Integer(i64),
    /// These bytes.
    Bytes(&'a [u8]),
}

/// Room for the text of an integer.
pub struct TextBuffer([u8; 20]);

impl TextBuffer {
    /// Room that holds nothing yet.
    pub fn new() -> TextBuffer {
        TextBuffer([0; 20])
    }
}

impl Default for TextBuffer {
    fn default() -> TextBuffer {
        TextBuffer::new()
    }
}

impl<'a> Element<'a> {
    /// Bytes as they will be stored: canonical integers as integers.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Element<'a> {
        match number::parse_i64(bytes) {
            Some(integer) => Element::Integer(integer),
            None => Element::Bytes(bytes),
        }
    }

    /// The length of its text.
    pub fn len(self) -> usize {
        match self {
            Element::Integer(integer) => number::decimal_len(integer),
            Element::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether its text is empty.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Its value if its text is a canonical integer.
    pub fn integer(self) -> Option<i64> {
        match self {
            Element::Integer(integer) => Some(integer),
            Element::Bytes(bytes) => number::parse_i64(bytes),
        }
    }

    /// Its text. That of an integer is written into `buffer`.
    pub fn text<'b>(self, buffer: &'b mut TextBuffer) -> &'b [u8]
    where
        'a: 'b,
    {
        let Element::Integer(integer) = self else { return self.bytes().unwrap_or_default() };
        let (mut rest, mut start) = (integer.unsigned_abs(), buffer.0.len());
        loop {
            start -= 1;
            buffer.0[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if integer < 0 {
            start -= 1;
            buffer.0[start] = b'-';
        }
        &buffer.0[start..]
    }

    fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Element::Integer(_) => None,
            Element::Bytes(bytes) => Some(bytes),
        }
    }

    /// Appends its text.
    pub fn write_to(self, out: &mut Vec<u8>) {
        match self {
            Element::Integer(integer) => number::append_i64(out, integer),
            Element::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }

    /// Its text in memory of its own.
    pub fn to_vec(self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.len());
        self.write_to(&mut text);
        text
    }
}

/// Elements are equal when their texts are.
impl PartialEq for Element<'_> {
    #[inline]
    fn eq(&self, other: &Element<'_>) -> bool {
        match (*self, *other) {
            (Element::Integer(one), Element::Integer(two)) => one == two,
            (Element::Bytes(one), Element::Bytes(two)) => one == two,
            // Other programs may have stored an integer's text as bytes.
            (Element::Integer(integer), Element::Bytes(bytes))
            | (Element::Bytes(bytes), Element::Integer(integer)) => number::parse_i64(bytes) == Some(integer),
        }
    }
}

impl Eq for Element<'_> {}

impl PartialEq<[u8]> for Element<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        *self == Element::Bytes(other)
    }
}

impl<'a> From<&'a [u8]> for Element<'a> {
    fn from(bytes: &'a [u8]) -> Element<'a> {
        Element::of(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Element<'a> {
    fn from(bytes: &'a [u8; N]) -> Element<'a> {
        Element::of(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Element<'a> {
    fn from(bytes: &'a Vec<u8>) -> Element<'a> {
        Element::of(bytes)
    }
}

impl From<i64> for Element<'_> {
    fn from(integer: i64) -> Self {
        Element::Integer(integer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_integers() {
        for integer in [0, 1, -1, 9, 10, -10, 1234567890, i64::MAX, i64::MIN] {
            let element = Element::Integer(integer);
            let text = integer.to_string().into_bytes();
            assert_eq!(element.text(&mut TextBuffer::new()), text);
            assert_eq!((element.to_vec(), element.len()), (text.clone(), text.len()));
            assert!(Element::of(&text) == element && element == *text.as_slice());
            assert!(Element::Bytes(&text) == element, "stored as bytes, it is still the same text");
        }
    }

    #[test]
    fn what_only_looks_like_an_integer_is_bytes() {
        for text in [&b""[..], b"-0", b"01", b"+1", b" 1", b"1 ", b"9223372036854775808", b"-"] {
            let element = Element::of(text);
            assert!(matches!(element, Element::Bytes(bytes) if bytes == text));
            assert_eq!(element.integer(), None);
            assert_eq!(element.text(&mut TextBuffer::new()), text);
            assert_eq!(element.is_empty(), text.is_empty());
        }
    }
}
