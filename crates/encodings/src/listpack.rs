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
mod fronted;
mod iter;
mod validate;
mod view;
mod writer;

pub use element::{Element, TextBuffer};
pub use encoding::would_be_bytes;
pub use fronted::Fronted;
pub use iter::{Iter, Pairs};
pub use validate::Damaged;
pub use view::View;
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

    /// A look at it.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::new(self.thin.bytes())
    }

    /// The number of elements; above 65534 they have to be counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.total_bytes() == HEADER_BYTES + 1
    }

    #[inline]
    fn known_len(&self) -> Option<usize> {
        self.view().known_len()
    }

    fn at(&self, offset: usize) -> Option<Position> {
        self.view().at(offset)
    }

    /// Where the closing byte stands.
    #[inline]
    fn end(&self) -> usize {
        self.total_bytes() - 1
    }

    /// Where the entry behind the one at `offset` begins.
    fn behind(&self, offset: usize) -> usize {
        self.view().behind(offset)
    }

    /// The first element.
    pub fn first(&self) -> Option<Position> {
        self.view().first()
    }

    /// The last element.
    pub fn last(&self) -> Option<Position> {
        self.view().last()
    }

    /// The element behind the one at `position`.
    pub fn next(&self, position: Position) -> Option<Position> {
        self.view().next(position)
    }

    /// The element before the one at `position`.
    pub fn previous(&self, position: Position) -> Option<Position> {
        self.view().previous(position)
    }

    /// The element with this number, from 0; negative numbers count from the end, which is -1.
    pub fn seek(&self, index: i64) -> Option<Position> {
        self.view().seek(index)
    }

    /// The element at a position.
    #[inline]
    pub fn get(&self, position: Position) -> Element<'_> {
        self.view().get(position)
    }

    /// The first element from `from` on that equals `wanted`, looking at one and passing over `skip`, and so on.
    pub fn find(&self, from: Position, wanted: &[u8], skip: usize) -> Option<Position> {
        self.view().find(from, wanted, skip)
    }

    /// The elements, from either end.
    pub fn iter(&self) -> Iter<'_> {
        self.view().iter()
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
