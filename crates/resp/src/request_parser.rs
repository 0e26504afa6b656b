//! The incremental request parser: bytes as they arrive in, complete requests out, nothing copied.
//!
//! The grammar, the limits and the error texts are those of Redis's protocol description; an argument stays where it is in
//! the read buffer, and a request cut anywhere goes on where it stopped.

use crate::request::{Request, Span};

/// The longest inline request and the longest length line, in bytes.
pub const INLINE_MAX_BYTES: usize = 64 * 1024;
/// Most words of a request before the client has authenticated.
const UNAUTHENTICATED_MAX_WORDS: i64 = 10;
/// Longest word of a request before the client has authenticated, in bytes.
const UNAUTHENTICATED_MAX_WORD_BYTES: i64 = 16_384;

/// What bounds a request at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest argument, in bytes (`proto-max-bulk-len`).
    pub max_bulk_bytes: u64,
    /// Whether the client has authenticated: others may only send small requests.
    pub authenticated: bool,
}

/// Why the bytes are not a request. The text is the error that the client gets before the connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError(pub String);

impl std::fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Protocol error: {}", self.0)
    }
}

impl std::error::Error for ProtocolError {}

fn refuse(text: &str) -> ProtocolError {
    ProtocolError(text.to_string())
}

#[derive(Clone, Copy, Debug)]
struct Parsed {
    first_span: u32,
    spans: u32,
    start: u32,
    end: u32,
    inline: bool,
}

/// Complete requests that were parsed and not yet run, as places in the read buffer.
#[derive(Debug, Default)]
pub struct Batch {
    spans: Vec<Span>,
    requests: Vec<Parsed>,
    inline_bytes: Vec<u8>,
}

impl Batch {
    /// Number of complete requests.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there is no complete request.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// The request at `index`, whose words lie in `buffer` (the same bytes that were parsed).
    #[inline]
    pub fn request<'a>(&'a self, index: usize, buffer: &'a [u8]) -> Request<'a> {
        let parsed = self.requests[index];
        let first = parsed.first_span as usize;
        let spans = &self.spans[first..first + parsed.spans as usize];
        if parsed.inline {
            Request::new(&self.inline_bytes, spans, None)
        } else {
            Request::new(buffer, spans, buffer.get(parsed.start as usize..parsed.end as usize))
        }
    }

    /// How many bytes of the buffer the first `count` requests took.
    pub fn end_of(&self, count: usize) -> usize {
        match count {
            0 => 0,
            _ => self.requests[count - 1].end as usize,
        }
    }
}

/// The state of a request that is not complete yet, and the batch of those that are.
#[derive(Debug, Default)]
pub struct RequestParser {
    batch: Batch,
    /// Where the unfinished request begins.
    start: usize,
    /// Where parsing goes on.
    position: usize,
    /// First span of the unfinished request.
    first_span: usize,
    /// Words still to come; 0 when no request is begun.
    words_left: i64,
    /// The announced length of the word to come.
    word_bytes: Option<usize>,
}

impl RequestParser {
    /// The complete requests so far.
    #[inline]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Bytes that the word being received still lacks: a hint for how much to read.
    pub fn missing_bytes(&self, buffer_len: usize) -> usize {
        match self.word_bytes {
            Some(word) => (self.position + word + 2).saturating_sub(buffer_len),
            None => 0,
        }
    }

    /// Parses up to `most` complete requests (counting those already in the batch) from `buffer`, whose first byte is the
    /// same as in the call before unless a batch was consumed since.
    pub fn parse(&mut self, buffer: &[u8], most: usize, limits: &Limits) -> Result<(), ProtocolError> {
        while self.batch.requests.len() < most && self.position < buffer.len() {
            let complete = if self.words_left > 0 {
                self.parse_words(buffer, limits)?
            } else if buffer[self.position] == b'*' {
                self.parse_multibulk(buffer, limits)?
            } else {
                self.parse_inline(buffer)?
            };
            if !complete {
                break;
            }
        }
        Ok(())
    }

    /// Forgets the whole batch and returns how many bytes at the buffer's front it took: the caller drops them. Empty
    /// requests count as taken too.
    #[inline]
    pub fn consume_all(&mut self) -> usize {
        let bytes = self.start;
        self.batch.spans.drain(..self.first_span);
        self.first_span = 0;
        for span in &mut self.batch.spans {
            span.start -= bytes as u32;
        }
        self.batch.requests.clear();
        self.batch.inline_bytes.clear();
        self.start = 0;
        self.position -= bytes;
        bytes
    }

    /// Takes the first `count` requests from the batch and keeps the others; as [`RequestParser::consume_all`] else.
    pub fn consume_some(&mut self, count: usize) -> usize {
        if count == self.batch.len() {
            return self.consume_all();
        }
        let bytes = self.batch.end_of(count);
        let spans = self.batch.requests[count].first_span;
        let inline = self.batch.requests[count..].iter().any(|request| request.inline);
        self.batch.requests.drain(..count);
        self.batch.spans.drain(..spans as usize);
        self.first_span -= spans as usize;
        let mut moved = vec![true; self.batch.spans.len()];
        for request in &mut self.batch.requests {
            request.first_span -= spans;
            if request.inline {
                let first = request.first_span as usize;
                moved[first..first + request.spans as usize].fill(false);
            }
            request.start -= bytes as u32;
            request.end -= bytes as u32;
        }
        for (span, moved) in self.batch.spans.iter_mut().zip(moved) {
            if moved {
                span.start -= bytes as u32;
            }
        }
        if !inline {
            self.batch.inline_bytes.clear();
        }
        self.start -= bytes;
        self.position -= bytes;
        bytes
    }

