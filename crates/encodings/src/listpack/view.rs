//! Reading a listpack, wherever its bytes lie.

use super::encoding::{self, END, HEADER_BYTES};
use super::{Element, Iter, Position, UNKNOWN};

/// The bytes of a whole listpack, which have been checked.
#[derive(Clone, Copy)]
pub struct View<'a> {
    bytes: &'a [u8],
}

impl<'a> View<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8]) -> View<'a> {
        debug_assert_eq!(bytes.last(), Some(&END));
        View { bytes }
    }

    /// The whole listpack, as files and DUMP hold it.
    #[inline]
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Its length in bytes.
    #[inline]
    pub fn total_bytes(self) -> usize {
        self.bytes.len()
    }

    /// The number of elements; above 65534 they have to be counted.
    #[inline]
    pub fn len(self) -> usize {
        self.known_len().unwrap_or_else(|| self.count())
    }

    /// Counts the elements. Apart, so that `len` is short wherever it is inlined.
    #[cold]
    fn count(self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.bytes.len() == HEADER_BYTES + 1
    }

    /// The number of elements if the header tells it.
    #[inline]
    pub(super) fn known_len(self) -> Option<usize> {
        let count = u16::from_le_bytes([self.bytes[4], self.bytes[5]]);
        (count != UNKNOWN).then_some(usize::from(count))
    }

    #[inline]
    pub(super) fn at(self, offset: usize) -> Option<Position> {
        (offset < self.end()).then(|| Position::new(offset))
    }

    /// Where the closing byte stands.
    #[inline]
    pub(super) fn end(self) -> usize {
        self.bytes.len() - 1
    }

    /// Where the entry behind the one at `offset` begins.
    pub(super) fn behind(self, offset: usize) -> usize {
        offset + encoding::entry_bytes(&self.bytes[offset..])
    }

    /// Where the entry before `offset` begins.
    pub(super) fn before(self, offset: usize) -> usize {
        offset - encoding::entry_bytes_before(&self.bytes[..offset])
    }

    /// The first element.
    pub fn first(self) -> Option<Position> {
        self.at(HEADER_BYTES)
    }

    /// The last element.
    pub fn last(self) -> Option<Position> {
        (!self.is_empty()).then(|| Position::new(self.before(self.end())))
    }

    /// The element behind the one at `position`.
    pub fn next(self, position: Position) -> Option<Position> {
        self.at(self.behind(position.offset()))
    }

    /// The element before the one at `position`.
    pub fn previous(self, position: Position) -> Option<Position> {
        (position.offset() > HEADER_BYTES).then(|| Position::new(self.before(position.offset())))
    }

    /// The element with this number, from 0; negative numbers count from the end, which is -1.
    pub fn seek(self, index: i64) -> Option<Position> {
        let distance = usize::try_from(if index < 0 { -1 - index } else { index }).ok()?;
        let Some(len) = self.known_len() else { return self.walk(distance, index < 0) };
        let mirrored = len.checked_sub(distance + 1)?;
        // From whichever end is nearer.
        if distance <= mirrored { self.walk(distance, index < 0) } else { self.walk(mirrored, index >= 0) }
    }

    fn walk(self, distance: usize, backwards: bool) -> Option<Position> {
        let (start, step): (_, fn(View<'a>, Position) -> Option<Position>) =
            if backwards { (self.last(), View::previous) } else { (self.first(), View::next) };
        (0..distance).try_fold(start?, |position, _| step(self, position))
    }

    /// The element at a position.
    #[inline]
    pub fn get(self, position: Position) -> Element<'a> {
        encoding::decode(&self.bytes[position.offset()..])
    }

    /// Shows the elements from a position on, up to `count` of them; tells how many there were.
    #[inline]
    pub fn visit(self, from: Position, count: usize, show: &mut impl FnMut(Element<'a>)) -> usize {
        let mut rest = &self.bytes[from.offset()..self.end()];
        for shown in 0..count {
            if rest.is_empty() {
                return shown;
            }
            let (element, length) = encoding::decode_entry(rest);
            rest = &rest[length..];
            show(element);
        }
        count
    }

    /// The first element from `from` on that equals `wanted`, looking at one and passing over `skip`, and so on.
    pub fn find(self, from: Position, wanted: &[u8], skip: usize) -> Option<Position> {
        let wanted = Element::of(wanted);
        let (mut offset, end) = (from.offset(), self.end());
        while offset < end {
            let (element, length) = encoding::decode_entry(&self.bytes[offset..]);
            if element == wanted {
                return Some(Position::new(offset));
            }
            offset += length;
            for _ in 0..skip {
                if offset < end {
                    offset += encoding::entry_bytes(&self.bytes[offset..]);
                }
            }
        }
        None
    }

    /// The elements, from either end.
    pub fn iter(self) -> Iter<'a> {
        Iter::new(self)
    }
}
