//! A block of a list: packed, plain or compressed.

use stdx::lzf;
use triomphe::Arc;

use super::Fill;
use crate::listpack::{Element, Fronted, Listpack, View};
use crate::tree;

/// A smaller block is not worth compressing.
const WORTH_COMPRESSING_BYTES: usize = 48;
/// A block of so many bytes gets room before its first element: what is shorter is as quickly moved.
const WORTH_ROOM_BYTES: usize = if cfg!(test) { 64 } else { 512 };
/// Nor one that becomes less smaller than this.
const WORTH_SAVING_BYTES: usize = 8;

/// Some elements in a row.
#[derive(Clone)]
pub(super) enum Block {
    Packed(Listpack),
    /// Packed, with room before the first element: once one has come or gone there.
    Fronted(Box<Fronted>),
    /// One element that is too large to be moved with others.
    Plain(Arc<[u8]>),
    Compressed(Arc<Compressed>),
}

/// A listpack that is compressed.
pub(super) struct Compressed {
    bytes: Box<[u8]>,
    unpacked_bytes: usize,
    count: usize,
}

/// The elements of a block, readable.
pub(super) enum Unpacked<'a> {
    Packed(View<'a>),
    /// A copy of a compressed block.
    Copied(Listpack),
    Plain(&'a [u8]),
}

impl Compressed {
    /// None if it does not become enough smaller.
    fn of(listpack: &Listpack) -> Option<Compressed> {
        let mut bytes = Vec::new();
        let is_smaller = listpack.total_bytes() >= WORTH_COMPRESSING_BYTES
            && lzf::compress(listpack.as_bytes(), &mut bytes)
            && bytes.len() + WORTH_SAVING_BYTES <= listpack.total_bytes();
        is_smaller.then(|| Compressed {
            bytes: bytes.into_boxed_slice(),
            unpacked_bytes: listpack.total_bytes(),
            count: listpack.len(),
        })
    }

    fn unpacked(&self) -> Listpack {
        let mut bytes = Vec::with_capacity(self.unpacked_bytes);
        lzf::decompress(&self.bytes, self.unpacked_bytes, &mut bytes).expect("what was compressed here");
        Listpack::from_bytes(&bytes).expect("a listpack was compressed")
    }
}

impl Block {
    /// More elements than a listpack's header can count are not kept in one block.
    pub(super) const COUNT_MAX: usize = u16::MAX as usize - 1;

    /// A block of one element.
    pub(super) fn of(bytes: &[u8], fill: Fill) -> Block {
        if fill.is_too_large(bytes.len()) {
            return Block::Plain(Arc::from(bytes));
        }
        let mut listpack = Listpack::new();
        listpack.push_back(bytes);
        Block::Packed(listpack)
    }

    /// The elements, of a compressed block in a copy.
    pub(super) fn unpacked(&self) -> Unpacked<'_> {
        match self {
            Block::Packed(listpack) => Unpacked::Packed(listpack.view()),
            Block::Fronted(fronted) => Unpacked::Packed(fronted.view()),
            Block::Plain(bytes) => Unpacked::Plain(bytes),
            Block::Compressed(compressed) => Unpacked::Copied(compressed.unpacked()),
        }
    }

    /// A look at the listpack, if it is one and not compressed.
    #[inline]
    fn view(&self) -> Option<View<'_>> {
        match self {
            Block::Packed(listpack) => Some(listpack.view()),
            Block::Fronted(fronted) => Some(fronted.view()),
            Block::Plain(_) | Block::Compressed(_) => None,
        }
    }

    /// The block with room before its first element, if it is worth it: then elements come and go there without a move.
    fn fronted_mut(&mut self) -> Option<&mut Fronted> {
        if let Block::Packed(listpack) = self
            && listpack.total_bytes() >= WORTH_ROOM_BYTES
            && let Some(fronted) = Fronted::of(listpack)
        {
            *self = Block::Fronted(Box::new(fronted));
        }
        if let Block::Fronted(fronted) = self { Some(fronted) } else { None }
    }

    /// The listpack to change at any place, unpacked for good. None of a plain block.
    pub(super) fn listpack_mut(&mut self) -> Option<&mut Listpack> {
        self.unpack();
        match self {
            Block::Packed(listpack) => Some(listpack),
            _ => None,
        }
    }

    pub(super) fn unpack(&mut self) {
        match self {
            Block::Compressed(compressed) => *self = Block::Packed(compressed.unpacked()),
            Block::Fronted(fronted) => *self = Block::Packed(fronted.view().into()),
            Block::Packed(_) | Block::Plain(_) => {}
        }
    }

    pub(super) fn compress(&mut self) {
        if let Block::Fronted(_) = self {
            self.unpack();
        }
        if let Block::Packed(listpack) = self
            && let Some(compressed) = Compressed::of(listpack)
        {
            *self = Block::Compressed(Arc::new(compressed));
        }
    }

    pub(super) fn is_compressed(&self) -> bool {
        matches!(self, Block::Compressed(_))
    }

    /// Whether an element fits in beside so many others.
    pub(super) fn has_room(&self, others: usize, element_bytes: usize, fill: Fill) -> bool {
        let bytes = match self {
            Block::Packed(listpack) => listpack.total_bytes(),
            Block::Fronted(fronted) => fronted.view().total_bytes(),
            Block::Plain(_) => return false,
            Block::Compressed(compressed) => compressed.unpacked_bytes,
        };
        others < Self::COUNT_MAX && fill.has_room(bytes, others, element_bytes)
    }

    /// Puts an element in before `offset` others; the block must not be plain.
    pub(super) fn insert(&mut self, offset: usize, bytes: &[u8]) {
        if offset == 0
            && let Some(fronted) = self.fronted_mut()
        {
            return fronted.push_front(bytes);
        }
        let listpack = self.listpack_mut().expect("a block with room for more");
        match listpack.seek(offset as i64) {
            Some(position) => listpack.insert_before(position, bytes),
            None => listpack.push_back(bytes),
        }
    }

    /// Takes so many elements out from an offset on.
    pub(super) fn remove(&mut self, offset: usize, count: usize) {
        if offset == 0
            && let Some(fronted) = self.fronted_mut()
        {
            return fronted.remove_front(count);
        }
        match self.listpack_mut() {
            Some(listpack) => {
                if let Some(position) = listpack.seek(offset as i64) {
                    listpack.remove_many(position, count);
                }
            }
            None if count > 0 => *self = Block::Packed(Listpack::new()),
            None => (),
        }
    }

    /// Keeps the elements before an offset; gives a block of the others, if there are any on both sides.
    pub(super) fn split(&mut self, offset: usize) -> Option<Block> {
        if offset == 0 || offset >= tree::Block::count(self) {
            return None;
        }
        let listpack = self.listpack_mut()?;
        let upper = listpack.iter().skip(offset).collect();
        listpack.truncate(offset);
        Some(Block::Packed(upper))
    }

    /// The text of the element at an offset.
    pub(super) fn text(&self, offset: usize) -> Option<Vec<u8>> {
        let unpacked = self.unpacked();
        match unpacked.view() {
            Ok(view) => Some(view.get(view.seek(offset as i64)?).to_vec()),
            Err(bytes) => Some(bytes.to_vec()),
        }
    }
}

