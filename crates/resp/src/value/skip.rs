//! Finds where replies end without building them: all that a load generator needs to know.

use super::parser::{read_length, read_line};
use super::{MAX_BULK_BYTES, MAX_ELEMENTS, ProtocolError};

/// The length in bytes of the reply at the start of `input`, or `None` when more bytes are needed. Checks the framing
/// alone, not the numbers within.
pub fn skip_reply(input: &[u8]) -> Result<Option<usize>, ProtocolError> {
    let (mut position, mut missing) = (0, 1_usize);
    while missing > 0 {
        let Some(element) = skip_element(input.get(position..).unwrap_or_default())? else { return Ok(None) };
        position += element.header_bytes + element.body_bytes;
        if position > input.len() {
            return Ok(None);
        }
        missing = (missing - usize::from(!element.is_attribute)).saturating_add(element.children);
    }
    Ok(Some(position))
}

/// What [`ReplyCounter::count`] found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many bytes of the input are done with; the rest has to come again, with more behind it.
    pub consumed: usize,
    /// How many replies ended, push messages left out.
    pub replies: usize,
    /// Where the text of the first error reply lies in the input: start and end.
    pub error: Option<(usize, usize)>,
}

/// Counts replies in a stream. Bulk strings are dropped as they arrive, so nothing but the start of a line is ever
/// left over.
#[derive(Debug, Default)]
pub struct ReplyCounter {
    missing_elements: usize,
    missing_bytes: usize,
    is_push: bool,
}

impl ReplyCounter {
    /// Goes through `input` as far as it can.
    pub fn count(&mut self, input: &[u8]) -> Result<Counted, ProtocolError> {
        let mut counted = Counted::default();
        loop {
            let rest = input.get(counted.consumed..).unwrap_or_default();
            if self.missing_bytes > 0 {
                let skipped = self.missing_bytes.min(rest.len());
                self.missing_bytes -= skipped;
                counted.consumed += skipped;
                if self.missing_bytes > 0 {
                    return Ok(counted);
                }
                self.finish_element(&mut counted);
                continue;
            }
            let Some(element) = skip_element(rest)? else { return Ok(counted) };
            self.enter(rest, &element, &mut counted);
        }
    }

    fn enter(&mut self, rest: &[u8], element: &Element, counted: &mut Counted) {
        if self.missing_elements == 0 {
            let kind = rest.first();
            self.is_push = kind == Some(&b'>');
            self.missing_elements = 1;
            if kind == Some(&b'-') && counted.error.is_none() {
                counted.error = Some((counted.consumed + 1, counted.consumed + element.header_bytes - 2));
            }
        }
        self.missing_elements = self.missing_elements.saturating_add(element.children);
        counted.consumed += element.header_bytes;
        if element.body_bytes > 0 {
            self.missing_bytes = element.body_bytes;
        } else if !element.is_attribute {
            self.finish_element(counted);
        }
    }

    fn finish_element(&mut self, counted: &mut Counted) {
        self.missing_elements -= 1;
        if self.missing_elements == 0 {
            counted.replies += usize::from(!self.is_push);
        }
    }
}

/// One header line, and what has to follow it.
struct Element {
    header_bytes: usize,
    body_bytes: usize,
    children: usize,
    is_attribute: bool,
}

fn skip_element(input: &[u8]) -> Result<Option<Element>, ProtocolError> {
    let Some(&kind) = input.first() else { return Ok(None) };
    if !matches!(
        kind,
        b'+' | b'-'
            | b':'
            | b'$'
            | b'*'
            | b'%'
            | b'~'
            | b'>'
            | b','
            | b'#'
            | b'('
            | b'='
            | b'_'
            | b'!'
            | b'|'
    ) {
        return Err(ProtocolError::UnknownType(kind));
    }
    let Some((line, header_bytes)) = read_line(input)? else { return Ok(None) };
    let mut element = Element { header_bytes, body_bytes: 0, children: 0, is_attribute: false };
    match kind {
        b'$' | b'=' | b'!' => {
            element.body_bytes = read_length(line, MAX_BULK_BYTES)?.map_or(0, |length| length + 2);
        }
        b'*' | b'~' | b'>' => element.children = read_length(line, MAX_ELEMENTS)?.unwrap_or(0),
        b'%' | b'|' => {
            element.children = read_length(line, MAX_ELEMENTS)?.unwrap_or(0) * 2;
            element.is_attribute = kind == b'|';
        }
        _ => {}
    }
    Ok(Some(element))
}
