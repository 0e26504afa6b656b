//! Identifiers of entries as words of a request: `5-1`, `5`, `-`, `+`, `(5-1`.

use datatypes::stream::{Id, NewId};
use engine::command::{Stop, until_nul};

const INVALID: Stop = Stop::error("ERR Invalid stream ID specified as stream command argument");
/// The longest word that can be an identifier.
const WORD_BYTES_MAX: usize = 127;
/// The longest text of an identifier: two numbers of 20 digits.
pub(crate) const TEXT_BYTES_MAX: usize = 41;

/// An identifier; one without a number gets that of `missing_seq`.
pub(crate) fn parse(word: &[u8], missing_seq: u64) -> Result<Id, Stop> {
    match word {
        b"-" => Ok(Id::MIN),
        b"+" => Ok(Id::MAX),
        _ => parse_exact(word, missing_seq),
    }
}

/// An identifier that is neither `-` nor `+`; one without a number is the first of its millisecond.
pub(crate) fn parse_strict(word: &[u8]) -> Result<Id, Stop> {
    parse_exact(word, 0)
}

/// All words as identifiers.
pub(crate) fn parse_all<'w>(words: impl Iterator<Item = &'w [u8]>) -> Result<Vec<Id>, Stop> {
    words.map(parse_strict).collect()
}

/// The identifier that a new entry is to get: `5-1`, `5-*` or `*`.
pub(crate) fn parse_new(word: &[u8]) -> Result<NewId, Stop> {
    if word == b"*" {
        return Ok(NewId::Clock);
    }
    match until_nul(word).strip_suffix(b"-*") {
        Some(ms) if word.len() <= WORD_BYTES_MAX && !ms.contains(&b'-') => {
            number(ms).map(NewId::Millisecond).ok_or(INVALID)
        }
        _ => parse_strict(word).map(NewId::Exactly),
    }
}

/// The lower end of an interval, which `(` excludes.
pub(crate) fn parse_start(word: &[u8]) -> Result<Id, Stop> {
    match excluded(word) {
        Some(word) => parse_strict(word)?.next().ok_or(Stop::error("ERR invalid start ID for the interval")),
        None => parse(word, 0),
    }
}

/// The upper end of an interval, which `(` excludes; one without a number is the last of its millisecond.
pub(crate) fn parse_end(word: &[u8]) -> Result<Id, Stop> {
    match excluded(word) {
        Some(word) => {
            let id = parse_exact(word, u64::MAX)?;
            id.previous().ok_or(Stop::error("ERR invalid end ID for the interval"))
        }
        None => parse(word, u64::MAX),
    }
}

fn excluded(word: &[u8]) -> Option<&[u8]> {
    word.strip_prefix(b"(").filter(|rest| !rest.is_empty())
}

fn parse_exact(word: &[u8], missing_seq: u64) -> Result<Id, Stop> {
    if word.len() > WORD_BYTES_MAX {
        return Err(INVALID);
    }
    let word = until_nul(word);
    let id = match word.iter().position(|byte| *byte == b'-') {
        None => number(word).map(|ms| Id { ms, seq: missing_seq }),
        Some(at) => number(&word[..at]).zip(number(&word[at + 1..])).map(|(ms, seq)| Id { ms, seq }),
    };
    id.ok_or(INVALID)
}

/// A number as Redis reads it here: what is no canonical integer goes through C's `strtoull`, which lets blanks and a sign
/// pass in front, and wraps negative numbers around.
fn number(text: &[u8]) -> Option<u64> {
    if let Some(number) = stdx::number::parse_i64(text) {
        return u64::try_from(number).ok();
    }
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let text = &text[blanks..];
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })?;
    Some(if is_negative { number.wrapping_neg() } else { number })
}

/// An identifier as replies and the log have it, written into `buffer`.
pub(crate) fn write(id: Id, buffer: &mut [u8; TEXT_BYTES_MAX]) -> &[u8] {
    let [mut ms, mut seq] = [itoa::Buffer::new(); 2];
    let mut len = 0;
    for part in [ms.format(id.ms).as_bytes(), b"-", seq.format(id.seq).as_bytes()] {
        buffer[len..len + part.len()].copy_from_slice(part);
        len += part.len();
    }
    &buffer[..len]
}

/// The same in memory of its own.
pub(crate) fn text(id: Id) -> Vec<u8> {
    write(id, &mut [0; TEXT_BYTES_MAX]).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_redis_reads_them() {
        let id = |ms, seq| Ok(Id { ms, seq });
        for (word, expected) in [
            ("5", id(5, 9)),
            ("5-1", id(5, 1)),
            ("-", id(0, 0)),
            ("+", id(u64::MAX, u64::MAX)),
            ("007-+1", id(7, 1)),
            (" 7", id(7, 9)),
            ("5--01", id(5, u64::MAX)),
            ("18446744073709551615-0", id(u64::MAX, 0)),
        ] {
            assert_eq!(parse(word.as_bytes(), 9), expected, "{word}");
        }
        for word in ["", "x", "5-", "-5", "5--1", "18446744073709551616", "5-1-1", "*", "5 "] {
            assert_eq!(parse(word.as_bytes(), 9), Err(INVALID), "{word}");
        }
        assert_eq!(parse_new(b"5-*"), Ok(NewId::Millisecond(5)));
        assert_eq!(text(Id::MAX), b"18446744073709551615-18446744073709551615");
        assert_eq!(text(Id { ms: 7, seq: 0 }), b"7-0");
        assert_eq!((parse_start(b"(5"), parse_end(b"(5-0")), (id(5, 1), id(4, u64::MAX)));
        assert!(
            parse_start(b"(18446744073709551615-18446744073709551615").is_err()
                && parse_end(b"(0-0").is_err()
        );
        assert!(parse_strict(b"-").is_err() && parse_start(b"(-").is_err());
    }
}
