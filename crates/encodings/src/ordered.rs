//! The order of a large sorted set: elements by score, then by member, packed in the leaves of a tree.
//!
//! Redis keeps a skip list for this, and the encoding is called by that name. Here an element costs its member, its score and
//! some six bytes. A clone shares everything and costs nothing; positions are counted, so a rank is found as fast as an
//! element. Nothing here finds a score by a member alone: the sorted set has an index for that.

mod ahead;
mod key;
mod leaf;
mod target;
#[cfg(test)]
mod tests;
mod walk;

use std::ops::Bound;

use crate::tree::{At, Cut, Tree};
pub use ahead::Ahead;
use leaf::Leaf;
use target::Target;
pub use walk::{Ascending, Descending};

/// Members of a sorted set in order. Members are compared as bytes, the shorter first if one begins with the other; scores
/// as numbers, so that -0 and 0 are equal. A score is never NaN.
///
/// The parameters are for tests: bytes of a leaf, children of an inner node. With larger leaves an insertion moves more
/// bytes, with smaller ones each element bears more of its leaf's overhead.
#[derive(Clone, Default)]
pub struct ScoreOrder<const LEAF_BYTES: usize = 2_048, const FAN: usize = 32> {
    tree: Tree<Leaf, FAN>,
}

impl ScoreOrder {
    /// Without elements.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<const LEAF_BYTES: usize, const FAN: usize> ScoreOrder<LEAF_BYTES, FAN> {
    /// Packs elements that come in order, each once. Much faster than inserting them, and smaller.
    pub fn from_sorted<M: AsRef<[u8]>>(elements: impl IntoIterator<Item = (f64, M)>) -> Self {
        let mut elements = elements.into_iter().peekable();
        let leaves = std::iter::from_fn(|| {
            let mut leaf = Leaf::default();
            while let Some((score, member)) =
                elements.next_if(|(_, member)| leaf.has_room(member.as_ref(), LEAF_BYTES))
            {
                leaf.push(score, member.as_ref());
            }
            leaf.fit();
            (!leaf.is_empty()).then_some(leaf)
        });
        Self { tree: leaves.collect() }
    }

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

