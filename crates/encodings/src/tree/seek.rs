//! The ways to find a block: by position, by order.

use super::{Block, Edge};

/// A way down the tree.
pub(crate) trait Seek<B: Block, const FAN: usize> {
    /// Which of the children of a node to go to, whose leads are given too. There is at least one.
    fn choose(&mut self, edges: &[Edge<B, FAN>], leads: &[B::Lead]) -> usize;

    /// What is left of the position when the block is reached.
    fn offset(&self) -> usize {
        0
    }
}

/// The block that holds the element at a position; the last block for positions behind the end.
pub(crate) struct At(pub(crate) usize);

impl<B: Block, const FAN: usize> Seek<B, FAN> for At {
    #[inline]
    fn choose(&mut self, edges: &[Edge<B, FAN>], _: &[B::Lead]) -> usize {
        let last = edges.len() - 1;
        for (index, edge) in edges[..last].iter().enumerate() {
            if self.0 < edge.count() {
                return index;
            }
            self.0 -= edge.count();
        }
        last
    }

    fn offset(&self) -> usize {
        self.0
    }
}

/// The last block for which the predicate holds, or the first block if it holds for none. It must hold for a first
/// part of all blocks; it is asked about a child's first block.
pub(crate) struct LastWhere<F>(pub(crate) F);

impl<B: Block, F: FnMut(&Edge<B, FAN>) -> bool, const FAN: usize> Seek<B, FAN> for LastWhere<F> {
    #[inline]
    fn choose(&mut self, edges: &[Edge<B, FAN>], _: &[B::Lead]) -> usize {
        edges.partition_point(&mut self.0).saturating_sub(1)
    }
}
