//! How arguments are written by people: splitting a line into words, and showing bytes between quotes.

/// Appends `bytes` between double quotes, with escapes for all that is not printable ASCII.
pub fn append_quoted(output: &mut Vec<u8>, bytes: &[u8]) {
    output.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => output.extend([b'\\', byte]),
            b'\n' => output.extend(b"\\n"),
            b'\r' => output.extend(b"\\r"),
            b'\t' => output.extend(b"\\t"),
            0x07 => output.extend(b"\\a"),
            0x08 => output.extend(b"\\b"),
            b' '..=b'~' => output.push(byte),
            _ => output.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    output.push(b'"');
}

/// Why a line cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteError {
    /// The line ends amid a quoted word.
    Open,
    /// A closing quote is followed by something else than a space.
    Glued,
}

/// Splits a line into words. Words may be quoted: `"..."` knows the escapes `\n \r \t \a \b \xHH`, `'...'` only `\'`.
pub fn split_line(line: &[u8]) -> Result<Vec<Vec<u8>>, QuoteError> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        rest = rest.get(blanks..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(words);
        }
        words.push(take_word(&mut rest)?);
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0)
}

fn take_word(rest: &mut &[u8]) -> Result<Vec<u8>, QuoteError> {
    let mut word = Vec::new();
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            _ if is_blank(byte) => break,
            b'"' | b'\'' => {
                *rest = after;
                take_quoted(rest, byte, &mut word)?;
                return Ok(word);
            }
            _ => {
                word.push(byte);
                *rest = after;
            }
        }
    }
    Ok(word)
}

fn take_quoted(rest: &mut &[u8], quote: u8, word: &mut Vec<u8>) -> Result<(), QuoteError> {
    loop {
        let (byte, used) = match (*rest, quote) {
            ([], _) => return Err(QuoteError::Open),
            ([byte, after @ ..], _) if *byte == quote => {
                *rest = after;
                return if after.first().is_none_or(|next| is_blank(*next)) {
                    Ok(())
                } else {
                    Err(QuoteError::Glued)
                };
            }
            ([b'\\', b'x', high, low, ..], b'"') if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex_digit(*high) * 16 + hex_digit(*low), 4)
            }
            ([b'\\', escaped, ..], b'"') => (unescape(*escaped), 2),
            ([b'\\', b'\'', ..], b'\'') => (b'\'', 2),
            ([byte, ..], _) => (*byte, 1),
        };
        word.push(byte);
        *rest = rest.get(used..).unwrap_or_default();
    }
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 0x07,
        b'b' => 0x08,
        other => other,
    }
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, words: &[&[u8]]) {
        assert_eq!(
            split_line(line.as_bytes()),
            Ok(words.iter().map(|word| word.to_vec()).collect()),
            "{line}"
        );
    }

    #[test]
    fn splits_words_and_quotes() {
        check("", &[]);
        check("  set  a b ", &[b"set", b"a", b"b"]);
        check(r#"set "a b" 'c d'"#, &[b"set", b"a b", b"c d"]);
        check(r#""" ''"#, &[b"", b""]);
        check(r#""\x00\xfF\n\r\t\a\b\\\"\q""#, &[b"\x00\xff\n\r\t\x07\x08\\\"q"]);
        check(r#"'\x00\n\''"#, &[b"\\x00\\n'"]);
        check(r#""\xg1""#, &[b"xg1"]);
        check(r#"a"b c""#, &[b"ab c"]);
    }

    #[test]
    fn refuses_open_and_glued_quotes() {
        assert_eq!(split_line(br#"get "a"#), Err(QuoteError::Open));
        assert_eq!(split_line(br#"get "a\"#), Err(QuoteError::Open));
        assert_eq!(split_line(b"get 'a"), Err(QuoteError::Open));
        assert_eq!(split_line(br#"get "a"b"#), Err(QuoteError::Glued));
    }

    #[test]
    fn what_is_shown_can_be_typed_again() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut shown = Vec::new();
        append_quoted(&mut shown, &bytes);
        assert_eq!(split_line(&shown), Ok(vec![bytes]));
    }
}
