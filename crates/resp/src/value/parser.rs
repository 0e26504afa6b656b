//! The reply parser: resumable, so a large reply is not read again with every packet.

use super::{MAX_BULK_BYTES, MAX_ELEMENTS, MAX_LINE_BYTES, MAX_NESTING, ProtocolError, Value};

/// Room reserved for an aggregate on its claim alone; more grows as elements arrive.
const RESERVED_ELEMENTS: usize = 64;

/// Consumed bytes are dropped from the front of the buffer once they are this many.
const COMPACT_BYTES: usize = 64 << 10;

/// Parses one whole reply at the start of `input`: the value and its length in bytes, or `None` when more bytes are
/// needed. Starts over with each call; use [`ReplyParser`] where replies may be large.
pub fn parse(input: &[u8]) -> Result<Option<(Value, usize)>, ProtocolError> {
    let mut assembly = Assembly::default();
    let mut position = 0;
    let value = assembly.advance(input, &mut position)?;
    Ok(value.map(|value| (value, position)))
}

/// Bytes in, replies out.
#[derive(Debug, Default)]
pub struct ReplyParser {
    buffer: Vec<u8>,
    start: usize,
    assembly: Assembly,
}

impl ReplyParser {
    /// A parser at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes from the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.start == self.buffer.len() || self.start > COMPACT_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole reply, or `None` when more bytes are needed. After an error the stream is of no more use.
    pub fn next_reply(&mut self) -> Result<Option<Value>, ProtocolError> {
        self.assembly.advance(&self.buffer, &mut self.start)
    }

    /// The bytes fed but not yet part of a reply: whatever follows the last one.
    #[must_use]
    pub fn unparsed(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Takes the bytes not yet parsed away, as when the stream stops being RESP.
    pub fn take_unparsed(&mut self) -> Vec<u8> {
        let rest = self.unparsed().to_vec();
        self.buffer.clear();
        self.start = 0;
        rest
    }

    /// True while a reply has begun and is not complete.
    #[must_use]
    pub fn is_amid_reply(&self) -> bool {
        !self.assembly.open.is_empty() || !self.unparsed().is_empty()
    }
}

/// The aggregates that have begun and lack elements, outermost first.
#[derive(Debug, Default)]
struct Assembly {
    open: Vec<OpenAggregate>,
}

#[derive(Debug)]
struct OpenAggregate {
    kind: u8,
    missing: usize,
    elements: Vec<Value>,
}

/// What one header amounts to.
enum Step {
    Whole(Value),
    Open(OpenAggregate),
}

impl Assembly {
    fn advance(&mut self, input: &[u8], position: &mut usize) -> Result<Option<Value>, ProtocolError> {
        loop {
            let rest = input.get(*position..).unwrap_or_default();
            let Some((step, used)) = read_step(rest)? else { return Ok(None) };
            *position += used;
            let finished = match step {
                Step::Whole(value) => self.attach(value),
                Step::Open(aggregate) if self.open.len() < MAX_NESTING => {
                    self.open.push(aggregate);
                    None
                }
                Step::Open(_) => return Err(ProtocolError::TooDeep),
            };
            if finished.is_some() {
                return Ok(finished);
            }
        }
    }

    /// Puts a value where it belongs; the outermost value when that completes it.
    fn attach(&mut self, mut value: Value) -> Option<Value> {
        while let Some(parent) = self.open.last_mut() {
            parent.elements.push(value);
            parent.missing -= 1;
            if parent.missing > 0 {
                return None;
            }
            value = close(self.open.pop().expect("the parent was there"));
        }
        Some(value)
    }
}

fn close(aggregate: OpenAggregate) -> Value {
    let mut elements = aggregate.elements;
    match aggregate.kind {
        b'~' => Value::Set(elements),
        b'>' => Value::Push(elements),
        b'%' => Value::Map(pair_up(elements)),
        b'|' => {
            let value = elements.pop().expect("an attribute has its reply as last element");
            Value::Attribute { attributes: pair_up(elements), value: Box::new(value) }
        }
        _ => Value::Array(elements),
    }
}

fn pair_up(elements: Vec<Value>) -> Vec<(Value, Value)> {
    let mut pairs = Vec::with_capacity(elements.len() / 2);
    let mut elements = elements.into_iter();
    while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
        pairs.push((key, value));
    }
    pairs
}

fn read_step(input: &[u8]) -> Result<Option<(Step, usize)>, ProtocolError> {
    let Some(&kind) = input.first() else { return Ok(None) };
    if !b"+-:$*%~>,#(=_!|".contains(&kind) {
        return Err(ProtocolError::UnknownType(kind));
    }
    let Some((line, used)) = read_line(input)? else { return Ok(None) };
    match kind {
        b'$' | b'=' | b'!' => read_bulk(kind, line, input, used),
        b'*' | b'%' | b'~' | b'>' | b'|' => Ok(Some((read_aggregate(kind, line)?, used))),
        _ => Ok(Some((Step::Whole(read_scalar(kind, line)?), used))),
    }
}

