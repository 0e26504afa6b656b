//! Keeping the inner blocks of a list compressed.

use super::{Fill, QuickList};
use crate::tree::{At, Block as _};

impl<const FAN: usize> QuickList<FAN> {
    /// After a change around a position: blocks near the ends are unpacked, the others that the change
    /// concerned are compressed.
    pub(super) fn compress_after(&mut self, position: usize, blocks_before: usize, fill: Fill) {
        let Some(depth) = fill.compress_depth() else { return };
        if self.is_empty() {
            return;
        }
        let (inner_start, inner_end) = self.inner(depth);
        let touched = position.min(self.len() - 1);
        let is_inside = |position: usize| (inner_start..inner_end).contains(&position);
        if self.block_count() != blocks_before {
            self.unpack_ends(depth, fill);
            if inner_start < inner_end {
                self.compress_at(inner_start, fill);
                self.compress_at(inner_end - 1, fill);
            }
        }
        // A split leaves a part before the position and one behind.
        for touched in [touched.saturating_sub(1), touched] {
            if is_inside(touched) {
                self.compress_at(touched, fill);
            }
        }
    }

    /// The positions of the elements between the blocks that are not compressed: from the first up to the second.
    fn inner(&self, depth: usize) -> (usize, usize) {
        if self.block_count() <= depth.saturating_mul(2) {
            return (0, 0);
        }
        let start = self.tree.blocks().take(depth).map(crate::tree::Block::count).sum();
        let Some(mut walk) = self.tree.walk(&mut At(usize::MAX)) else { return (0, 0) };
        let mut end = self.len();
        for _ in 0..depth {
            end -= walk.block().count();
            walk.back();
        }
        (start, end)
    }

    fn unpack_ends(&mut self, depth: usize, fill: Fill) {
        // Unpacked blocks may be joined: the positions then reach further than they need to.
        let (mut front, mut back) = (0, self.len());
        for _ in 0..depth.min(self.block_count()) {
            front += self.unpack_at(front, fill);
            back = back.saturating_sub(self.unpack_at(back.saturating_sub(1), fill));
        }
    }

    /// Unpacks the block of a position; tells how many elements it holds.
    fn unpack_at(&mut self, position: usize, fill: Fill) -> usize {
        let Some(block) = self.tree.block(&mut At(position)) else { return 0 };
        let count = block.count();
        if block.is_compressed() {
            self.tree.edit(&mut At(position), fill, |block, _| (block.unpack(), None));
        }
        count
    }

    fn compress_at(&mut self, position: usize, fill: Fill) {
        let is_compressed = self.tree.block(&mut At(position)).is_none_or(super::Block::is_compressed);
        if !is_compressed {
            self.tree.edit(&mut At(position), fill, |block, _| (block.compress(), None));
        }
    }
}
