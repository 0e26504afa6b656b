//! A part of a string or of a list by two positions, which count from the end when negative.

use std::ops::Range;

/// The bytes from `start` to `end`, both included, of a string of `len` bytes.
pub(crate) fn bytes(start: i64, end: i64, len: usize) -> Range<usize> {
    if start < 0 && end < 0 && start > end {
        return 0..0;
    }
    let len = len as i64;
    let from_start = |position: i64| (if position < 0 { position + len } else { position }).max(0);
    let (first, last) = (from_start(start), from_start(end).min(len - 1));
    if first > last { 0..0 } else { first as usize..last as usize + 1 }
}

/// The elements from `start` to `end`, both included, of a list of `len` elements. An end before the first element leaves
/// nothing.
pub(crate) fn elements(start: i64, end: i64, len: usize) -> Range<usize> {
    let len = len as i64;
    let from_start = |position: i64| if position < 0 { position + len } else { position };
    let (first, last) = (from_start(start).max(0), from_start(end).min(len - 1));
    if first > last { 0..0 } else { first as usize..last as usize + 1 }
}

#[cfg(test)]
mod tests {
    use super::{bytes, elements};

    #[test]
    fn an_end_before_the_first_element_leaves_nothing() {
        assert_eq!((elements(0, -1, 5), elements(-100, 100, 5)), (0..5, 0..5));
        assert_eq!((elements(-200, -100, 5), elements(0, -6, 5)), (0..0, 0..0));
        assert_eq!((elements(4, 2, 5), elements(5, 9, 5), elements(0, -1, 0)), (0..0, 0..0, 0..0));
        assert_eq!((elements(-2, -2, 5), elements(i64::MIN, i64::MAX, 5)), (3..4, 0..5));
    }

    #[test]
    fn positions_are_clamped() {
        assert_eq!(bytes(0, -1, 5), 0..5);
        assert_eq!(bytes(1, 2, 5), 1..3);
        assert_eq!(bytes(-3, -1, 5), 2..5);
        assert_eq!(bytes(-100, 1, 5), 0..2);
        assert_eq!(bytes(3, 100, 5), 3..5);
        assert_eq!(bytes(-100, -200, 5), 0..0);
        assert_eq!(bytes(-200, -100, 5), 0..1);
        assert_eq!(bytes(5, 9, 5), 0..0);
        assert_eq!(bytes(0, -1, 0), 0..0);
        assert_eq!(bytes(i64::MIN, i64::MAX, 5), 0..5);
    }
}
