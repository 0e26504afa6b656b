//! Checks written as a session: a command, an arrow, the reply.

use crate::Client;

/// Runs a session: each line is `COMMAND ARGUMENTS -> REPLY`, the reply as [`crate::Reply`] is displayed; a line
/// without an arrow only has to succeed. Blanks at a reply's end do not count. Arguments may be in double quotes with `\xNN` escapes, or in single quotes.
#[track_caller]
pub fn check(client: &mut Client, session: &str) {
    for line in session.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (command, expected) = match line.rsplit_once("->") {
            Some((command, expected)) => (command.trim(), Some(expected.trim())),
            None => (line, None),
        };
        let reply = client.command(&split(command));
        match expected {
            Some(expected) => assert_eq!(reply.to_string().trim_end(), expected, "reply to `{command}`"),
            None => assert!(!reply.is_error(), "`{command}` was refused: {reply}"),
        }
    }
}

/// The words of a line, with quotes and escapes taken away.
#[must_use]
pub(crate) fn split(line: &str) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut rest = line.as_bytes();
    loop {
        rest = rest.trim_ascii_start();
        let Some((&first, after)) = rest.split_first() else { return words };
        let (word, left) = match first {
            b'"' => quoted_word(after),
            b'\'' => {
                let end = after.iter().position(|&byte| byte == b'\'').expect("a closing quote");
                (after[..end].to_vec(), &after[end + 1..])
            }
            _ => {
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                (rest[..end].to_vec(), &rest[end..])
            }
        };
        words.push(word);
        rest = left;
    }
}

/// A word after its opening double quote, and what follows the closing one.
fn quoted_word(mut rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut word = Vec::new();
    loop {
        let (&byte, after) = rest.split_first().expect("a closing quote");
        rest = after;
        match (byte, rest) {
            (b'"', _) => return (word, rest),
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                let hex = str::from_utf8(&digits).expect("two hexadecimal digits");
                word.push(u8::from_str_radix(hex, 16).expect("two hexadecimal digits"));
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                rest = after;
            }
            _ => word.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn splits_words_and_quotes() {
        assert_eq!(split(r#"SET "a b\x00\n" 'c d' e"#), [&b"SET"[..], b"a b\0\n", b"c d", b"e"]);
        assert!(split("  ").is_empty());
        assert_eq!(split(r#""""#), [b""]);
    }
}
