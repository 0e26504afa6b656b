//! Putting elements into a list.

use super::block::Block;
use super::{Fill, QuickList};
use crate::tree::{At, Block as _};

impl<const FAN: usize> QuickList<FAN> {
    /// Puts an element in front of all others.
    pub fn push_front(&mut self, bytes: &[u8], fill: Fill) {
        self.insert(0, bytes, fill);
    }

    /// Puts an element behind all others.
    pub fn push_back(&mut self, bytes: &[u8], fill: Fill) {
        self.insert(self.len(), bytes, fill);
    }

    /// Puts an element before the one at an index, which may count from the end; false if there is no such element.
    pub fn insert_before(&mut self, index: i64, bytes: &[u8], fill: Fill) -> bool {
        let position = self.position(index);
        position.map(|position| self.insert(position, bytes, fill)).is_some()
    }

    /// Puts an element behind the one at an index, which may count from the end; false if there is no such element.
    pub fn insert_after(&mut self, index: i64, bytes: &[u8], fill: Fill) -> bool {
        let position = self.position(index);
        position.map(|position| self.insert(position + 1, bytes, fill)).is_some()
    }

    /// Puts another element in the place of the one at an index, which may count from the end; false if there is none.
    pub fn set(&mut self, index: i64, bytes: &[u8], fill: Fill) -> bool {
        let Some(position) = self.position(index) else { return false };
        let replaced = self.tree.edit(&mut At(position), fill, |block, offset| {
            let has_room = block.has_room(block.count() - 1, bytes.len(), fill);
            let listpack = if has_room { block.listpack_mut() } else { None };
            let place = listpack.and_then(|listpack| Some((listpack.seek(offset as i64)?, listpack)));
            (place.map(|(place, listpack)| listpack.replace(place, bytes)), None)
        });
        if replaced.flatten().is_some() {
            self.compress_after(position, self.block_count(), fill);
        } else {
            self.remove_range(position, 1, fill);
            self.insert(position, bytes, fill);
        }
        true
    }

    /// Puts an element before `position` others, which is at most the length.
    pub(super) fn insert(&mut self, position: usize, bytes: &[u8], fill: Fill) {
        let blocks_before = self.block_count();
        if self.is_empty() || !self.insert_packed(position, bytes, fill) {
            self.tree.insert_block(position, Block::of(bytes, fill), fill);
        }
        self.compress_after(position, blocks_before, fill);
    }

    /// Puts an element into the block at a position, or at the end of the block before. If there is no room, the block is
    /// split there, so that the position is between two blocks, and false given.
    fn insert_packed(&mut self, position: usize, bytes: &[u8], fill: Fill) -> bool {
        let (is_too_large, len) = (fill.is_too_large(bytes.len()), self.len());
        let mut try_at = |position: usize, distance: usize| {
            let outcome = self.tree.edit(&mut At(position), fill, |block, offset| {
                let offset = offset + distance;
                let is_at_edge = offset == 0 || offset == block.count();
                if !is_too_large && block.has_room(block.count(), bytes.len(), fill) {
                    block.insert(offset, bytes);
                    return ((true, is_at_edge), None);
                }
                ((false, is_at_edge), block.split(offset))
            });
            outcome.unwrap_or((false, true))
        };
        let (is_inserted, is_at_edge) = try_at(position, 0);
        if is_inserted || is_too_large || position == 0 || position == len {
            return is_inserted;
        }
        // After a split, the lower part may have room, or the upper one.
        try_at(position - 1, 1).0 || (!is_at_edge && try_at(position, 0).0)
    }
}
