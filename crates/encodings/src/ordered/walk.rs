//! Walks over the elements in order, upwards and downwards.

use super::leaf::{Elements, Leaf, Spot};
use crate::tree::{At, Tree, Walk};

/// The elements from a rank on, upwards.
pub struct Ascending<'a, const FAN: usize> {
    state: Option<(Walk<'a, Leaf, FAN>, Elements<'a>)>,
}

impl<'a, const FAN: usize> Ascending<'a, FAN> {
    pub(super) fn new(tree: &'a Tree<Leaf, FAN>, rank: usize) -> Self {
        let mut seek = At(rank);
        let walk = tree.walk(&mut seek).filter(|_| rank < tree.len());
        let state = walk.map(|walk| {
            let leaf = walk.block();
            (walk, leaf.elements_from(leaf.spot_of_index(seek.0)))
        });
        Self { state }
    }
}

impl<'a, const FAN: usize> Iterator for Ascending<'a, FAN> {
    type Item = (f64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (walk, elements) = self.state.as_mut()?;
        elements.next().or_else(|| {
            if !walk.forward() {
                return None;
            }
            *elements = walk.block().elements();
            elements.next()
        })
    }
}

/// The elements from a rank on, downwards.
pub struct Descending<'a, const FAN: usize> {
    walk: Option<Walk<'a, Leaf, FAN>>,
    /// Where the elements of this leaf begin that are still to come, upwards: elements are packed forwards only.
    spots: Vec<Spot>,
}

impl<'a, const FAN: usize> Descending<'a, FAN> {
    pub(super) fn new(tree: &'a Tree<Leaf, FAN>, rank: usize) -> Self {
        let mut seek = At(rank);
        let walk = tree.walk(&mut seek).filter(|_| rank < tree.len());
        let mut descending = Self { walk, spots: Vec::new() };
        descending.collect_spots(seek.0.saturating_add(1));
        descending
    }

    fn collect_spots(&mut self, count: usize) {
        let Some(walk) = &self.walk else { return };
        let mut elements = walk.block().elements();
        let spots = std::iter::from_fn(|| {
            let spot = elements.spot;
            elements.next().map(|_| spot)
        });
        self.spots.extend(spots.take(count));
    }
}

impl<'a, const FAN: usize> Iterator for Descending<'a, FAN> {
    type Item = (f64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.spots.is_empty() {
            if !self.walk.as_mut()?.back() {
                return None;
            }
            self.collect_spots(usize::MAX);
        }
        self.walk.as_ref()?.block().element(self.spots.pop()?)
    }
}
