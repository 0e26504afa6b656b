//! Byte strings for people: quoting, splitting a line into arguments, sizes with units.

use crate::hex;

/// Appends the bytes in double quotes, with escapes for what is not printable ASCII.
pub fn append_quoted(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x07 => out.extend_from_slice(b"\\a"),
            0x08 => out.extend_from_slice(b"\\b"),
            b' '..=b'~' => out.push(byte),
            _ => {
                out.extend_from_slice(b"\\x");
                out.extend_from_slice(&hex::digits(byte));
            }
        }
    }
    out.push(b'"');
}

/// The bytes in double quotes, with escapes for what is not printable ASCII.
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    append_quoted(&mut out, bytes);
    out.into_iter().map(char::from).collect()
}

/// A line whose quotes are not closed, or where text follows a closing quote without a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnbalancedQuotes;

impl std::fmt::Display for UnbalancedQuotes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unbalanced quotes")
    }
}

impl std::error::Error for UnbalancedQuotes {}

/// Splits a line into arguments at white space. Double quotes allow escapes (`\n`, `\x41`), single quotes only `\'`.
/// A zero byte ends the line, as in C.
pub fn split_arguments(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
    let end = line.iter().position(|&byte| byte == 0).unwrap_or(line.len());
    let mut rest = &line[..end];
    let mut arguments = Vec::new();
    loop {
        let blanks = rest.iter().take_while(|&&byte| is_space(byte)).count();
        rest = &rest[blanks..];
        if rest.is_empty() {
            return Ok(arguments);
        }
        let (argument, after) = split_first(rest)?;
        arguments.push(argument);
        rest = after;
    }
}

/// White space as C's `isspace` has it, which counts the vertical tab in.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Reads one argument from a line that does not begin with white space.
fn split_first(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), UnbalancedQuotes> {
    let mut argument = Vec::new();
    loop {
        match *rest {
            [] | [b' ' | b'\n' | b'\r' | b'\t', ..] => return Ok((argument, rest)),
            [b'"', ref quoted @ ..] => {
                let after = double_quoted(quoted, &mut argument)?;
                return Ok((argument, after));
            }
            [b'\'', ref quoted @ ..] => {
                let after = single_quoted(quoted, &mut argument)?;
                return Ok((argument, after));
            }
            [byte, ref after @ ..] => {
                argument.push(byte);
                rest = after;
            }
        }
    }
}

/// Reads up to the closing double quote; gives what stands behind it.
fn double_quoted<'a>(mut rest: &'a [u8], argument: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        rest = match *rest {
            [b'\\', b'x', high, low, ref after @ ..] if is_hex(high) && is_hex(low) => {
                argument.extend(hex::parse(&[high, low]).into_iter().flatten());
                after
            }
            [b'\\', escaped, ref after @ ..] => {
                argument.push(unescaped(escaped));
                after
            }
            [b'"', ref after @ ..] => return behind_quote(after),
            [byte, ref after @ ..] => {
                argument.push(byte);
                after
            }
            [] => return Err(UnbalancedQuotes),
        };
    }
}

/// Reads up to the closing single quote; gives what stands behind it.
fn single_quoted<'a>(mut rest: &'a [u8], argument: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        rest = match *rest {
            [b'\\', b'\'', ref after @ ..] => {
                argument.push(b'\'');
                after
            }
            [b'\'', ref after @ ..] => return behind_quote(after),
            [byte, ref after @ ..] => {
                argument.push(byte);
                after
            }
            [] => return Err(UnbalancedQuotes),
        };
    }
}

/// A closing quote must be followed by white space or the end.
fn behind_quote(rest: &[u8]) -> Result<&[u8], UnbalancedQuotes> {
    if rest.first().is_none_or(|&byte| is_space(byte)) { Ok(rest) } else { Err(UnbalancedQuotes) }
}

fn is_hex(digit: u8) -> bool {
    digit.is_ascii_hexdigit()
}

fn unescaped(letter: u8) -> u8 {
    match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

/// Reads a number of bytes with an optional unit in any case: `k` is 1000 and `kb` 1024, likewise `m`, `mb`, `g`, `gb`;
/// `b` is one. A missing number is 0, as Redis has it. None for anything else, or more than 64 bits.
pub fn parse_memory(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    let digits = std::str::from_utf8(number).ok()?;
    let number = if digits.is_empty() { 0 } else { digits.parse::<u64>().ok()? };
    number.checked_mul(factor)
}

/// A number of bytes as INFO shows it to people: "512B", "1.23M".
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [char; 5] = ['K', 'M', 'G', 'T', 'P'];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let step = (bytes.ilog2() / 10).min(UNITS.len() as u32);
    let value = bytes as f64 / (1u64 << (10 * step)) as f64;
    format!("{value:.2}{}", UNITS[step as usize - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes() {
        assert_eq!(
            quoted(b"a\"b\\c\n\r\t\x07\x08\x00\x1f\x7f\xff~ "),
            r#""a\"b\\c\n\r\t\a\b\x00\x1f\x7f\xff~ ""#
        );
    }

    #[test]
    fn quoting_and_splitting_are_inverse() {
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(split_arguments(quoted(&every).as_bytes()), Ok(vec![every]));
    }

    fn check(line: &str, expected: &[&str]) {
        let expected = expected.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        assert_eq!(split_arguments(line.as_bytes()), Ok(expected), "{line}");
    }

    #[test]
    fn splits_lines() {
        check("", &[]);
        check(" \t\x0b ", &[]);
        check("set k v\r\n", &["set", "k", "v"]);
        check(r#"a "b c" 'd e' "" ''"#, &["a", "b c", "d e", "", ""]);
        check(r#"save """#, &["save", ""]);
        check(r#"pre"fix" x"#, &["prefix", "x"]);
        check(r#""\x41\x4g\n\q" 'it\'s \n'"#, &["Ax4g\nq", r"it's \n"]);
        check("a\0b", &["a"]);
        check("a\x0bb", &["a\x0bb"]);
    }

    #[test]
    fn refuses_unbalanced_quotes() {
        for line in [r#"""#, r#""a"#, r#""a"b"#, "'a", "'a'b", r#""a\"#, r#""a" 'b"#, "'a\\'"] {
            assert_eq!(split_arguments(line.as_bytes()), Err(UnbalancedQuotes), "{line}");
        }
    }

    #[test]
    fn memory_sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("", 0),
            ("kb", 0),
            ("100", 100),
            ("1b", 1),
            ("1k", 1000),
            ("1KB", 1024),
            ("2m", 2_000_000),
            ("2Mb", 2 << 20),
            ("3g", 3_000_000_000),
            ("3gB", 3 << 30),
        ] {
            assert_eq!(parse_memory(text.as_bytes()), Some(bytes), "{text}");
        }
        for text in ["-1", "+1", "1.5gb", "1 kb", "1tb", "1x", "20000000000gb"] {
            assert_eq!(parse_memory(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn sizes_for_people() {
        for (bytes, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (1_290_000, "1.23M"),
            (5 << 30, "5.00G"),
            (1 << 40, "1.00T"),
            (1 << 50, "1.00P"),
        ] {
            assert_eq!(human_bytes(bytes), text);
        }
    }
}
