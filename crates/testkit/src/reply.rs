//! A server's reply: read from a stream, shown as text, taken apart by tests.

use std::fmt::{self, Display, Formatter};
use std::io::{self, BufRead, Error, ErrorKind, Read};

/// More nesting than any command answers with; deeper is a broken stream.
const MAX_DEPTH: usize = 32;

/// One reply of RESP2 or RESP3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+OK`
    Status(String),
    /// `-ERR text`, without the minus.
    Error(String),
    /// `:1`
    Integer(i64),
    /// `$3 foo`; also a blob error's text.
    Bulk(Vec<u8>),
    /// `$-1`, `*-1` or `_`.
    Nil,
    /// `*2 ...`
    Array(Vec<Reply>),
    /// `%1 key value`
    Map(Vec<(Reply, Reply)>),
    /// `~2 ...`
    Set(Vec<Reply>),
    /// `>2 ...`
    Push(Vec<Reply>),
    /// `,1.5`, as it was written.
    Double(String),
    /// `#t`
    Boolean(bool),
    /// `(123...`
    BigNumber(String),
    /// `=7 txt:abc`: the format and the text.
    Verbatim(String, Vec<u8>),
}

impl Reply {
    /// Reads one reply and appends the very bytes that it was made of to `raw`.
    pub(crate) fn read(input: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<Self> {
        read_nested(input, raw, 0)
    }

    /// The text of a status, error, bulk, double, big number or verbatim reply; an integer in decimal.
    #[track_caller]
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Status(text) | Self::Error(text) | Self::Double(text) | Self::BigNumber(text) => {
                text.clone()
            }
            Self::Bulk(bytes) | Self::Verbatim(_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Integer(number) => number.to_string(),
            other => panic!("expected text, got {other}"),
        }
    }

    /// The bytes of a bulk reply; `None` for nil.
    #[track_caller]
    #[must_use]
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bulk(bytes) => Some(bytes),
            Self::Nil => None,
            other => panic!("expected a bulk string, got {other}"),
        }
    }

    /// The number of an integer reply.
    #[track_caller]
    #[must_use]
    pub fn integer(&self) -> i64 {
        match self {
            Self::Integer(number) => *number,
            other => panic!("expected an integer, got {other}"),
        }
    }

    /// The elements of an array, set or push.
    #[track_caller]
    #[must_use]
    pub fn array(self) -> Vec<Self> {
        match self {
            Self::Array(items) | Self::Set(items) | Self::Push(items) => items,
            other => panic!("expected an array, got {other}"),
        }
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_))
    }

    /// Whether it is `+OK`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Status(text) if text == "OK")
    }
}

/// Statuses and errors bare, bulks quoted, nil as `nil`, arrays as `[a, b]`, maps as `{a: b}`.
impl Display for Reply {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(text) | Self::Error(text) | Self::Double(text) | Self::BigNumber(text) => {
                out.write_str(text)
            }
            Self::Integer(number) => write!(out, "{number}"),
            Self::Bulk(bytes) | Self::Verbatim(_, bytes) => out.write_str(&quoted(bytes)),
            Self::Nil => out.write_str("nil"),
            Self::Boolean(value) => write!(out, "{value}"),
            Self::Array(items) => write_list(out, "[", items, "]"),
            Self::Set(items) => write_list(out, "~[", items, "]"),
            Self::Push(items) => write_list(out, ">[", items, "]"),
            Self::Map(pairs) => {
                out.write_str("{")?;
                for (index, (key, value)) in pairs.iter().enumerate() {
                    write!(out, "{}{key}: {value}", if index == 0 { "" } else { ", " })?;
                }
                out.write_str("}")
            }
        }
    }
}

fn write_list(out: &mut Formatter<'_>, open: &str, items: &[Reply], close: &str) -> fmt::Result {
    out.write_str(open)?;
    for (index, item) in items.iter().enumerate() {
        write!(out, "{}{item}", if index == 0 { "" } else { ", " })?;
    }
    out.write_str(close)
}

