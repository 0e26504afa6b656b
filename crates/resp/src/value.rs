//! Replies as values, for whoever talks to a server: the client programs, replica links, tests.

use std::fmt;

mod parser;
mod request;
mod skip;

pub use parser::{ReplyParser, parse};
pub use request::{append_arguments, append_command};
pub use skip::{Counted, ReplyCounter, skip_reply};

/// The longest bulk string that a reply may announce, in bytes. Memory grows only as the bytes arrive.
pub const MAX_BULK_BYTES: usize = 4 << 30;

/// The most elements that one aggregate may announce.
pub const MAX_ELEMENTS: usize = u32::MAX as usize;

/// The longest line (simple string, error, number) that is waited for, in bytes.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// How deep aggregates may nest.
pub const MAX_NESTING: usize = 512;

/// One reply. Text that has to be shown as it was sent is kept as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `+`: a short status such as `OK`.
    Simple(Vec<u8>),
    /// `-` or `!`: the whole error text, its code first.
    Error(Vec<u8>),
    /// `:`
    Integer(i64),
    /// `$`
    Bulk(Vec<u8>),
    /// `$-1` of RESP2 or `_` of RESP3.
    Null,
    /// `*-1` of RESP2: a list that is absent rather than empty.
    NullArray,
    /// `*`
    Array(Vec<Value>),
    /// `%`, in the order sent.
    Map(Vec<(Value, Value)>),
    /// `~`, in the order sent.
    Set(Vec<Value>),
    /// `>`: a message that answers no request.
    Push(Vec<Value>),
    /// `,`: the digits as sent; see [`Value::as_f64`].
    Double(Vec<u8>),
    /// `#`
    Boolean(bool),
    /// `(`: the digits as sent.
    BigNumber(Vec<u8>),
    /// `=`: text and its three-letter format (`txt`, `mkd`).
    Verbatim {
        /// `txt` or `mkd`.
        format: [u8; 3],
        /// The text without the format.
        text: Vec<u8>,
    },
    /// `|`: a reply with attributes in front of it.
    Attribute {
        /// The attributes in the order sent.
        attributes: Vec<(Value, Value)>,
        /// The reply that they belong to.
        value: Box<Value>,
    },
}

impl Value {
    /// The bytes of any string-like reply: simple, error, bulk, verbatim, double, big number.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Simple(text)
            | Value::Error(text)
            | Value::Bulk(text)
            | Value::Double(text)
            | Value::BigNumber(text)
            | Value::Verbatim { text, .. } => Some(text),
            Value::Attribute { value, .. } => value.as_bytes(),
            _ => None,
        }
    }

    /// The elements of an array, set or push.
    #[must_use]
    pub fn as_elements(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => Some(elements),
            Value::Attribute { value, .. } => value.as_elements(),
            _ => None,
        }
    }

    /// The integer of `:`, or of a string that spells one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            other => std::str::from_utf8(other.as_bytes()?).ok()?.parse().ok(),
        }
    }

    /// The number of `,`, `:` or of a string that spells one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            other => std::str::from_utf8(other.as_bytes()?).ok()?.parse().ok(),
        }
    }

    /// The pairs of a map, or of an array that lists keys and values in turn as RESP2 does.
    #[must_use]
    pub fn as_pairs(&self) -> Option<Vec<(&Value, &Value)>> {
        match self {
            Value::Map(pairs) => Some(pairs.iter().map(|(key, value)| (key, value)).collect()),
            Value::Attribute { value, .. } => value.as_pairs(),
            other => {
                let (pairs, []) = other.as_elements()?.as_chunks::<2>() else { return None };
                Some(pairs.iter().map(|[key, value]| (key, value)).collect())
            }
        }
    }

    /// True of an error reply.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(self, Value::Error(_))
    }

    /// True of `+OK`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Value::Simple(text) if text == b"OK")
    }
}

/// Why bytes are not RESP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtocolError {
    /// A reply started with a byte that names no type.
    UnknownType(u8),
    /// A length is not a number, or is negative where no null is defined.
    BadLength,
    /// A length beyond [`MAX_BULK_BYTES`] or [`MAX_ELEMENTS`].
    TooLong,
    /// A line beyond [`MAX_LINE_BYTES`], or without its end.
    BadLine,
    /// A `:`, `,` or `(` without a number.
    BadNumber,
    /// A `#` without `t` or `f`.
    BadBoolean,
    /// A bulk string without its end, or a verbatim string without its format.
    BadBulk,
    /// Deeper than [`MAX_NESTING`].
    TooDeep,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProtocolError::UnknownType(byte) => {
                write!(formatter, "Protocol error, got \"{}\" as reply type byte", byte.escape_ascii())
            }
            ProtocolError::BadLength => formatter.write_str("Protocol error, bad length"),
            ProtocolError::TooLong => formatter.write_str("Protocol error, length out of range"),
            ProtocolError::BadLine => formatter.write_str("Protocol error, bad line"),
            ProtocolError::BadNumber => formatter.write_str("Protocol error, bad number"),
            ProtocolError::BadBoolean => formatter.write_str("Protocol error, bad bool value"),
            ProtocolError::BadBulk => formatter.write_str("Protocol error, bad bulk string"),
            ProtocolError::TooDeep => formatter.write_str("Protocol error, nested too deep"),
        }
    }
}

impl std::error::Error for ProtocolError {}
