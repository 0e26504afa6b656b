//! A large list: a tree of blocks, each a listpack of a few kilobytes, or one element that is too large for that.
//!
//! Elements are found by position as fast at any place, and an insertion moves the bytes of one block only. Clones share all
//! blocks. Blocks far from both ends can be kept compressed; reading such a block unpacks a copy, a change unpacks the block.

mod block;
mod compress;
mod fill;
mod insert;
mod remove;
#[cfg(test)]
mod tests;
mod walk;

use triomphe::Arc;

use crate::listpack::{Element, Listpack, View};
use crate::tree::{At, Tree};
use block::{Block, Unpacked};
pub use fill::Fill;
pub use walk::{Elements, Found};

/// A list of byte strings. Each change is told how blocks are to be filled, for that can be configured anew at any time.
/// The parameter is for tests: children of an inner node.
#[derive(Clone, Default)]
pub struct QuickList<const FAN: usize = 32> {
    tree: Tree<Block, FAN>,
}

/// A block as files hold it.
pub enum BlockView<'a> {
    /// Some elements.
    Packed(View<'a>),
    /// The same, unpacked for this look.
    Unpacked(Listpack),
    /// One large element.
    Plain(&'a [u8]),
}

impl QuickList {
    /// Without elements.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<const FAN: usize> QuickList<FAN> {
    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// How many blocks there are.
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.tree.block_count()
    }

    /// About how many bytes are allocated; what clones share counts for each.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.tree.allocated_bytes()
    }

    /// The blocks in order, as files hold them.
    pub fn blocks(&self) -> impl Iterator<Item = BlockView<'_>> {
        self.tree.blocks().map(|block| match block.unpacked() {
            Unpacked::Packed(view) => BlockView::Packed(view),
            Unpacked::Copied(listpack) => BlockView::Unpacked(listpack),
            Unpacked::Plain(bytes) => BlockView::Plain(bytes),
        })
    }

    /// Puts a block of a file behind all others, as it is. An empty one is left out; one whose header cannot count its
    /// elements is packed anew.
    pub fn append_packed(&mut self, listpack: Listpack, fill: Fill) {
        if listpack.len() <= Block::COUNT_MAX {
            if !listpack.is_empty() {
                self.append_block(Block::Packed(listpack), fill);
            }
            return;
        }
        for element in &listpack {
            self.push_back(&element.to_vec(), fill);
        }
    }

    /// Puts a large element of a file behind all others, in a block of its own.
    pub fn append_plain(&mut self, bytes: &[u8], fill: Fill) {
        self.append_block(Block::Plain(Arc::from(bytes)), fill);
    }

    fn append_block(&mut self, block: Block, fill: Fill) {
        let blocks_before = self.block_count();
        self.tree.push_back(block, fill);
        self.compress_after(self.len() - 1, blocks_before, fill);
    }

    /// The position of an index that counts from the end if it is negative, -1 being the last element. None if there is
    /// no such element.
    #[must_use]
    pub fn position(&self, index: i64) -> Option<usize> {
        let distance = usize::try_from(index.unsigned_abs()).ok()?;
        let position = if index < 0 { self.len().checked_sub(distance)? } else { distance };
        (position < self.len()).then_some(position)
    }

    /// The element at an index, which may count from the end.
    #[must_use]
    pub fn get(&self, index: i64) -> Option<Found<'_>> {
        let mut seek = At(self.position(index)?);
        let block = self.tree.block(&mut seek)?;
        Found::new(block.unpacked(), seek.0)
    }

    /// Shows the elements from a position on, up to `count` of them.
    #[inline]
    pub fn visit(&self, position: usize, count: usize, show: &mut impl FnMut(Element<'_>)) {
        let mut seek = At(position);
        let walk = self.tree.walk(&mut seek).filter(|_| position < self.len());
        let (Some(mut walk), mut offset, mut left) = (walk, seek.0, count) else { return };
        while left > 0 {
            left -= walk.block().unpacked().visit(offset, left, show);
            offset = 0;
            if !walk.forward() {
                return;
            }
        }
    }

    /// The elements from a position on, towards the end.
    #[must_use]
    pub fn ascending(&self, position: usize) -> Elements<'_, FAN> {
        Elements::new(&self.tree, position, false)
    }

    /// The elements from a position on, towards the front. Nothing if the position is not below `len()`.
    #[must_use]
    pub fn descending(&self, position: usize) -> Elements<'_, FAN> {
        Elements::new(&self.tree, position, true)
    }
}
