//! Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET take them.

/// Whether the whole text matches the pattern: `*` any run, `?` any byte, `[ab]`, `[^ab]`, `[a-z]` a class, `\` takes
/// the next byte literally. An unclosed class ends with the pattern. An empty text matches only the empty pattern.
/// Costs at most the product of both lengths: a failed match goes back to the last star only.
pub fn matches(pattern: &[u8], text: &[u8], ignore_case: bool) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(position) {
        if pattern.get(at) == Some(&b'*') {
            at += 1;
            if at == pattern.len() {
                return true;
            }
            star = Some((at, position));
        } else if let Some(next) = match_one(pattern, at, byte, ignore_case) {
            at = next;
            position += 1;
        } else if let Some((after_star, from)) = star {
            (at, position) = (after_star, from + 1);
            star = Some((at, position));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Matches one byte with the element at `at`, which is no star; returns where the next element begins.
fn match_one(pattern: &[u8], at: usize, byte: u8, ignore_case: bool) -> Option<usize> {
    match *pattern.get(at)? {
        b'?' => Some(at + 1),
        b'[' => match_class(pattern, at + 1, byte, ignore_case),
        b'\\' if at + 1 < pattern.len() => same(pattern[at + 1], byte, ignore_case).then_some(at + 2),
        literal => same(literal, byte, ignore_case).then_some(at + 1),
    }
}

/// Matches one byte with the class whose first byte behind the bracket is at `at`.
fn match_class(pattern: &[u8], mut at: usize, byte: u8, ignore_case: bool) -> Option<usize> {
    let negated = pattern.get(at) == Some(&b'^');
    at += usize::from(negated);
    let mut found = false;
    loop {
        match pattern[at.min(pattern.len())..] {
            // An escaped byte in a class is compared with its case, even when case is ignored.
            [b'\\', escaped, ..] => {
                found |= escaped == byte;
                at += 2;
            }
            [b']', ..] => {
                at += 1;
                break;
            }
            [] => break,
            [first, b'-', last, ..] => {
                found |= in_range(first, last, byte, ignore_case);
                at += 3;
            }
            [literal, ..] => {
                found |= same(literal, byte, ignore_case);
                at += 1;
            }
        }
    }
    (found != negated).then_some(at)
}

/// Bytes from 128 on sort before the others: Redis compares `char`, which has a sign where it usually runs.
fn in_range(first: u8, last: u8, byte: u8, ignore_case: bool) -> bool {
    let (first, last) = (first.cast_signed(), last.cast_signed());
    let fold = |letter: i8| {
        if ignore_case { letter.cast_unsigned().to_ascii_lowercase().cast_signed() } else { letter }
    };
    (fold(first.min(last))..=fold(first.max(last))).contains(&fold(byte.cast_signed()))
}

fn same(left: u8, right: u8, ignore_case: bool) -> bool {
    left == right || (ignore_case && left.eq_ignore_ascii_case(&right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), false), expected, "{pattern} {text}");
    }

    #[test]
    fn elements() {
        for (pattern, text, expected) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a?c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abbbc", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("*", "x", true),
            ("**", "x", true),
            ("a**", "a", true),
            ("a*?", "a", false),
            ("?", "", false),
            ("[abc]", "b", true),
            ("[^abc]", "b", false),
            ("[^abc]", "d", true),
            ("[a-c]x", "bx", true),
            ("[c-a]x", "bx", true),
            (r"[\]]", "]", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\", r"a\", true),
            ("[a-]", "]", true),
            ("[a-]", "b", false),
        ] {
            check(pattern, text, expected);
        }
    }

    #[test]
    fn bytes_beyond_ascii_sort_before_it() {
        assert!(matches(b"[\xff-A]", b"?", false));
        assert!(!matches(b"[\xff-A]", b"a", false));
        assert!(!matches(b"[\xff-A]", b"\xf0", false));
    }

    #[test]
    fn unclosed_classes_end_with_the_pattern() {
        check("[ab", "a", true);
        check("[ab", "c", false);
        check("[", "a", false);
        check("[^", "a", true);
        check(r"[\", r"\", true);
        check("[a-", "-", true);
        check("[]", "a", false);
    }

    #[test]
    fn empty_text_matches_only_the_empty_pattern() {
        check("", "", true);
        check("*", "", false);
        check("", "a", false);
    }

    #[test]
    fn case_may_be_ignored() {
        assert!(matches(b"FoO*", b"foobar", true));
        assert!(matches(b"[A-C]", b"b", true));
        assert!(!matches(br"[\A]", b"a", true));
        assert!(!matches(b"FoO", b"foo", false));
    }

    #[test]
    fn many_stars_end_in_bounded_time() {
        let pattern = b"*a".repeat(2_000);
        let mut text = vec![b'a'; 4_000];
        assert!(matches(&pattern, &text, false));
        text.push(b'b');
        assert!(!matches(&pattern, &text, false));
    }

    /// The obvious recursive definition, for short inputs.
    fn by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.first() {
            None => text.is_empty(),
            Some(b'*') => (0..=text.len()).any(|from| by_definition(&pattern[1..], &text[from..])),
            Some(_) => text.first().is_some_and(|&byte| {
                match_one(pattern, 0, byte, false)
                    .is_some_and(|next| by_definition(&pattern[next..], &text[1..]))
            }),
        }
    }

    #[test]
    fn agrees_with_the_definition() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut matched = 0;
        for _ in 0..50_000 {
            let pattern: Vec<u8> =
                (0..random.usize(0..8)).map(|_| b"ab*?[]^-\\"[random.usize(0..9)]).collect();
            let text: Vec<u8> = (0..random.usize(1..6)).map(|_| b"ab*]"[random.usize(0..4)]).collect();
            let expected = by_definition(&pattern, &text);
            matched += usize::from(expected);
            assert_eq!(matches(&pattern, &text, false), expected, "{pattern:?} {text:?}");
        }
        assert!(matched > 1_000);
    }
}
