//! The lines beginning with `#` that an increment holds between commands: positions, checksums, branches.
//!
//! Redis and Valkey skip such lines when they load. Older releases read with a buffer of 128 bytes, so no
//! line of ours is longer than [`LINE_BYTES_MAX`]. The byte-level description is in
//! `docs/formats/append-only.md`.

use crate::checksum::Checksum;
use crate::history::{Branch, REPLICATION_ID_LENGTH, ReplicationId};
use crate::offset::Offset;
use std::fmt::{self, Write};

/// The longest line that is written, line end included.
pub const LINE_BYTES_MAX: usize = 126;

/// The longest line that is read, line end included: what the peers' buffer holds.
pub const LINE_BYTES_READ_MAX: usize = 1023;

/// Digits of a checksum.
const CHECKSUM_DIGITS: usize = 16;

/// What an annotation line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// `#LOG:` or `#END:`: where in which history the next byte is, and the sum since the last check.
    Position {
        /// The history of the bytes that follow.
        id: ReplicationId,
        /// The offset of the next byte of the stream.
        offset: Offset,
        /// CRC-64 of all bytes since the last check, this line's beginning included.
        sum: u64,
        /// `#END:`: the file was closed in order here.
        is_closing: bool,
    },
    /// `#SUM:`: only the sum.
    Sum(u64),
    /// `#BRANCH:`: a link of the chain of histories.
    Branch(Branch),
    /// `#TS:`: the commands that follow were written in this second since 1970.
    Timestamp(u64),
    /// Any other comment.
    Other,
}

/// The line is one of ours and damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl Annotation {
    /// Reads a line, `#` and line end included.
    ///
    /// # Errors
    /// When it is, or was once, one of the lines defined here, but damaged.
    pub fn parse(line: &[u8]) -> Result<Self, Damaged> {
        let Some((tag, rest)) = split_tag(line) else { return unknown(line) };
        match tag {
            b"#LOG" => position(rest, false),
            b"#END" => position(rest, true),
            b"#SUM" => Ok(Self::Sum(checksum(ended(rest)?)?)),
            b"#BRANCH" => branch(ended(rest)?),
            b"#TS" => Ok(Self::Timestamp(decimal(rest.trim_ascii_end())?)),
            _ => unknown(line),
        }
    }

    /// How many bytes of a line with a checksum the checksum covers.
    #[must_use]
    pub fn covered_bytes(line: &[u8]) -> usize {
        line.len().saturating_sub(CHECKSUM_DIGITS + 2)
    }
}

fn split_tag(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((line.get(..colon)?, line.get(colon + 1..)?))
}

/// A comment of nobody's; but what ends like a line with a checksum is one whose tag was damaged.
fn unknown(line: &[u8]) -> Result<Annotation, Damaged> {
    let Ok(text) = ended(line) else { return Ok(Annotation::Other) };
    let Some((rest, sum)) = text.split_at_checked(text.len().saturating_sub(CHECKSUM_DIGITS)) else {
        return Ok(Annotation::Other);
    };
    let has_position = rest.len() > REPLICATION_ID_LENGTH && fields(text, 5).is_some();
    let is_ours = checksum(sum).is_ok() && (rest.len() == b"#SUM:".len() || has_position);
    if is_ours { Err(Damaged) } else { Ok(Annotation::Other) }
}

fn fields(text: &[u8], tag_bytes: usize) -> Option<(ReplicationId, Offset, u64)> {
    let mut words = text.get(tag_bytes..)?.split(|byte| *byte == b' ');
    let id = ReplicationId::parse(words.next()?).ok()?;
    let offset = Offset(decimal(words.next()?).ok()?);
    let sum = checksum(words.next()?).ok()?;
    words.next().is_none().then_some((id, offset, sum))
}

fn position(rest: &[u8], is_closing: bool) -> Result<Annotation, Damaged> {
    let (id, offset, sum) = fields(ended(rest)?, 0).ok_or(Damaged)?;
    Ok(Annotation::Position { id, offset, sum, is_closing })
}