    /// About how many bytes are allocated; what clones share counts for each.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.tree.allocated_bytes()
    }

    /// Puts an element in; false if it is there, with this score.
    pub fn insert(&mut self, score: f64, member: &[u8]) -> bool {
        debug_assert!(!score.is_nan(), "NaN has no place in an order");
        let target = Target::at(score, member);
        let is_new = self.tree.edit(&mut target.past().seek(), LEAF_BYTES, |leaf, _| {
            let spot = leaf.spot(&target);
            if leaf.holds(spot, score, member) {
                return (false, None);
            }
            leaf.insert(spot, score, member);
            (true, leaf.split(spot.index, LEAF_BYTES))
        });
        is_new.unwrap_or_else(|| {
            let mut leaf = Leaf::default();
            leaf.push(score, member);
            self.tree.push_back(leaf, LEAF_BYTES);
            true
        })
    }

    /// Takes an element out; false if there is none with this score and member.
    pub fn remove(&mut self, score: f64, member: &[u8]) -> bool {
        let target = Target::at(score, member);
        let is_removed = self.tree.edit(&mut target.past().seek(), LEAF_BYTES, |leaf, _| {
            let spot = leaf.spot(&target);
            let is_found = leaf.holds(spot, score, member);
            if is_found {
                leaf.remove(spot, 1);
            }
            (is_found, None)
        });
        is_removed.unwrap_or(false)
    }

    /// Gives an element another score; false if it is not there. Mostly it stays in its leaf, which makes this cheaper than
    /// to remove it and to insert it again.
    pub fn rescore(&mut self, score: f64, member: &[u8], new_score: f64) -> bool {
        debug_assert!(!new_score.is_nan(), "NaN has no place in an order");
        let (target, new_target) = (Target::at(score, member), Target::at(new_score, member));
        let outcome = self.tree.edit(&mut target.past().seek(), LEAF_BYTES, |leaf, _| {
            let spot = leaf.spot(&target);
            if !leaf.holds(spot, score, member) {
                return ((false, false), None);
            }
            // At either end of the leaf, the new place may be in a neighbour.
            let new_spot = leaf.spans(new_score).then(|| leaf.spot(&new_target));
            let new_spot = new_spot.filter(|spot| (1..leaf.len()).contains(&spot.index));
            match new_spot {
                Some(new_spot) => leaf.rescore(spot, new_spot, new_score),
                None => leaf.remove(spot, 1),
            }
            ((true, new_spot.is_some()), None)
        });
        let (is_found, is_done) = outcome.unwrap_or_default();
        if is_found && !is_done {
            self.insert(new_score, member);
        }
        is_found
    }

    /// Whether there is an element with this score and member.
    #[must_use]
    pub fn contains(&self, score: f64, member: &[u8]) -> bool {
        let target = Target::at(score, member);
        let leaf = self.tree.block(&mut target.past().seek());
        leaf.is_some_and(|leaf| leaf.holds(leaf.spot(&target), score, member))
    }

    /// How many elements stand before this one. None if it is not there.
    #[must_use]
    pub fn rank(&self, score: f64, member: &[u8]) -> Option<usize> {
        let target = Target::at(score, member);
        let (leaf, start) = self.tree.place(&mut target.past().seek())?;
        let spot = leaf.spot(&target);
        leaf.holds(spot, score, member).then_some(start + spot.index)
    }

    /// The element before which `rank` others stand.
    #[must_use]
    pub fn at(&self, rank: usize) -> Option<(f64, &[u8])> {
        if rank >= self.len() {
            return None;
        }
        let mut seek = At(rank);
        let leaf = self.tree.block(&mut seek)?;
        leaf.elements_from(leaf.spot_of_index(seek.0)).next()
    }

    /// The lowest element.
    #[must_use]
    pub fn first(&self) -> Option<(f64, &[u8])> {
        self.at(0)
    }

    /// The highest element.
    #[must_use]
    pub fn last(&self) -> Option<(f64, &[u8])> {
        self.at(self.len().checked_sub(1)?)
    }

    /// Takes the lowest element out.
    pub fn pop_first(&mut self) -> Option<(f64, Vec<u8>)> {
        self.take(0)
    }

    /// Takes the highest element out.
    pub fn pop_last(&mut self) -> Option<(f64, Vec<u8>)> {
        self.take(self.len().checked_sub(1)?)
    }

    fn take(&mut self, rank: usize) -> Option<(f64, Vec<u8>)> {
        self.tree.edit(&mut At(rank), LEAF_BYTES, |leaf, offset| {
            let spot = leaf.spot_of_index(offset);
            let taken = leaf.elements_from(spot).next().map(|(score, member)| (score, member.to_vec()));
            leaf.remove(spot, 1);
            (taken, None)
        })?
    }

    /// The rank of the first element that a lower bound of scores lets in; `len()` if there is none.
    #[must_use]
    pub fn start_of_scores(&self, lower: Bound<f64>) -> usize {
        match lower {
            Bound::Unbounded => 0,
            Bound::Included(score) => self.count_before(&Target::at_score(score)),
            Bound::Excluded(score) => self.count_before(&Target::at_score(score).past()),
        }
    }

    /// One more than the rank of the last element that an upper bound of scores lets in; 0 if there is none.
    #[must_use]
    pub fn end_of_scores(&self, upper: Bound<f64>) -> usize {
        match upper {
            Bound::Unbounded => self.len(),
            Bound::Included(score) => self.count_before(&Target::at_score(score).past()),
            Bound::Excluded(score) => self.count_before(&Target::at_score(score)),
        }
    }

    /// The rank of the first element that a lower bound of members lets in, if all scores are equal.
    #[must_use]
    pub fn start_of_members(&self, lower: Bound<&[u8]>) -> usize {
        match lower {
            Bound::Unbounded => 0,
            Bound::Included(member) => self.count_before(&Target::at_member(member)),
            Bound::Excluded(member) => self.count_before(&Target::at_member(member).past()),
        }
    }

    /// One more than the rank of the last element that an upper bound of members lets in, if all scores are equal.
    #[must_use]
    pub fn end_of_members(&self, upper: Bound<&[u8]>) -> usize {
        match upper {
            Bound::Unbounded => self.len(),
            Bound::Included(member) => self.count_before(&Target::at_member(member).past()),
            Bound::Excluded(member) => self.count_before(&Target::at_member(member)),
        }
    }

    fn count_before(&self, target: &Target<'_>) -> usize {
        let place = self.tree.place(&mut target.seek());
        place.map_or(0, |(leaf, start)| start + leaf.spot(target).index)
    }

    /// The elements from a rank on, upwards.
    #[must_use]
    pub fn ascending(&self, rank: usize) -> Ascending<'_, FAN> {
        Ascending::new(&self.tree, rank)
    }

    /// The elements from a rank on, downwards. Nothing if the rank is not below `len()`.
    #[must_use]
    pub fn descending(&self, rank: usize) -> Descending<'_, FAN> {
        Descending::new(&self.tree, rank)
    }

    /// A clone without the elements whose ranks are at least `from` and below `to`: made in the time of two searches.
    #[must_use]
    pub fn without(&self, from: usize, to: usize) -> Self {
        let mut rest = self.clone();
        rest.tree.cut(from, to, LEAF_BYTES, |cut| {
            if let Cut::Part(leaf, from, to) = cut {
                leaf.remove(leaf.spot_of_index(from), to - from);
            }
        });
        rest
    }

    /// Takes out the elements whose ranks are at least `from` and below `to`, and shows each, upwards.
    pub fn remove_range(&mut self, from: usize, to: usize, removed: &mut dyn FnMut(f64, &[u8])) {
        self.tree.cut(from, to, LEAF_BYTES, |cut| match cut {
            Cut::Whole(edge) => edge.each_block(&mut |leaf| {
                leaf.elements_from(leaf.spot_of_index(0)).for_each(|(score, member)| removed(score, member));
            }),
            Cut::Part(leaf, from, to) => {
                let spot = leaf.spot_of_index(from);
                let elements = leaf.elements_from(spot).take(to - from);
                elements.for_each(|(score, member)| removed(score, member));
                leaf.remove(spot, to - from);
            }
        });
    }
}
