//! A request: the words of one command, as places in the bytes that carried them.

/// Where one argument lies in the bytes of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

/// A borrowed request: the command's name and its arguments. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
    raw: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// A request whose arguments are `spans` of `bytes`. `raw` is the whole multibulk text when the request came as one.
    pub fn new(bytes: &'a [u8], spans: &'a [Span], raw: Option<&'a [u8]>) -> Self {
        Request { bytes, spans, raw }
    }

    /// Number of words, the command's name included.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no word at all.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The word at `index` (0 is the command's name), or an empty slice beyond the end.
    #[inline]
    pub fn word(&self, index: usize) -> &'a [u8] {
        match self.spans.get(index) {
            Some(span) => {
                let start = span.start as usize;
                self.bytes.get(start..start + span.len as usize).unwrap_or_default()
            }
            None => &[],
        }
    }

    /// All words in order.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let request = *self;
        (0..request.len()).map(move |index| request.word(index))
    }

    /// The request's exact bytes if it came as a multibulk: what can be passed on unchanged.
    #[inline]
    pub fn raw(&self) -> Option<&'a [u8]> {
        self.raw
    }

    /// Appends the request to `out` as a multibulk.
    #[inline]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self.raw {
            Some(raw) => out.extend_from_slice(raw),
            None => append_multibulk(out, self.words()),
        }
    }

    /// The request without its first `count` words.
    pub fn skip(&self, count: usize) -> Request<'a> {
        Request { bytes: self.bytes, spans: self.spans.get(count..).unwrap_or_default(), raw: None }
    }
}

/// A request that owns its bytes: queued in a transaction, waiting to run again, or made by the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedRequest {
    raw: Vec<u8>,
    spans: Vec<Span>,
}

impl OwnedRequest {
    /// Copies `words` into one multibulk.
    pub fn new<'w, W>(words: W) -> Self
    where
        W: IntoIterator<Item = &'w [u8]>,
        W::IntoIter: ExactSizeIterator,
    {
        let words = words.into_iter();
        let mut owned = OwnedRequest { raw: Vec::new(), spans: Vec::with_capacity(words.len()) };
        append_header(&mut owned.raw, b'*', words.len());
        for word in words {
            append_header(&mut owned.raw, b'$', word.len());
            owned.spans.push(Span { start: owned.raw.len() as u32, len: word.len() as u32 });
            owned.raw.extend_from_slice(word);
            owned.raw.extend_from_slice(b"\r\n");
        }
        owned
    }

    /// The request as borrowed words.
    pub fn as_request(&self) -> Request<'_> {
        Request { bytes: &self.raw, spans: &self.spans, raw: Some(&self.raw) }
    }

    /// Memory that the request occupies.
    pub fn used_bytes(&self) -> usize {
        self.raw.capacity() + self.spans.capacity() * size_of::<Span>()
    }
}

impl From<Request<'_>> for OwnedRequest {
    fn from(request: Request<'_>) -> Self {
        OwnedRequest::new(request.words())
    }
}

/// Appends words as a multibulk request: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`.
pub fn append_multibulk<'w, W>(out: &mut Vec<u8>, words: W)
where
    W: IntoIterator<Item = &'w [u8]>,
    W::IntoIter: ExactSizeIterator,
{
    let words = words.into_iter();
    append_header(out, b'*', words.len());
    for word in words {
        append_header(out, b'$', word.len());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends `mark`, a length and a line end.
#[inline]
pub(crate) fn append_header(out: &mut Vec<u8>, mark: u8, len: usize) {
    if len < 10 {
        out.extend_from_slice(&[mark, b'0' + len as u8, b'\r', b'\n']);
        return;
    }
    if len < 100 {
        out.extend_from_slice(&[mark, b'0' + (len / 10) as u8, b'0' + (len % 10) as u8, b'\r', b'\n']);
        return;
    }
    out.push(mark);
    append_decimal(out, len as i64);
    out.extend_from_slice(b"\r\n");
}

/// Appends a number in decimal.
#[inline]
pub(crate) fn append_decimal(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owned_request_is_its_words_and_its_multibulk() {
        let owned = OwnedRequest::new([b"SET".as_slice(), b"key", b"a\r\nb"]);
        let request = owned.as_request();
        assert_eq!(request.words().collect::<Vec<_>>(), [b"SET".as_slice(), b"key", b"a\r\nb"]);
        assert_eq!(request.raw().unwrap(), b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\na\r\nb\r\n");
        assert_eq!(request.word(9), b"");
        assert_eq!(request.skip(1).word(0), b"key");
    }
}