fn branch(text: &[u8]) -> Result<Annotation, Damaged> {
    let mut words = text.split(|byte| *byte == b' ');
    let mut next = || words.next().ok_or(Damaged);
    let id = ReplicationId::parse(next()?).map_err(|_| Damaged)?;
    let parent = match next()? {
        b"-" => None,
        parent => Some(ReplicationId::parse(parent).map_err(|_| Damaged)?),
    };
    let at = Offset(hexadecimal(next()?)?);
    let keys = hexadecimal(next()?)?;
    match words.next() {
        None => Ok(Annotation::Branch(Branch { id, parent, at, keys })),
        Some(_) => Err(Damaged),
    }
}

fn ended(text: &[u8]) -> Result<&[u8], Damaged> {
    text.strip_suffix(b"\r\n").ok_or(Damaged)
}

fn decimal(text: &[u8]) -> Result<u64, Damaged> {
    let digits = text.iter().all(u8::is_ascii_digit) && text.len() <= 20;
    let text = std::str::from_utf8(text).map_err(|_| Damaged)?;
    if digits { text.parse().map_err(|_| Damaged) } else { Err(Damaged) }
}

fn hexadecimal(text: &[u8]) -> Result<u64, Damaged> {
    let digits = text.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) && text.len() <= 16;
    let text = std::str::from_utf8(text).map_err(|_| Damaged)?;
    if digits { u64::from_str_radix(text, 16).map_err(|_| Damaged) } else { Err(Damaged) }
}

fn checksum(text: &[u8]) -> Result<u64, Damaged> {
    if text.len() == CHECKSUM_DIGITS { hexadecimal(text) } else { Err(Damaged) }
}

/// Whether a line that states a checksum, undamaged in form, lies anywhere in `bytes`.
#[must_use]
pub fn contains_check(bytes: &[u8]) -> bool {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'#');
    starts.map(|(at, _)| bytes.get(at..).unwrap_or_default()).any(|rest| {
        let rest = rest.get(..LINE_BYTES_MAX).unwrap_or(rest);
        let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_check = line.starts_with(b"#LOG:") || line.starts_with(b"#END:") || line.starts_with(b"#SUM:");
        is_check && Annotation::parse(line).is_ok()
    })
}

/// What a stretch of a file tells of fsyncs: looked at piece by piece.
///
/// A `#SUM:` line stands before every fsync, and nothing is written before that has succeeded. So bytes behind such a
/// line prove that everything before it was on disk; an `#END:` line proves it alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForcedEvidence {
    /// Where in the file a `#SUM:` line has ended.
    sum_ended_at: Option<u64>,
    is_given: bool,
}

impl ForcedEvidence {
    /// Whether an fsync behind the beginning of the stretch is proven.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.is_given
    }

    /// Looks at `bytes`, which stand at `file_offset`. A line that is cut by their end must be whole in the next piece.
    pub fn look_at(&mut self, bytes: &[u8], file_offset: u64) {
        if self.sum_ended_at.is_none() {
            self.find_line(bytes, file_offset);
        }
        if let Some(ended_at) = self.sum_ended_at {
            let skip = usize::try_from(ended_at.saturating_sub(file_offset)).unwrap_or(usize::MAX);
            let behind = bytes.get(skip..).unwrap_or_default();
            self.is_given |= behind.iter().any(|byte| *byte != 0);
        }
    }

    fn find_line(&mut self, bytes: &[u8], file_offset: u64) {
        for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'#') {
            let rest = bytes.get(at..).unwrap_or_default();
            let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
            let is_whole = line.len() <= LINE_BYTES_MAX && Annotation::parse(line).is_ok();
            if is_whole && line.starts_with(b"#SUM:") {
                self.sum_ended_at = Some(file_offset + (at + line.len()) as u64);
                return;
            }
            self.is_given |= is_whole && line.starts_with(b"#END:");
        }
    }
}

/// Writes annotations and keeps the running checksum between them.
#[derive(Clone, Debug, Default)]
pub struct Annotator {
    sum: Checksum,
    unchecked_bytes: u64,
}

impl Annotator {
    /// For a new file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For a file that goes on after `unchecked_bytes` bytes, with the sum `sum`, since its last check.
    #[must_use]
    pub fn resume(sum: Checksum, unchecked_bytes: u64) -> Self {
        Self { sum, unchecked_bytes }
    }

