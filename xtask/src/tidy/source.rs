//! A Rust file, as text and with its comments and literals blanked out.

/// A Rust file.
#[derive(Debug)]
pub struct Source {
    /// The path from the root.
    pub path: String,
    /// The text as it stands.
    pub text: String,
    /// The text with a blank for each byte of a comment, string or character literal: same lines, same columns.
    pub code: String,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its signature, from 1.
    pub line: usize,
    /// From the signature to the closing brace.
    pub lines: usize,
}

impl Source {
    /// A file of this text.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: blank(text) }
    }

    /// The functions that have a body, also those within others.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let code = self.code.as_bytes();
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let starts_word = at == 0 || !is_word(code[at - 1]);
            let name: String =
                self.code[at + 3..].chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
            let Some(end) = body_end(&code[at..]).filter(|_| starts_word && !name.is_empty()) else {
                continue;
            };
            let lines = self.code[at..at + end].matches('\n').count() + 1;
            found.push(Function { name, line: line_of(&self.code, at), lines });
        }
        found
    }
}

/// The line, from 1, of a byte of the text.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Whether a byte belongs to a name.
#[must_use]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The end of the body that begins behind a signature; `None` for a declaration without one.
fn body_end(code: &[u8]) -> Option<usize> {
    let mut round = 0_usize;
    let open = code.iter().position(|&byte| {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round = round.saturating_sub(1),
            _ => {}
        }
        byte == b'{' || (byte == b';' && round == 0)
    })?;
    if code[open] != b'{' {
        return None;
    }
    let mut depth = 0_usize;
    for (at, byte) in code.iter().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Blanks out comments and literals, so that what is left can be searched and its braces counted.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal_len(&bytes[at..], at > 0 && is_word(bytes[at - 1]));
        for byte in out[at..end].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The length of the comment or literal that stands here, 0 if none does.
fn literal_len(rest: &[u8], follows_word: bool) -> usize {
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment_len(rest),
        [b'"', ..] => string_len(rest),
        [b'r', b'"' | b'#', ..] if !follows_word => raw_string_len(rest, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if !follows_word => raw_string_len(rest, 2),
        [b'\'', ..] => character_len(rest),
        // Bytes of a character that is not ASCII: outside literals they only stand where the compiler refuses them.
        [byte, ..] if !byte.is_ascii() => 1,
        _ => 0,
    }
}

fn block_comment_len(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn string_len(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A raw string whose `#` begin at `start`; 0 for a raw name such as `r#type`.
fn raw_string_len(rest: &[u8], start: usize) -> usize {
    let hashes = rest[start..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(start + hashes) != Some(&b'"') {
        return 0;
    }
    let closing = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let body = start + hashes + 1;
    let end = rest[body..].windows(closing.len()).position(|window| window == closing);
    end.map_or(rest.len(), |end| body + end + closing.len())
}

/// A character literal; 0 for a lifetime.
fn character_len(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return rest.iter().skip(3).position(|&byte| byte == b'\'').map_or(rest.len(), |end| end + 4);
    }
    let first = std::str::from_utf8(&rest[1..rest.len().min(5)]);
    let text = first.or_else(|error| std::str::from_utf8(&rest[1..=error.valid_up_to()]));
    let width = text.ok().and_then(|text| text.chars().next()).map_or(1, char::len_utf8);
    if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_literals() {
        let cases = [
            ("let a = \"{\\\"\"; }", "let a =      ; }"),
            ("b'{' '\\'' 'ä' 'x: &'x", "b 'x: &'x"),
            ("x // {\n/* { /* } */ */ y", "x     \n                  y"),
            ("r#\"a\"{\"# br\"\\\" r#type", "                r#type"),
            ("for\"{\"", "for   "),
        ];
        for (text, expected) in cases {
            let code = blank(text);
            assert_eq!(
                code.split_whitespace().collect::<Vec<_>>(),
                expected.split_whitespace().collect::<Vec<_>>()
            );
            assert_eq!(code.len(), text.len(), "{text}");
        }
    }

    #[test]
    fn measures_functions() {
        let text = "fn a() {}\nimpl X {\n    fn b(x: [u8; 3]) -> u8 {\n        if x { '{' }\n    }\n}\ntrait T {\n    fn c();\n}\n";
        let found = Source::new("a.rs", text).functions();
        let expected = [("a", 1, 1), ("b", 3, 3)];
        assert_eq!(found.len(), expected.len());
        for (function, (name, line, lines)) in found.iter().zip(expected) {
            assert_eq!((function.name.as_str(), function.line, function.lines), (name, line, lines));
        }
    }
}
