//! Taking elements out of a list.

use super::{Fill, QuickList};
use crate::listpack::{Element, Listpack};
use crate::tree::{At, Cut};

impl<const FAN: usize> QuickList<FAN> {
    /// Takes the first element out.
    pub fn pop_front(&mut self, fill: Fill) -> Option<Vec<u8>> {
        self.take(0, fill)
    }

    /// Takes the last element out.
    pub fn pop_back(&mut self, fill: Fill) -> Option<Vec<u8>> {
        self.take(self.len().checked_sub(1)?, fill)
    }

    fn take(&mut self, position: usize, fill: Fill) -> Option<Vec<u8>> {
        let blocks_before = self.block_count();
        let taken = self.tree.edit(&mut At(position), fill, |block, offset| {
            if block.is_compressed() {
                block.unpack();
            }
            let text = block.text(offset);
            block.remove(offset, 1);
            (text, None)
        });
        self.compress_after(position, blocks_before, fill);
        taken?
    }

    /// Takes the element at an index out, which may count from the end; false if there is none.
    pub fn remove(&mut self, index: i64, fill: Fill) -> bool {
        let position = self.position(index);
        position.map(|position| self.remove_range(position, 1, fill)).is_some()
    }

    /// Takes out so many elements from a position on, or as many as there are.
    pub fn remove_range(&mut self, position: usize, count: usize, fill: Fill) {
        let blocks_before = self.block_count();
        self.tree.cut(position, position.saturating_add(count), fill, |cut| {
            if let Cut::Part(block, from, to) = cut {
                block.remove(from, to - from);
            }
        });
        self.compress_after(position, blocks_before, fill);
    }

    /// Takes out the first `most` elements that equal `wanted`, or the last ones. Tells how many there were.
    pub fn remove_matching(&mut self, wanted: &[u8], most: usize, from_back: bool, fill: Fill) -> usize {
        let wanted = Element::of(wanted);
        let mut removed = 0;
        // What is still to be looked at.
        let (mut start, mut end) = (0, self.len());
        while start < end && removed < most {
            let mut seek = At(if from_back { end - 1 } else { start });
            let Some(block) = self.tree.block(&mut seek) else { break };
            let mut matches = block.unpacked().matches(wanted);
            // Blocks may have been joined, so that a part of this one was looked at before.
            if from_back {
                matches.truncate(seek.0 + 1);
                end -= matches.len();
            } else {
                matches.drain(..seek.0);
                start += matches.len();
            }
            keep_within(&mut matches, most - removed, from_back);
            let count = matches.iter().filter(|&&is_removed| is_removed).count();
            if count > 0 {
                let first = if from_back { end } else { start - matches.len() };
                self.remove_marked(first, &matches, fill);
                removed += count;
                (start, end) = if from_back { (start, end) } else { (start - count, end - count) };
            }
        }
        removed
    }

    /// Takes the marked ones of some elements out that stand in one block, from a position on.
    fn remove_marked(&mut self, position: usize, is_removed: &[bool], fill: Fill) {
        let blocks_before = self.block_count();
        self.tree.edit(&mut At(position), fill, |block, offset| {
            match block.listpack_mut() {
                Some(listpack) => *listpack = without_marked(listpack, offset, is_removed),
                None => block.remove(0, 1),
            }
            ((), None)
        });
        self.compress_after(position, blocks_before, fill);
    }
}

/// Clears all marks but so many, from either end.
fn keep_within(marks: &mut [bool], most: usize, from_back: bool) {
    let marked = marks.iter_mut().filter(|mark| **mark);
    if from_back {
        marked.rev().skip(most).for_each(|mark| *mark = false);
    } else {
        marked.skip(most).for_each(|mark| *mark = false);
    }
}

fn without_marked(listpack: &Listpack, offset: usize, is_removed: &[bool]) -> Listpack {
    let marks = std::iter::repeat_n(&false, offset).chain(is_removed).chain(std::iter::repeat(&false));
    listpack.iter().zip(marks).filter(|(_, is_removed)| !**is_removed).map(|(element, _)| element).collect()
}