    fn parse_multibulk(&mut self, buffer: &[u8], limits: &Limits) -> Result<bool, ProtocolError> {
        let Some((line, next)) = line_at(buffer, self.position, "too big mbulk count string")? else {
            return Ok(false);
        };
        let words = stdx::number::parse_i64(&line[1..]).filter(|&words| words <= i64::from(i32::MAX));
        let words = words.ok_or_else(|| refuse("invalid multibulk length"))?;
        if words > UNAUTHENTICATED_MAX_WORDS && !limits.authenticated {
            return Err(refuse("unauthenticated multibulk length"));
        }
        self.position = next;
        if words <= 0 {
            self.begin_next();
            return Ok(true);
        }
        self.words_left = words;
        self.parse_words(buffer, limits)
    }

    fn parse_words(&mut self, buffer: &[u8], limits: &Limits) -> Result<bool, ProtocolError> {
        while self.words_left > 0 {
            let word_bytes = match self.word_bytes {
                Some(bytes) => bytes,
                None => match self.parse_word_length(buffer, limits)? {
                    Some(bytes) => bytes,
                    None => return Ok(false),
                },
            };
            if buffer.len() < self.position + word_bytes + 2 {
                self.word_bytes = Some(word_bytes);
                return Ok(false);
            }
            self.batch.spans.push(Span { start: self.position as u32, len: word_bytes as u32 });
            self.position += word_bytes + 2;
            self.word_bytes = None;
            self.words_left -= 1;
        }
        self.finish(false);
        Ok(true)
    }

    /// Reads the `$length` line at the position and steps behind it.
    #[inline]
    fn parse_word_length(&mut self, buffer: &[u8], limits: &Limits) -> Result<Option<usize>, ProtocolError> {
        if let Some(&[b'$', digit @ b'0'..=b'9', b'\r', b'\n']) = buffer.get(self.position..self.position + 4)
        {
            self.position += 4;
            return Ok(Some(usize::from(digit - b'0')));
        }
        let Some((line, next)) = line_at(buffer, self.position, "too big bulk count string")? else {
            return Ok(None);
        };
        if line.first() != Some(&b'$') {
            let first = line.first().copied().unwrap_or(b'\r');
            return Err(ProtocolError(format!("expected '$', got '{}'", char::from(first))));
        }
        let bytes = stdx::number::parse_i64(&line[1..]);
        let bytes = bytes.filter(|&bytes| bytes >= 0 && bytes as u64 <= limits.max_bulk_bytes);
        let bytes = bytes.ok_or_else(|| refuse("invalid bulk length"))?;
        if bytes > UNAUTHENTICATED_MAX_WORD_BYTES && !limits.authenticated {
            return Err(refuse("unauthenticated bulk length"));
        }
        self.position = next;
        Ok(Some(bytes as usize))
    }

    fn parse_inline(&mut self, buffer: &[u8]) -> Result<bool, ProtocolError> {
        let rest = &buffer[self.position..];
        let Some(end) = rest.iter().take(INLINE_MAX_BYTES + 1).position(|&byte| byte == b'\n') else {
            if rest.len() > INLINE_MAX_BYTES {
                return Err(refuse("too big inline request"));
            }
            return Ok(false);
        };
        let line = &rest[..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let words = stdx::bytes::split_arguments(line).map_err(|_| refuse("unbalanced quotes in request"))?;
        self.position += end + 1;
        if words.is_empty() {
            self.begin_next();
            return Ok(true);
        }
        for word in words {
            let start = self.batch.inline_bytes.len() as u32;
            self.batch.inline_bytes.extend_from_slice(&word);
            self.batch.spans.push(Span { start, len: word.len() as u32 });
        }
        self.finish(true);
        Ok(true)
    }

    fn finish(&mut self, inline: bool) {
        let spans = self.batch.spans.len() - self.first_span;
        self.batch.requests.push(Parsed {
            first_span: self.first_span as u32,
            spans: spans as u32,
            start: self.start as u32,
            end: self.position as u32,
            inline,
        });
        self.begin_next();
    }

    fn begin_next(&mut self) {
        self.first_span = self.batch.spans.len();
        self.start = self.position;
        self.words_left = 0;
        self.word_bytes = None;
    }
}

/// The line that begins at `position`, without its end, and where the next one begins; `None` when it is not complete.
#[inline]
fn line_at<'b>(
    buffer: &'b [u8],
    position: usize,
    too_long: &str,
) -> Result<Option<(&'b [u8], usize)>, ProtocolError> {
    let rest = &buffer[position..];
    let window = &rest[..rest.len().min(INLINE_MAX_BYTES + 2)];
    match window.iter().position(|&byte| byte == b'\r') {
        Some(end) if rest.len() > end + 1 => Ok(Some((&rest[..end], position + end + 2))),
        Some(_) => Ok(None),
        None if rest.len() > INLINE_MAX_BYTES => Err(refuse(too_long)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
