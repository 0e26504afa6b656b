//! Reads a manifest, with the checks and the words of Redis.

use super::{FileEntry, FileKind, Manifest};
use crate::offset::Offset;
use std::fmt;

/// Bytes of a line that Redis reads at most, line feed included.
pub(super) const LINE_BYTES_MAX: usize = 1024;

/// Why a manifest was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The file has no line at all.
    Empty,
    /// A line is longer than 1024 bytes, or would be as we write it, or the last one has no line feed.
    LineTooLong,
    /// A line does not consist of the words it must have.
    Format,
    /// A name contains a directory.
    NameIsPath,
    /// There are two bases.
    DuplicateBase,
    /// The increments' sequence numbers do not grow.
    SequenceNotGrowing,
    /// The type is none of `b`, `h`, `i`.
    UnknownType,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "Found an empty AOF manifest",
            Self::LineTooLong => "The AOF manifest file contains too long line",
            Self::Format => "Invalid AOF manifest file format",
            Self::NameIsPath => "File can't be a path, just a filename",
            Self::DuplicateBase => "Found duplicate base file information",
            Self::SequenceNotGrowing => "Found a non-monotonic sequence number",
            Self::UnknownType => "Unknown AOF file type",
        })
    }
}

/// A manifest that was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The line, counted from 1; 0 for an empty file.
    pub line: usize,
    /// Its text, cut to what is read of a line.
    pub text: String,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return self.reason.fmt(out);
        }
        write!(out, "Reading the manifest file, at line {}: '{}': {}", self.line, self.text, self.reason)
    }
}

impl std::error::Error for ManifestError {}

pub(super) fn manifest(text: &[u8]) -> Result<Manifest, ManifestError> {
    if text.is_empty() {
        return Err(ManifestError { line: 0, text: String::new(), reason: Reason::Empty });
    }
    let mut manifest = Manifest::new();
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !line.starts_with(b"#") {
            take_line(&mut manifest, line).map_err(|reason| refuse(index + 1, line, reason))?;
        }
    }
    Ok(manifest)
}

fn refuse(number: usize, line: &[u8], reason: Reason) -> ManifestError {
    let shown = line.get(..LINE_BYTES_MAX).unwrap_or(line).trim_ascii();
    ManifestError { line: number, text: String::from_utf8_lossy(shown).into_owned(), reason }
}

fn take_line(manifest: &mut Manifest, line: &[u8]) -> Result<(), Reason> {
    if line.len() > LINE_BYTES_MAX || !line.ends_with(b"\n") {
        return Err(Reason::LineTooLong);
    }
    let entry = entry(&split_words(line.trim_ascii()).ok_or(Reason::Format)?)?;
    match entry.kind {
        FileKind::Base if manifest.base.is_some() => return Err(Reason::DuplicateBase),
        FileKind::Base => {
            manifest.base_sequence = entry.sequence;
            manifest.base = Some(entry);
        }
        FileKind::History => manifest.history.push(entry),
        FileKind::Increment if entry.sequence <= manifest.increment_sequence => {
            return Err(Reason::SequenceNotGrowing);
        }
        FileKind::Increment => {
            manifest.increment_sequence = entry.sequence;
            manifest.increments.push(entry);
        }
    }
    Ok(())
}

/// Reads `key value` pairs: `file`, `seq` and `type` must be there, unknown ones are skipped.
fn entry(words: &[Vec<u8>]) -> Result<FileEntry, Reason> {
    if words.len() < 6 || !words.len().is_multiple_of(2) {
        return Err(Reason::Format);
    }
    let (mut name, mut sequence, mut letter) = (None, None, None);
    let (mut start_offset, mut end_offset) = (None, None);
    for pair in words.chunks_exact(2) {
        let [key, value] = pair else { return Err(Reason::Format) };
        match key.to_ascii_lowercase().as_slice() {
            b"file" => name = Some(file_name(value)?),
            b"seq" => sequence = number(value).filter(|sequence| *sequence > 0),
            b"type" => letter = value.first().copied(),
            b"startoffset" => start_offset = number(value).map(Offset),
            b"endoffset" => end_offset = number(value).map(Offset),
            _ => {}
        }
    }
    let (Some(name), Some(sequence), Some(letter)) = (name, sequence, letter) else {
        return Err(Reason::Format);
    };
    let kind = match letter {
        b'b' => FileKind::Base,
        b'h' => FileKind::History,
        b'i' => FileKind::Increment,
        _ => return Err(Reason::UnknownType),
    };
    let entry = FileEntry { name, sequence, kind, start_offset, end_offset };
    if entry.fits_line() { Ok(entry) } else { Err(Reason::LineTooLong) }
}

fn file_name(value: &[u8]) -> Result<String, Reason> {
    if value.contains(&b'/') || value.contains(&b'\\') {
        return Err(Reason::NameIsPath);
    }
    let name = String::from_utf8(value.to_vec()).map_err(|_| Reason::Format)?;
    let names_no_file = name.is_empty() || name == "." || name == ".." || name.contains('\0');
    if names_no_file { Err(Reason::Format) } else { Ok(name) }
}

fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|number| *number <= i64::MAX as u64)
}

/// Splits a line as Redis splits its configuration lines: blanks between words, double quotes with escapes,
/// single quotes with `\'`. `None` when the quotes do not fit.
fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    if line.contains(&0) {
        return None;
    }
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let (word, after) = next_word(rest)?;
        words.push(word);
        rest = after.trim_ascii_start();
    }
    Some(words)
}

fn next_word(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        match rest {
            [] => return Some((word, rest)),
            [blank, ..] if blank.is_ascii_whitespace() => return Some((word, rest)),
            [b'"', quoted @ ..] => return double_quoted(word, quoted),
            [b'\'', quoted @ ..] => return single_quoted(word, quoted),
            [byte, after @ ..] => {
                word.push(*byte);
                rest = after;
            }
        }
    }
}

fn double_quoted(mut word: Vec<u8>, mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    loop {
        let (byte, after) = match rest {
            [b'"', after @ ..] => return ends_word(after).then_some((word, after)),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex_digit(*high) << 4 | hex_digit(*low), after)
            }
            [b'\\', escaped, after @ ..] => (unescape(*escaped), after),
            [byte, after @ ..] => (*byte, after),
            [] => return None,
        };
        word.push(byte);
        rest = after;
    }
}

fn single_quoted(mut word: Vec<u8>, mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    loop {
        let (byte, after) = match rest {
            [b'\'', after @ ..] => return ends_word(after).then_some((word, after)),
            [b'\\', b'\'', after @ ..] => (b'\'', after),
            [byte, after @ ..] => (*byte, after),
            [] => return None,
        };
        word.push(byte);
        rest = after;
    }
}

fn ends_word(rest: &[u8]) -> bool {
    rest.first().is_none_or(u8::is_ascii_whitespace)
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

fn unescape(escaped: u8) -> u8 {
    match escaped {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}