/// The text between the type byte and CRLF, and the length of all three.
pub(super) fn read_line(input: &[u8]) -> Result<Option<(&[u8], usize)>, ProtocolError> {
    let window = input.get(..MAX_LINE_BYTES).unwrap_or(input);
    let Some(end) = window.iter().position(|byte| *byte == b'\n') else {
        return if input.len() >= MAX_LINE_BYTES { Err(ProtocolError::BadLine) } else { Ok(None) };
    };
    let line = window.get(1..end).and_then(|line| line.strip_suffix(b"\r")).ok_or(ProtocolError::BadLine)?;
    Ok(Some((line, end + 1)))
}

/// A length line: `None` for the null of RESP2.
pub(super) fn read_length(line: &[u8], limit: usize) -> Result<Option<usize>, ProtocolError> {
    if line == b"-1" {
        return Ok(None);
    }
    if line.is_empty() || line.len() > 19 {
        return Err(ProtocolError::BadLength);
    }
    let mut length = 0_u64;
    for byte in line {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(ProtocolError::BadLength);
        }
        length = length * 10 + u64::from(digit);
    }
    if length > limit as u64 { Err(ProtocolError::TooLong) } else { Ok(Some(length as usize)) }
}

fn read_bulk(
    kind: u8,
    line: &[u8],
    input: &[u8],
    used: usize,
) -> Result<Option<(Step, usize)>, ProtocolError> {
    let Some(length) = read_length(line, MAX_BULK_BYTES)? else {
        return if kind == b'$' {
            Ok(Some((Step::Whole(Value::Null), used)))
        } else {
            Err(ProtocolError::BadLength)
        };
    };
    let end = used + length;
    let Some(framed) = input.get(used..end + 2) else { return Ok(None) };
    let bytes = framed.strip_suffix(b"\r\n").ok_or(ProtocolError::BadBulk)?;
    let value = match kind {
        b'=' => {
            let (format, rest) = bytes.split_first_chunk::<3>().ok_or(ProtocolError::BadBulk)?;
            let text = rest.strip_prefix(b":").ok_or(ProtocolError::BadBulk)?;
            Value::Verbatim { format: *format, text: text.to_vec() }
        }
        b'!' => Value::Error(bytes.to_vec()),
        _ => Value::Bulk(bytes.to_vec()),
    };
    Ok(Some((Step::Whole(value), end + 2)))
}

fn read_aggregate(kind: u8, line: &[u8]) -> Result<Step, ProtocolError> {
    let Some(length) = read_length(line, MAX_ELEMENTS)? else {
        return if kind == b'*' { Ok(Step::Whole(Value::NullArray)) } else { Err(ProtocolError::BadLength) };
    };
    let missing = match kind {
        b'%' => length * 2,
        b'|' => length * 2 + 1,
        _ => length,
    };
    let aggregate =
        OpenAggregate { kind, missing, elements: Vec::with_capacity(missing.min(RESERVED_ELEMENTS)) };
    Ok(if missing == 0 { Step::Whole(close(aggregate)) } else { Step::Open(aggregate) })
}

fn read_scalar(kind: u8, line: &[u8]) -> Result<Value, ProtocolError> {
    match kind {
        b'+' => Ok(Value::Simple(line.to_vec())),
        b'-' => Ok(Value::Error(line.to_vec())),
        b':' => {
            let text = std::str::from_utf8(line).map_err(|_| ProtocolError::BadNumber)?;
            text.parse().map(Value::Integer).map_err(|_| ProtocolError::BadNumber)
        }
        b',' => {
            let text = std::str::from_utf8(line).map_err(|_| ProtocolError::BadNumber)?;
            text.parse::<f64>().map_err(|_| ProtocolError::BadNumber)?;
            Ok(Value::Double(line.to_vec()))
        }
        b'#' => match line {
            b"t" | b"T" => Ok(Value::Boolean(true)),
            b"f" | b"F" => Ok(Value::Boolean(false)),
            _ => Err(ProtocolError::BadBoolean),
        },
        b'(' => {
            let digits = line.strip_prefix(b"-").or(line.strip_prefix(b"+")).unwrap_or(line);
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            if is_number { Ok(Value::BigNumber(line.to_vec())) } else { Err(ProtocolError::BadNumber) }
        }
        _ if line.is_empty() => Ok(Value::Null),
        _ => Err(ProtocolError::BadLine),
    }
}

#[cfg(test)]
mod tests;