/// Bytes in double quotes, with what is not printable ASCII escaped as redis-cli does.
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            0x20..0x7f => text.push(char::from(byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text.push('"');
    text
}

fn read_nested(input: &mut impl BufRead, raw: &mut Vec<u8>, depth: usize) -> io::Result<Reply> {
    if depth > MAX_DEPTH {
        return Err(broken("a reply is nested too deep"));
    }
    let line = read_line(input, raw)?;
    let (kind, rest) =
        line.split_first().ok_or_else(|| broken("an empty line where a reply should begin"))?;
    let text = || String::from_utf8_lossy(rest).into_owned();
    Ok(match kind {
        b'+' => Reply::Status(text()),
        b'-' => Reply::Error(text()),
        b':' => Reply::Integer(number(rest)?),
        b',' => Reply::Double(text()),
        b'(' => Reply::BigNumber(text()),
        b'#' => Reply::Boolean(rest == b"t"),
        b'_' => Reply::Nil,
        b'$' | b'!' | b'=' => {
            let Ok(length) = usize::try_from(number(rest)?) else { return Ok(Reply::Nil) };
            let bytes = read_blob(input, raw, length)?;
            match kind {
                b'!' => Reply::Error(String::from_utf8_lossy(&bytes).into_owned()),
                b'=' => verbatim(&bytes),
                _ => Reply::Bulk(bytes),
            }
        }
        b'*' | b'~' | b'>' | b'%' | b'|' => {
            let Ok(count) = usize::try_from(number(rest)?) else { return Ok(Reply::Nil) };
            read_aggregate(input, raw, *kind, count, depth)?
        }
        _ => return Err(broken(&format!("no reply begins with {}", quoted(&line)))),
    })
}

fn read_aggregate(
    input: &mut impl BufRead,
    raw: &mut Vec<u8>,
    kind: u8,
    count: usize,
    depth: usize,
) -> io::Result<Reply> {
    if matches!(kind, b'%' | b'|') {
        let mut pairs = Vec::new();
        for _ in 0..count {
            let key = read_nested(input, raw, depth + 1)?;
            pairs.push((key, read_nested(input, raw, depth + 1)?));
        }
        // An attribute only accompanies the reply that follows it.
        return if kind == b'|' { read_nested(input, raw, depth + 1) } else { Ok(Reply::Map(pairs)) };
    }
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(read_nested(input, raw, depth + 1)?);
    }
    Ok(match kind {
        b'~' => Reply::Set(items),
        b'>' => Reply::Push(items),
        _ => Reply::Array(items),
    })
}

/// A line without its end.
fn read_line(input: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection"));
    }
    raw.extend_from_slice(&line);
    if !line.ends_with(b"\r\n") {
        return Err(broken(&format!("a line without an end: {}", quoted(&line))));
    }
    line.truncate(line.len() - 2);
    Ok(line)
}

fn read_blob(input: &mut impl BufRead, raw: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length as u64 + 2).read_to_end(&mut bytes)?;
    raw.extend_from_slice(&bytes);
    if bytes.len() != length + 2 || !bytes.ends_with(b"\r\n") {
        return Err(broken("a bulk string without its end"));
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn verbatim(bytes: &[u8]) -> Reply {
    let (format, text) = bytes.split_at_checked(4).unwrap_or((bytes, &[]));
    Reply::Verbatim(String::from_utf8_lossy(format).trim_end_matches(':').to_owned(), text.to_vec())
}

fn number(text: &[u8]) -> io::Result<i64> {
    str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| broken(&format!("not a number: {}", quoted(text))))
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> String {
        let mut raw = Vec::new();
        let reply = Reply::read(&mut io::Cursor::new(bytes), &mut raw).expect("a whole reply");
        assert_eq!(raw, bytes);
        reply.to_string()
    }

    #[test]
    fn reads_both_protocols() {
        assert_eq!(parse(b"+OK\r\n"), "OK");
        assert_eq!(parse(b"*3\r\n$1\r\na\r\n:-5\r\n$-1\r\n"), "[\"a\", -5, nil]");
        assert_eq!(parse(b"%1\r\n+k\r\n~2\r\n#t\r\n,1.5\r\n"), "{k: ~[true, 1.5]}");
        assert_eq!(parse(b"=7\r\ntxt:abc\r\n"), "\"abc\"");
        assert_eq!(parse(b"|1\r\n+a\r\n+b\r\n_\r\n"), "nil");
    }

    #[test]
    fn refuses_what_is_no_reply() {
        for bytes in [&b"hello\r\n"[..], b"$3\r\nab", b":x\r\n", b"+no end", b""] {
            assert!(Reply::read(&mut io::Cursor::new(bytes), &mut Vec::new()).is_err());
        }
    }
}
