//! A block of a list: packed, plain or compressed.

use std::borrow::Cow;

use stdx::lzf;
use triomphe::Arc;

use super::Fill;
use crate::listpack::{Element, Listpack};
use crate::tree;

/// A smaller block is not worth compressing.
const WORTH_COMPRESSING_BYTES: usize = 48;
/// Nor one that becomes less smaller than this.
const WORTH_SAVING_BYTES: usize = 8;

/// Some elements in a row.
#[derive(Clone)]
pub(super) enum Block {
    Packed(Listpack),
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
    Packed(Cow<'a, Listpack>),
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
            Block::Packed(listpack) => Unpacked::Packed(Cow::Borrowed(listpack)),
            Block::Plain(bytes) => Unpacked::Plain(bytes),
            Block::Compressed(compressed) => Unpacked::Packed(Cow::Owned(compressed.unpacked())),
        }
    }

    /// The listpack to change, unpacked for good. None of a plain block.
    pub(super) fn listpack_mut(&mut self) -> Option<&mut Listpack> {
        self.unpack();
        match self {
            Block::Packed(listpack) => Some(listpack),
            _ => None,
        }
    }

    pub(super) fn unpack(&mut self) {
        if let Block::Compressed(compressed) = self {
            *self = Block::Packed(compressed.unpacked());
        }
    }

    pub(super) fn compress(&mut self) {
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
            Block::Plain(_) => return false,
            Block::Compressed(compressed) => compressed.unpacked_bytes,
        };
        others < Self::COUNT_MAX && fill.has_room(bytes, others, element_bytes)
    }

    /// Puts an element in before `offset` others; the block must not be plain.
    pub(super) fn insert(&mut self, offset: usize, bytes: &[u8]) {
        let listpack = self.listpack_mut().expect("a block with room for more");
        match listpack.seek(offset as i64) {
            Some(position) => listpack.insert_before(position, bytes),
            None => listpack.push_back(bytes),
        }
    }

    /// Takes so many elements out from an offset on.
    pub(super) fn remove(&mut self, offset: usize, count: usize) {
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
        match self.unpacked() {
            Unpacked::Packed(listpack) => Some(listpack.get(listpack.seek(offset as i64)?).to_vec()),
            Unpacked::Plain(bytes) => Some(bytes.to_vec()),
        }
    }
}

impl Unpacked<'_> {
    /// Tells of each element whether it is the wanted one.
    pub(super) fn matches(&self, wanted: Element<'_>) -> Vec<bool> {
        match self {
            Unpacked::Packed(listpack) => listpack.iter().map(|element| element == wanted).collect(),
            Unpacked::Plain(bytes) => vec![Element::Bytes(bytes) == wanted],
        }
    }
}

impl tree::Block for Block {
    /// Nobody looks for an element by order.
    type Key = ();
    type Limit = Fill;

    fn key(&self) {}

    fn count(&self) -> usize {
        match self {
            Block::Packed(listpack) => listpack.len(),
            Block::Plain(_) => 1,
            Block::Compressed(compressed) => compressed.count,
        }
    }

    fn outside_bytes(&self) -> usize {
        match self {
            Block::Packed(listpack) => listpack.total_bytes(),
            Block::Plain(bytes) => bytes.len() + size_of::<usize>(),
            Block::Compressed(compressed) => compressed.bytes.len() + size_of::<Compressed>(),
        }
    }

    fn is_sparse(&self, fill: Fill) -> bool {
        match self {
            Block::Packed(listpack) => fill.is_sparse(listpack.total_bytes(), listpack.len()),
            _ => false,
        }
    }

    fn can_absorb(&self, next: &Block, fill: Fill) -> bool {
        match (self, next) {
            (Block::Packed(listpack), Block::Packed(next)) => {
                fill.holds(listpack.total_bytes() + next.total_bytes(), listpack.len() + next.len())
            }
            _ => false,
        }
    }

    fn absorb(&mut self, next: &Block) {
        if let (Block::Packed(listpack), Block::Packed(next)) = (self, next) {
            listpack.append(next);
        }
    }
}
