//! A walk over the blocks of a tree, in both directions.

use super::inner::Inner;
use super::{Block, Seek};

/// Stands at a block.
pub(crate) struct Walk<'a, B: Block, const FAN: usize> {
    /// The nodes above the block, from the root on, each with the child that leads there.
    path: Vec<(&'a Inner<B, FAN>, usize)>,
    block: &'a B,
}

impl<'a, B: Block, const FAN: usize> Walk<'a, B, FAN> {
    pub(super) fn new<S: Seek<B, FAN>>(root: &'a Inner<B, FAN>, seek: &mut S) -> Option<Self> {
        let mut path = Vec::with_capacity(4);
        let mut node = root;
        loop {
            if node.is_empty() {
                return None;
            }
            let index = node.choose(seek);
            path.push((node, index));
            match node.child(index) {
                Ok(block) => return Some(Self { path, block }),
                Err(inner) => node = inner,
            }
        }
    }

    /// The block here.
    pub(crate) fn block(&self) -> &'a B {
        self.block
    }

    /// Goes on to the next block; false, and stays, at the last one.
    pub(crate) fn forward(&mut self) -> bool {
        self.turn(|node, index| index + 1 < node.edges().len(), |index| index + 1, |_| 0)
    }

    /// Goes back to the block before; false, and stays, at the first one.
    pub(crate) fn back(&mut self) -> bool {
        self.turn(|_, index| index > 0, |index| index - 1, |node| node.edges().len() - 1)
    }

    /// Goes up to the nearest node that has a further child, steps there, and down again along the near side.
    fn turn(
        &mut self,
        has_further: impl Fn(&Inner<B, FAN>, usize) -> bool,
        step: impl Fn(usize) -> usize,
        near_side: impl Fn(&Inner<B, FAN>) -> usize,
    ) -> bool {
        let Some(level) = self.path.iter().rposition(|&(node, index)| has_further(node, index)) else {
            return false;
        };
        self.path.truncate(level + 1);
        let (mut node, mut index) = self.path.pop().expect("the level is in the path");
        index = step(index);
        loop {
            self.path.push((node, index));
            match node.child(index) {
                Ok(block) => {
                    self.block = block;
                    return true;
                }
                Err(inner) => node = inner,
            }
            index = near_side(node);
        }
    }
}
