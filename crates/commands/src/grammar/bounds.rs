//! The ends of a range of scores or of members: `1.5`, `(1.5`, `-inf`; `[a`, `(a`, `-`, `+`.

use super::decimal;
use engine::command::Stop;
use std::ops::Bound;

/// Both ends of a range.
pub(crate) type Ends<T> = (Bound<T>, Bound<T>);

/// A range of scores.
pub(crate) fn scores(lower: &[u8], upper: &[u8]) -> Result<Ends<f64>, Stop> {
    let end = |text: &[u8]| match text.strip_prefix(b"(") {
        Some(text) => decimal::parse(text).map(Bound::Excluded),
        None => decimal::parse(text).map(Bound::Included),
    };
    let ends = || Some((end(lower)?, end(upper)?));
    ends().ok_or(Stop::error("ERR min or max is not a float"))
}

/// One end of a range of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberEnd<'a> {
    /// Before all others.
    Least,
    /// Behind all others.
    Greatest,
    /// At this member.
    At(Bound<&'a [u8]>),
}

/// A range of members; none if it can hold no member at all.
pub(crate) fn members<'a>(lower: &'a [u8], upper: &'a [u8]) -> Result<Option<Ends<&'a [u8]>>, Stop> {
    let end = |text: &'a [u8]| match text {
        b"-" => Some(MemberEnd::Least),
        b"+" => Some(MemberEnd::Greatest),
        [b'[', member @ ..] => Some(MemberEnd::At(Bound::Included(member))),
        [b'(', member @ ..] => Some(MemberEnd::At(Bound::Excluded(member))),
        _ => None,
    };
    let ends = || Some((end(lower)?, end(upper)?));
    let (lower, upper) = ends().ok_or(Stop::error("ERR min or max not valid string range item"))?;
    Ok(match (lower, upper) {
        (MemberEnd::Greatest, _) | (_, MemberEnd::Least) => None,
        (lower, upper) => Some((bound(lower), bound(upper))),
    })
}

fn bound(end: MemberEnd<'_>) -> Bound<&[u8]> {
    match end {
        MemberEnd::At(bound) => bound,
        MemberEnd::Least | MemberEnd::Greatest => Bound::Unbounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_included_unless_in_parentheses() {
        assert_eq!(scores(b"(1.5", b"inf"), Ok((Bound::Excluded(1.5), Bound::Included(f64::INFINITY))));
        assert_eq!(
            scores(b"-inf", b"(+inf"),
            Ok((Bound::Included(f64::NEG_INFINITY), Bound::Excluded(f64::INFINITY)))
        );
        assert_eq!(scores(b"(", b"1e400"), Ok((Bound::Excluded(0.0), Bound::Included(f64::INFINITY))));
        for (lower, upper) in [
            ("x", "1"),
            ("1", "nan"),
            ("(", "((1"),
            ("1 ", "2"),
            ("\r\n", "2"),
            (" 1", "2"),
            ("1", "0x10"),
            ("1e", "2"),
        ] {
            assert!(scores(lower.as_bytes(), upper.as_bytes()).is_err(), "{lower} {upper}");
        }
    }

    #[test]
    fn members_need_a_mark() {
        assert_eq!(members(b"[a", b"(b"), Ok(Some((Bound::Included(&b"a"[..]), Bound::Excluded(&b"b"[..])))));
        assert_eq!(members(b"-", b"+"), Ok(Some((Bound::Unbounded, Bound::Unbounded))));
        assert_eq!((members(b"+", b"[c"), members(b"[a", b"-")), (Ok(None), Ok(None)));
        assert!(members(b"a", b"+").is_err() && members(b"-", b"").is_err() && members(b"--", b"+").is_err());
    }
}
