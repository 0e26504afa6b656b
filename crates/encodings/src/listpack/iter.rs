//! Walking a listpack from either end.

use super::encoding::{HEADER_BYTES, decode, decode_entry};
use super::{Element, View};

/// The elements of a listpack.
#[derive(Clone)]
pub struct Iter<'a> {
    view: View<'a>,
    /// Where the next entry begins, and where the last one ends.
    start: usize,
    end: usize,
}

impl<'a> Iter<'a> {
    pub(super) fn new(view: View<'a>) -> Iter<'a> {
        Iter { view, start: HEADER_BYTES, end: view.end() }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        if self.start >= self.end {
            return None;
        }
        let (element, length) = decode_entry(&self.view.as_bytes()[self.start..]);
        self.start += length;
        Some(element)
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.start >= self.end {
            return None;
        }
        self.end = self.view.before(self.end);
        Some(decode(&self.view.as_bytes()[self.end..]))
    }
}

/// The elements of a listpack two by two.
#[derive(Clone)]
pub struct Pairs<'a>(pub(super) Iter<'a>);

impl<'a> Iterator for Pairs<'a> {
    type Item = (Element<'a>, Element<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}
