//! The reply writer: one interface for RESP2 and RESP3, appending to the client's outbox.

use crate::request::{append_decimal, append_header};

/// The version of the protocol that a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// RESP2, what every client starts with.
    #[default]
    Resp2,
    /// RESP3, chosen by HELLO 3.
    Resp3,
}

/// Writes one or more replies to a buffer.
pub struct Reply<'a> {
    out: &'a mut Vec<u8>,
    version: Version,
}

/// The place of a collection whose length is known only at its end.
#[must_use]
pub struct Deferred(usize);

impl<'a> Reply<'a> {
    /// Replies appended to `out` in the given version.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>, version: Version) -> Self {
        Reply { out, version }
    }

    /// The same writer for a shorter time.
    pub fn reborrow(&mut self) -> Reply<'_> {
        Reply { out: self.out, version: self.version }
    }

    /// The version in which replies are written.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Changes the version from here on (HELLO, RESET).
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Bytes in the buffer so far, earlier replies included.
    pub fn written_bytes(&self) -> usize {
        self.out.len()
    }

    /// The bytes written behind `mark`, a value of [`Reply::written_bytes`].
    pub fn since(&self, mark: usize) -> &[u8] {
        &self.out[mark..]
    }

    /// Takes back what was written behind `mark`.
    pub fn truncate(&mut self, mark: usize) {
        self.out.truncate(mark);
    }

    /// `+OK`.
    #[inline]
    pub fn ok(&mut self) {
        self.out.extend_from_slice(b"+OK\r\n");
    }

    /// A simple string; must contain no line end.
    pub fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    /// An error: code, space, text. Line ends within become spaces.
    pub fn error(&mut self, text: &str) {
        self.error_bytes(text.as_bytes());
    }

    /// An error whose text may quote any bytes.
    pub fn error_bytes(&mut self, text: &[u8]) {
        self.out.push(b'-');
        let end = text.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
        let flat = |&byte: &u8| if byte == b'\r' || byte == b'\n' { b' ' } else { byte };
        self.out.extend(text[..end].iter().map(flat));
        self.out.extend_from_slice(b"\r\n");
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, number: i64) {
        self.out.push(b':');
        append_decimal(self.out, number);
        self.out.extend_from_slice(b"\r\n");
    }

    /// A bulk string.
    #[inline]
    pub fn bulk(&mut self, bytes: &[u8]) {
        self.out.reserve(bytes.len() + 16);
        append_header(self.out, b'$', bytes.len());
        self.out.extend_from_slice(bytes);
        self.out.extend_from_slice(b"\r\n");
    }

    /// A bulk string that is a number in decimal.
    pub fn bulk_integer(&mut self, number: i64) {
        self.bulk(itoa::Buffer::new().format(number).as_bytes());
    }

    /// The absence of a value.
    #[inline]
    pub fn null(&mut self) {
        self.by_version(b"$-1\r\n", b"_\r\n");
    }

    /// The absence of an array.
    pub fn null_array(&mut self) {
        self.by_version(b"*-1\r\n", b"_\r\n");
    }

    /// A bulk string or null.
    #[inline]
    pub fn bulk_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    /// The head of an array; `len` replies follow.
    #[inline]
    pub fn array(&mut self, len: usize) {
        append_header(self.out, b'*', len);
    }

    /// The head of a map; `len` keys, each with its value, follow.
    pub fn map(&mut self, len: usize) {
        match self.version {
            Version::Resp2 => append_header(self.out, b'*', len * 2),
            Version::Resp3 => append_header(self.out, b'%', len),
        }
    }

    /// The head of a set; `len` replies follow.
    pub fn set(&mut self, len: usize) {
        match self.version {
            Version::Resp2 => append_header(self.out, b'*', len),
            Version::Resp3 => append_header(self.out, b'~', len),
        }
    }

    /// The head of an attribute; `len` keys, each with its value, follow, and then the reply that they belong to. There is
    /// no such thing in RESP2: to be called only for RESP3.
    pub fn attribute(&mut self, len: usize) {
        append_header(self.out, b'|', len);
    }

    /// The head of an out-of-band message; `len` replies follow.
    pub fn push(&mut self, len: usize) {
        match self.version {
            Version::Resp2 => append_header(self.out, b'*', len),
            Version::Resp3 => append_header(self.out, b'>', len),
        }
    }

    /// A boolean (1 or 0 in RESP2).
    pub fn boolean(&mut self, truth: bool) {
        match truth {
            true => self.by_version(b":1\r\n", b"#t\r\n"),
            false => self.by_version(b":0\r\n", b"#f\r\n"),
        }
    }

    /// A floating point number (a bulk string in RESP2).
    pub fn double(&mut self, number: f64) {
        let mut text = Vec::new();
        stdx::number::append_f64(&mut text, number);
        match self.version {
            Version::Resp2 => self.bulk(&text),
            Version::Resp3 => self.line(b',', &text),
        }
    }

    /// A text with a format of three letters (a bulk string in RESP2).
    pub fn verbatim(&mut self, format: &str, text: &[u8]) {
        if self.version == Version::Resp2 {
            self.bulk(text);
            return;
        }
        append_header(self.out, b'=', text.len() + 4);
        self.out.extend_from_slice(&format.as_bytes()[..3]);
        self.out.push(b':');
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }

    /// A number of any size.
    pub fn big_number(&mut self, digits: &str) {
        match self.version {
            Version::Resp2 => self.bulk(digits.as_bytes()),
            Version::Resp3 => self.line(b'(', digits.as_bytes()),
        }
    }

    /// Begins an array whose length [`Reply::close_array`] tells.
    pub fn open_array(&mut self) -> Deferred {
        Deferred(self.out.len())
    }

    /// Ends an array that was begun with [`Reply::open_array`].
    pub fn close_array(&mut self, place: &Deferred, len: usize) {
        self.close(place, b'*', len);
    }

    /// Ends a map of `len` pairs that was begun with [`Reply::open_array`].
    pub fn close_map(&mut self, place: &Deferred, len: usize) {
        match self.version {
            Version::Resp2 => self.close(place, b'*', len * 2),
            Version::Resp3 => self.close(place, b'%', len),
        }
    }

    /// Appends replies that were encoded elsewhere in the same version.
    pub fn encoded(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn close(&mut self, place: &Deferred, mark: u8, len: usize) {
        let mut head = Vec::with_capacity(16);
        append_header(&mut head, mark, len);
        self.out.splice(place.0..place.0, head);
    }

    #[inline]
    fn by_version(&mut self, resp2: &[u8], resp3: &[u8]) {
        self.out.extend_from_slice(if self.version == Version::Resp2 { resp2 } else { resp3 });
    }

    fn line(&mut self, mark: u8, text: &[u8]) {
        self.out.push(mark);
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(write: impl Fn(&mut Reply<'_>)) -> (String, String) {
        let text = |version| {
            let mut out = Vec::new();
            write(&mut Reply::new(&mut out, version));
            String::from_utf8(out).unwrap()
        };
        (text(Version::Resp2), text(Version::Resp3))
    }

    #[test]
    fn every_kind_in_both_versions() {
        let same =
            |write: fn(&mut Reply<'_>), text: &str| assert_eq!(both(write), (text.into(), text.into()));
        same(|reply| reply.bulk(&[b'x'; 3]), "$3\r\nxxx\r\n");
        same(|reply| reply.integer(-120), ":-120\r\n");
        same(|reply| reply.error("ERR a\r\nb\r\n"), "-ERR a  b\r\n");
        let differ = |write: fn(&mut Reply<'_>), resp2: &str, resp3: &str| {
            assert_eq!(both(write), (resp2.into(), resp3.into()));
        };
        differ(|reply: &mut Reply<'_>| reply.null(), "$-1\r\n", "_\r\n");
        differ(|reply| reply.map(2), "*4\r\n", "%2\r\n");
        differ(|reply| reply.boolean(true), ":1\r\n", "#t\r\n");
        differ(|reply| reply.verbatim("txt", b"hi"), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n");
        differ(|reply| reply.double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n");
    }

    #[test]
    fn a_deferred_length_is_written_before_its_elements() {
        let (text, _) = both(|reply| {
            let place = reply.open_array();
            (0..120).for_each(|_| reply.integer(7));
            reply.close_array(&place, 120);
        });
        assert!(text.starts_with("*120\r\n:7\r\n"));
    }
}