    /// Counts bytes that are written to the file.
    pub fn cover(&mut self, bytes: &[u8]) {
        self.sum.update(bytes);
        self.unchecked_bytes += bytes.len() as u64;
    }

    /// Bytes since the last check.
    #[must_use]
    pub fn unchecked_bytes(&self) -> u64 {
        self.unchecked_bytes
    }

    /// Appends a `#LOG:` line, or `#END:` when the file is closed.
    pub fn position(&mut self, out: &mut Vec<u8>, id: &ReplicationId, offset: Offset, is_closing: bool) {
        let tag = if is_closing { "#END" } else { "#LOG" };
        self.check(out, format_args!("{tag}:{id} {offset} "));
    }

    /// Appends a `#SUM:` line.
    pub fn sum(&mut self, out: &mut Vec<u8>) {
        self.check(out, format_args!("#SUM:"));
    }

    fn check(&mut self, out: &mut Vec<u8>, beginning: fmt::Arguments<'_>) {
        let mut line = String::with_capacity(LINE_BYTES_MAX);
        let _ = line.write_fmt(beginning);
        self.sum.update(line.as_bytes());
        let _ = write!(line, "{:016x}\r\n", self.sum.value());
        out.extend_from_slice(line.as_bytes());
        *self = Self::new();
    }

    /// Appends a `#BRANCH:` line.
    pub fn branch(&mut self, out: &mut Vec<u8>, branch: &Branch) {
        let Branch { id, parent, at, keys } = branch;
        let parent = parent.as_ref().map_or("-", |parent| parent.as_str());
        self.plain(out, &format!("#BRANCH:{id} {parent} {:x} {keys:x}\r\n", at.0));
    }

    /// Appends a `#TS:` line, as `aof-timestamp-enabled` asks for.
    pub fn timestamp(&mut self, out: &mut Vec<u8>, unix_s: u64) {
        self.plain(out, &format!("#TS:{unix_s}\r\n"));
    }

    fn plain(&mut self, out: &mut Vec<u8>, line: &str) {
        self.cover(line.as_bytes());
        out.extend_from_slice(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{Annotation, Annotator, Damaged, LINE_BYTES_MAX, contains_check};
    use crate::checksum::Checksum;
    use crate::history::{Branch, ReplicationId};
    use crate::offset::Offset;

    fn id() -> ReplicationId {
        ReplicationId::from_random([0xab; 20])
    }

    #[test]
    fn lines_are_read_as_they_were_written_and_short_enough() {
        let mut lines = Vec::new();
        let mut annotator = Annotator::new();
        let branch = Branch { id: id(), parent: Some(id()), at: Offset::MAX, keys: u64::MAX };
        annotator.branch(&mut lines, &branch);
        assert_eq!(lines.len(), 125);
        assert_eq!(Annotation::parse(&lines), Ok(Annotation::Branch(branch)));
        annotator.position(&mut lines, &id(), Offset::MAX, true);
        let line = &lines[125..];
        assert!(line.len() <= LINE_BYTES_MAX);
        let mut sum = Checksum::new();
        sum.update(&lines[..125 + Annotation::covered_bytes(line)]);
        let expected =
            Annotation::Position { id: id(), offset: Offset::MAX, sum: sum.value(), is_closing: true };
        assert_eq!(Annotation::parse(line), Ok(expected));
        assert_eq!(annotator.unchecked_bytes(), 0);
    }

    #[test]
    fn comments_are_skipped_but_damaged_lines_of_ours_are_not() {
        assert_eq!(Annotation::parse(b"# hello: world\n"), Ok(Annotation::Other));
        assert_eq!(Annotation::parse(b"#\r\n"), Ok(Annotation::Other));
        assert_eq!(Annotation::parse(b"#TS:1795392091\r\n"), Ok(Annotation::Timestamp(1_795_392_091)));
        let mut line = Vec::new();
        Annotator::new().position(&mut line, &id(), Offset(77), false);
        assert!(Annotation::parse(&line).is_ok() && contains_check(&line));
        for at in 1..5 {
            let mut damaged = line.clone();
            damaged[at] ^= 1;
            assert_eq!(Annotation::parse(&damaged), Err(Damaged), "{at}");
        }
        assert_eq!(Annotation::parse(&line[..line.len() - 2]), Err(Damaged));
    }
}
