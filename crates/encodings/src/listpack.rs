//! A listpack: a short list of byte strings and integers in one run of bytes, exactly as RDB files and DUMP hold it.
//!
//! Six bytes of header (total length, 32 bits; number of elements, 16 bits, of which 65535 means "count them"), the
//! entries, a closing 0xFF. An entry is a head that tells kind and length, the bytes, and its own length once more,
//! to be read from behind. Texts that are canonical integers are kept as integers.

use crate::thin::{ListpackFormat, Thin};

pub mod bare;
mod edit;
mod element;
mod encoding;
mod iter;
mod validate;
mod writer;

pub use element::{Element, TextBuffer};
pub use encoding::would_be_bytes;
pub use iter::{Iter, Pairs};
pub use validate::Damaged;
pub use writer::Writer;

use encoding::{END, HEADER_BYTES};

/// The number of elements that stands for "count them".
const UNKNOWN: u16 = u16::MAX;
/// No listpack should grow beyond this.
const SAFE_BYTES: usize = 1 << 30;

/// An owned listpack: one word, one allocation.
#[derive(Clone)]
#[repr(transparent)]
pub struct Listpack {
    thin: Thin<ListpackFormat>,
}

/// Where an element stands: the offset of its entry. Valid until the listpack changes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u32);

impl Position {
    fn new(offset: usize) -> Position {
        Position(u32::try_from(offset).expect("a listpack's length has 32 bits"))
    }

    fn offset(self) -> usize {
        self.0 as usize
    }
}

impl Listpack {
    /// An empty listpack.
    pub fn new() -> Listpack {
        Listpack { thin: Thin::copy_of(&[7, 0, 0, 0, 0, 0, END]) }
    }

    /// A listpack from outside, every byte of which is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Listpack, Damaged> {
        validate::validate(bytes)?;
        Ok(Listpack { thin: Thin::copy_of(bytes) })
    }

    /// The whole listpack, as files and DUMP hold it.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.thin.bytes()
    }

    /// Its length in bytes, which is also about what it takes of the heap.
    #[inline]
    pub fn total_bytes(&self) -> usize {
        self.thin.total_bytes()
    }

    /// Whether `bytes` more are within what a listpack should ever hold.
    pub fn is_safe_to_add(&self, bytes: usize) -> bool {
        self.total_bytes().saturating_add(bytes) <= SAFE_BYTES
    }

    /// The number of elements; above 65534 they have to be counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.known_len().unwrap_or_else(|| self.count())
    }

    /// Counts the elements. Apart, so that `len` is short wherever it is inlined.
    #[cold]
    fn count(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.total_bytes() == HEADER_BYTES + 1
    }

    #[inline]
    fn known_len(&self) -> Option<usize> {
        let bytes = self.as_bytes();
        let count = u16::from_le_bytes([bytes[4], bytes[5]]);
        (count != UNKNOWN).then_some(usize::from(count))
    }

    fn at(&self, offset: usize) -> Option<Position> {
        (offset < self.end()).then(|| Position::new(offset))
    }

    /// Where the closing byte stands.
    #[inline]
    fn end(&self) -> usize {
        self.total_bytes() - 1
    }

    /// Where the entry behind the one at `offset` begins.
    fn behind(&self, offset: usize) -> usize {
        offset + encoding::entry_bytes(&self.as_bytes()[offset..])
    }

    /// Where the entry before `offset` begins.
    fn before(&self, offset: usize) -> usize {
        offset - encoding::entry_bytes_before(&self.as_bytes()[..offset])
    }

    /// The first element.
    pub fn first(&self) -> Option<Position> {
        self.at(HEADER_BYTES)
    }

    /// The last element.
    pub fn last(&self) -> Option<Position> {
        (!self.is_empty()).then(|| Position::new(self.before(self.end())))
    }

    /// The element behind the one at `position`.
    pub fn next(&self, position: Position) -> Option<Position> {
        self.at(self.behind(position.offset()))
    }

    /// The element before the one at `position`.
    pub fn previous(&self, position: Position) -> Option<Position> {
        (position.offset() > HEADER_BYTES).then(|| Position::new(self.before(position.offset())))
    }

    /// The element with this number, from 0; negative numbers count from the end, which is -1.
    pub fn seek(&self, index: i64) -> Option<Position> {
        let distance = usize::try_from(if index < 0 { -1 - index } else { index }).ok()?;
        let Some(len) = self.known_len() else { return self.walk(distance, index < 0) };
        let mirrored = len.checked_sub(distance + 1)?;
        // From whichever end is nearer.
        if distance <= mirrored { self.walk(distance, index < 0) } else { self.walk(mirrored, index >= 0) }
    }

    fn walk(&self, distance: usize, backwards: bool) -> Option<Position> {
        let (start, step): (_, fn(&Listpack, Position) -> Option<Position>) =
            if backwards { (self.last(), Listpack::previous) } else { (self.first(), Listpack::next) };
        (0..distance).try_fold(start?, |position, _| step(self, position))
    }

    /// The element at a position.
    #[inline]
    pub fn get(&self, position: Position) -> Element<'_> {
        encoding::decode(&self.as_bytes()[position.offset()..])
    }

    /// The first element from `from` on that equals `wanted`, looking at one and passing over `skip`, and so on.
    pub fn find(&self, from: Position, wanted: &[u8], skip: usize) -> Option<Position> {
        let wanted = Element::of(wanted);
        let bytes = self.as_bytes();
        let (mut offset, end) = (from.offset(), self.end());
        while offset < end {
            let (element, length) = encoding::decode_entry(&bytes[offset..]);
            if element == wanted {
                return Some(Position::new(offset));
            }
            offset += length;
            for _ in 0..skip {
                if offset < end {
                    offset += encoding::entry_bytes(&bytes[offset..]);
                }
            }
        }
        None
    }

    /// The elements, from either end.
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(self)
    }

    /// The elements from the last to the first.
    pub fn iter_back(&self) -> std::iter::Rev<Iter<'_>> {
        self.iter().rev()
    }

    /// The elements two by two, as fields with values and members with scores lie. One left over is not given.
    pub fn pairs(&self) -> Pairs<'_> {
        Pairs(self.iter())
    }
}

impl Default for Listpack {
    fn default() -> Listpack {
        Listpack::new()
    }
}

impl std::fmt::Debug for Listpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a Listpack {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests;
