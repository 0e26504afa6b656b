//! A lookup in steps: each names the memory that the next one reads, so that it can be fetched for many lookups at once.

use std::ptr::NonNull;

use super::leaf::Leaf;
use super::{ScoreOrder, Target};
use crate::tree::Inner;

/// How far a lookup is.
#[derive(Clone, Copy)]
pub struct Ahead<'a>(Stage<'a>);

#[derive(Clone, Copy)]
enum Stage<'a> {
    /// Above the leaf, with the score that is looked for.
    Above(&'a Inner<Leaf, FAN>, f64),
    Leaf(&'a Leaf),
}

/// Children of an inner node, but in tests.
const FAN: usize = 32;

impl ScoreOrder {
    /// Walks down to what is above the leaf of an element: `fetch` gets where that is read.
    #[inline]
    pub fn look_ahead(
        &self,
        score: f64,
        member: &[u8],
        fetch: &mut impl FnMut(NonNull<u8>),
    ) -> Option<Ahead<'_>> {
        let node = self.tree.lowest_node(&mut Target::at(score, member).past().seek())?;
        node.lines().for_each(fetch);
        Some(Ahead(Stage::Above(node, score)))
    }
}

impl<'a> Ahead<'a> {
    /// Goes on; none when there is nothing more to name.
    #[inline]
    pub fn step(self, member: &[u8], fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'a>> {
        match self.0 {
            Stage::Above(node, score) => {
                let leaf = node.block_below(&mut Target::at(score, member).past().seek())?;
                fetch(NonNull::from(leaf).cast());
                Some(Ahead(Stage::Leaf(leaf)))
            }
            Stage::Leaf(leaf) => {
                leaf.lines().for_each(fetch);
                None
            }
        }
    }
}
