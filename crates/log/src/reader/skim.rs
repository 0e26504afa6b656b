//! Tells the stream's bytes in an increment from the annotation lines between them, whatever the size of a command.

use crate::annotation::LINE_BYTES_READ_MAX;

/// Digits of a length or a count.
const DIGITS_MAX: u8 = 12;

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// So many bytes of commands.
    Commands(usize),
    /// So many bytes that end an annotation line: [`Skimmer::line`] is all of it.
    Line(usize),
    /// So many bytes of a line whose end is not there yet.
    LinePart(usize),
}

/// The bytes are neither commands nor annotation lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two records.
    Record,
    /// Within a line.
    Line,
    /// Within the number of arguments.
    Count,
    /// Before the mark of an argument.
    Argument,
    /// Within the length of an argument.
    Length,
    /// So many bytes of an argument are left, its line end included.
    Payload(u64),
}

/// Where in the framing the reader is.
#[derive(Clone, Debug)]
pub(super) struct Skimmer {
    state: State,
    arguments_left: u64,
    number: u64,
    digits: u8,
    has_return: bool,
    line: Vec<u8>,
}

impl Skimmer {
    /// Between two records.
    pub fn new() -> Self {
        Self {
            state: State::Record,
            arguments_left: 0,
            number: 0,
            digits: 0,
            has_return: false,
            line: Vec::new(),
        }
    }

    /// Whether it stands between two records.
    pub fn is_between(&self) -> bool {
        self.state == State::Record
    }

    /// The line that ended last.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// Takes the longest piece of one kind from the beginning of `bytes`, which are not empty.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Piece, Malformed> {
        if self.state == State::Record && bytes.first() == Some(&b'#') {
            self.line.clear();
            self.state = State::Line;
        }
        if self.state == State::Line { self.take_line(bytes) } else { self.take_commands(bytes) }
    }

    fn take_line(&mut self, bytes: &[u8]) -> Result<Piece, Malformed> {
        let feed = bytes.iter().take(LINE_BYTES_READ_MAX).position(|byte| *byte == b'\n');
        let length = feed.map_or(bytes.len().min(LINE_BYTES_READ_MAX), |feed| feed + 1);
        self.line.extend_from_slice(bytes.get(..length).unwrap_or_default());
        if self.line.len() > LINE_BYTES_READ_MAX {
            return Err(Malformed);
        }
        if feed.is_none() {
            return Ok(Piece::LinePart(length));
        }
        self.state = State::Record;
        Ok(Piece::Line(length))
    }

    fn take_commands(&mut self, bytes: &[u8]) -> Result<Piece, Malformed> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match self.state {
                State::Record if byte == b'#' => break,
                State::Payload(left) => {
                    let rest = (bytes.len() - at) as u64;
                    let taken = left.min(rest);
                    at += usize::try_from(taken).expect("no more than there is");
                    self.state =
                        if taken < left { State::Payload(left - taken) } else { self.after_argument() };
                    continue;
                }
                _ => self.step(byte)?,
            }
            at += 1;
        }
        Ok(Piece::Commands(at))
    }

    fn after_argument(&mut self) -> State {
        self.arguments_left -= 1;
        if self.arguments_left == 0 { State::Record } else { State::Argument }
    }

    fn step(&mut self, byte: u8) -> Result<(), Malformed> {
        match (self.state, byte) {
            (State::Record, b'*') => self.begin_number(State::Count),
            (State::Argument, b'$') => self.begin_number(State::Length),
            (State::Count | State::Length, b'0'..=b'9') if self.digits < DIGITS_MAX && !self.has_return => {
                self.number = self.number * 10 + u64::from(byte - b'0');
                self.digits += 1;
            }
            (State::Count | State::Length, b'\r') if self.digits > 0 && !self.has_return => {
                self.has_return = true;
            }
            (State::Count, b'\n') if self.has_return && self.number > 0 => {
                self.arguments_left = self.number;
                self.state = State::Argument;
            }
            (State::Length, b'\n') if self.has_return => self.state = State::Payload(self.number + 2),
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn begin_number(&mut self, state: State) {
        (self.state, self.number, self.digits, self.has_return) = (state, 0, 0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Piece, Skimmer};

    fn skim(pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<Vec<u8>>), Malformed> {
        let (mut skimmer, mut commands, mut lines) = (Skimmer::new(), Vec::new(), Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let taken = match skimmer.take(rest)? {
                    Piece::Commands(taken) => {
                        commands.extend_from_slice(&rest[..taken]);
                        taken
                    }
                    Piece::Line(taken) => {
                        lines.push(skimmer.line().to_vec());
                        taken
                    }
                    Piece::LinePart(taken) => taken,
                };
                rest = &rest[taken..];
            }
        }
        Ok((commands, lines))
    }

    #[test]
    fn lines_are_told_from_commands_wherever_the_bytes_are_cut() {
        let first = b"*2\r\n$3\r\nGET\r\n$6\r\n#LOG:\n\r\n";
        let second = b"*1\r\n$0\r\n\r\n";
        let lines: [&[u8]; 3] = [b"#one\r\n", b"#\n", b"#three\n"];
        let all = [lines[0], first, lines[1], lines[2], second].concat();
        let commands = [first.as_slice(), second].concat();
        for cut in 0..=all.len() {
            let (seen, seen_lines) = skim(&[&all[..cut], &all[cut..]]).expect("well formed");
            assert_eq!(seen, commands);
            assert_eq!(seen_lines, lines);
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let long = [b'#'; 2000];
        for bad in [
            b"x".as_slice(),
            b"*0\r\n",
            b"*\r\n",
            b"*1\n",
            b"*1\r\nx",
            b"*9999999999999\r\n",
            b"*1\r\r\n",
            &long,
        ] {
            assert_eq!(skim(&[bad]), Err(Malformed), "{}", bad.escape_ascii());
        }
    }
}