impl Unpacked<'_> {
    /// Tells of each element whether it is the wanted one.
    pub(super) fn matches(&self, wanted: Element<'_>) -> Vec<bool> {
        match self.view() {
            Ok(view) => view.iter().map(|element| element == wanted).collect(),
            Err(bytes) => vec![Element::Bytes(bytes) == wanted],
        }
    }

    /// A look at the listpack, or else the only element.
    #[inline]
    pub(super) fn view(&self) -> Result<View<'_>, &[u8]> {
        match self {
            Unpacked::Packed(view) => Ok(*view),
            Unpacked::Copied(listpack) => Ok(listpack.view()),
            Unpacked::Plain(bytes) => Err(bytes),
        }
    }
}

impl tree::Block for Block {
    /// Nobody looks for an element by order.
    type Key = ();
    type Lead = ();
    type Limit = Fill;

    fn lead(_: &()) {}

    fn key(&self) {}

    fn count(&self) -> usize {
        match self {
            Block::Packed(listpack) => listpack.len(),
            Block::Fronted(fronted) => fronted.view().len(),
            Block::Plain(_) => 1,
            Block::Compressed(compressed) => compressed.count,
        }
    }

    fn outside_bytes(&self) -> usize {
        match self {
            Block::Packed(listpack) => listpack.total_bytes(),
            Block::Fronted(fronted) => fronted.allocated_bytes(),
            Block::Plain(bytes) => bytes.len() + size_of::<usize>(),
            Block::Compressed(compressed) => compressed.bytes.len() + size_of::<Compressed>(),
        }
    }

    fn is_sparse(&self, fill: Fill) -> bool {
        self.view().is_some_and(|view| fill.is_sparse(view.total_bytes(), view.len()))
    }

    fn can_absorb(&self, next: &Block, fill: Fill) -> bool {
        match (self.view(), next.view()) {
            (Some(view), Some(next)) => {
                fill.holds(view.total_bytes() + next.total_bytes(), view.len() + next.len())
            }
            _ => false,
        }
    }

    fn absorb(&mut self, next: &Block) {
        if let (Some(listpack), Some(next)) = (self.listpack_mut(), next.view()) {
            listpack.append(next);
        }
    }
}
