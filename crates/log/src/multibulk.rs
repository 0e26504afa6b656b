//! The framing of commands in an increment: an array of bulk strings, nothing else.

use std::fmt;
use std::ops::Range;

/// What one command may be at most; beyond, the file is taken for corrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an argument.
    pub argument_bytes: usize,
    /// Arguments of a command.
    pub arguments: usize,
    /// Bytes of a command.
    pub command_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { argument_bytes: 512 << 20, arguments: i32::MAX as usize, command_bytes: 4 << 30 }
    }
}

/// What is wrong with the framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// Another character than the one that must stand here.
    Expected(char),
    /// A number that is not one, is zero where it must not be, or has more digits than it may.
    Number,
    /// More arguments, or bytes, than the limits allow.
    OverLimit,
}

impl fmt::Display for FramingError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(character) => write!(out, "expected {character:?}"),
            Self::Number => out.write_str("not a valid length"),
            Self::OverLimit => out.write_str("a length over the limit"),
        }
    }
}

/// What stands at the beginning of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A whole command of so many bytes; its arguments' places were noted.
    Complete(usize),
    /// The beginning of a command.
    Incomplete,
    /// No command: what is wrong, and at which byte of the buffer.
    Malformed(usize, FramingError),
}

/// Looks at the command at the beginning of `buffer` and notes where its arguments lie.
#[must_use]
pub fn frame(buffer: &[u8], limits: &Limits, arguments: &mut Vec<Range<usize>>) -> Framing {
    arguments.clear();
    match (Cursor { buffer, at: 0 }).command(limits, arguments) {
        Ok(length) => Framing::Complete(length),
        Err(Stop::Incomplete) => Framing::Incomplete,
        Err(Stop::Malformed(at, error)) => Framing::Malformed(at, error),
    }
}

enum Stop {
    Incomplete,
    Malformed(usize, FramingError),
}

struct Cursor<'a> {
    buffer: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn command(&mut self, limits: &Limits, arguments: &mut Vec<Range<usize>>) -> Result<usize, Stop> {
        self.expect(b'*')?;
        let start = self.at;
        let count = self.number()?;
        if count == 0 {
            return Err(Stop::Malformed(start, FramingError::Number));
        }
        if count > limits.arguments {
            return Err(Stop::Malformed(start, FramingError::OverLimit));
        }
        for _ in 0..count {
            let argument = self.argument(limits)?;
            arguments.push(argument);
        }
        Ok(self.at)
    }

    fn argument(&mut self, limits: &Limits) -> Result<Range<usize>, Stop> {
        self.expect(b'$')?;
        let start = self.at;
        let length = self.number()?;
        if length > limits.argument_bytes || self.at.saturating_add(length) > limits.command_bytes {
            return Err(Stop::Malformed(start, FramingError::OverLimit));
        }
        let argument = self.at..self.at + length;
        self.at = argument.end;
        self.expect(b'\r')?;
        self.expect(b'\n')?;
        Ok(argument)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
        match self.buffer.get(self.at) {
            None => Err(Stop::Incomplete),
            Some(byte) if *byte == wanted => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Stop::Malformed(self.at, FramingError::Expected(char::from(wanted)))),
        }
    }

    fn number(&mut self) -> Result<usize, Stop> {
        let start = self.at;
        let mut number = 0_usize;
        while let Some(digit @ b'0'..=b'9') = self.buffer.get(self.at) {
            if self.at - start >= 18 {
                return Err(Stop::Malformed(start, FramingError::Number));
            }
            number = number * 10 + usize::from(digit - b'0');
            self.at += 1;
        }
        if self.at == start && self.at < self.buffer.len() {
            return Err(Stop::Malformed(start, FramingError::Number));
        }
        self.expect(b'\r')?;
        self.expect(b'\n')?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, FramingError, Limits, frame};

    const SET: &[u8] = b"*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n";

    #[test]
    fn a_command_is_framed_whole_or_incomplete() {
        let mut arguments = Vec::new();
        for end in 0..SET.len() {
            assert_eq!(frame(&SET[..end], &Limits::default(), &mut arguments), Framing::Incomplete);
        }
        let longer = [SET, b"*1"].concat();
        assert_eq!(frame(&longer, &Limits::default(), &mut arguments), Framing::Complete(SET.len()));
        let texts: Vec<&[u8]> = arguments.iter().map(|range| &longer[range.clone()]).collect();
        assert_eq!(texts, [&b"SET"[..], b"", b"a\r\nb"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let limits = Limits { argument_bytes: 100, arguments: 10, command_bytes: 150 };
        let cases: [(&[u8], usize, FramingError); 9] = [
            (b"SET a b\r\n", 0, FramingError::Expected('*')),
            (b"*0\r\n", 1, FramingError::Number),
            (b"*-1\r\n", 1, FramingError::Number),
            (b"*11\r\n", 1, FramingError::OverLimit),
            (b"*1\n", 2, FramingError::Expected('\r')),
            (b"*1\r\n:1\r\n", 4, FramingError::Expected('$')),
            (b"*1\r\n$101\r\n", 5, FramingError::OverLimit),
            (b"*1\r\n$1111111111111111111\r\n", 5, FramingError::Number),
            (b"*1\r\n$1\r\nab\r\n", 9, FramingError::Expected('\r')),
        ];
        for (text, at, error) in cases {
            let found = frame(text, &limits, &mut Vec::new());
            assert_eq!(found, Framing::Malformed(at, error), "{}", text.escape_ascii());
        }
    }
}
