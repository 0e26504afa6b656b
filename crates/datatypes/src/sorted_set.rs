//! Sorted sets: members ordered by score, then as bytes.
//!
//! A small one is a listpack of members and scores in their order, as Redis lays it out. A large one is the order (a counted
//! tree) and an index from members to scores.

mod ahead;
mod large;
mod packed;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::{Bound, Range};

use encodings::either::{Either, View};
use encodings::listpack::Listpack;

use crate::collection::Collection;
use crate::limits::SortedSetLimits;
use crate::types::Type;
pub use ahead::Ahead;
use large::Large;
use packed::{Packed, PackedMut};

/// A member with its score.
pub type Scored = (Vec<u8>, f64);

/// What a visitor gets of an element.
pub type Visit<'v> = dyn FnMut(&[u8], f64) + 'v;

/// A sorted set: one word. No score is NaN; -0 and 0 are the same place in the order.
#[derive(Clone, Debug, Default)]
pub struct SortedSet {
    form: Either<Listpack, Large>,
}

/// What an insertion did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inserted {
    /// The member was not there.
    New,
    /// The member had this score.
    Moved(f64),
    /// The member had this very score.
    Same,
}

/// Puts elements in the order of a sorted set.
pub fn sort_elements(elements: &mut [(Vec<u8>, f64)]) {
    elements.sort_unstable_by(|(member, score), (other, other_score)| {
        score.partial_cmp(other_score).expect("no score is NaN").then_with(|| member.cmp(other))
    });
}

impl SortedSet {
    /// A set of these elements, each member once, in any order.
    pub fn from_elements(mut elements: Vec<(Vec<u8>, f64)>, limits: SortedSetLimits) -> SortedSet {
        sort_elements(&mut elements);
        let longest = elements.iter().map(|(member, _)| member.len()).max().unwrap_or(0);
        if elements.len() <= limits.listpack_entries && longest <= limits.listpack_value_bytes {
            SortedSet { form: Either::packed(packed::from_sorted(&elements)) }
        } else {
            SortedSet { form: Either::large(Large::from_sorted(&elements)) }
        }
    }

    /// The set that a listpack of members and scores holds; none if these are not in order, or not pairs.
    pub fn from_listpack(listpack: Listpack, limits: SortedSetLimits) -> Option<SortedSet> {
        let packed = Packed::checked(&listpack)?;
        let is_small =
            packed.len() <= limits.listpack_entries && packed.longest_member() <= limits.listpack_value_bytes;
        let mut set = SortedSet { form: Either::packed(listpack) };
        if !is_small {
            set.unpack();
        }
        Some(set)
    }

    /// The listpack of a small set.
    pub fn as_listpack(&self) -> Option<&Listpack> {
        match self.form.view() {
            View::Packed(listpack) => Some(listpack),
            View::Large(_) => None,
        }
    }

    #[inline]
    fn look(&self) -> View<Packed<'_>, &Large> {
        match self.form.view() {
            View::Packed(listpack) => View::Packed(Packed::new(listpack)),
            View::Large(large) => View::Large(large),
        }
    }

    #[inline]
    fn change(&mut self) -> View<PackedMut<'_>, &mut Large> {
        match self.form.view_mut() {
            View::Packed(listpack) => View::Packed(PackedMut::new(listpack)),
            View::Large(large) => View::Large(large),
        }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match self.look() {
            View::Packed(packed) => packed.len(),
            View::Large(large) => large.len(),
        }
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of a member.
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match self.look() {
            View::Packed(packed) => packed.score(member),
            View::Large(large) => large.score(member),
        }
    }

    /// Puts a member in, or gives it another score.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: SortedSetLimits) -> Inserted {
        debug_assert!(!score.is_nan(), "NaN has no place in an order");
        if let View::Packed(mut packed) = self.change() {
            let look = packed.look();
            let old = look.score(member);
            let fits = old.is_some()
                || look.len() < limits.listpack_entries
                    && member.len() <= limits.listpack_value_bytes
                    && look.has_room(member);
            if fits {
                return packed.insert(member, score, old);
            }
        }
        self.unpack().insert(member, score)
    }

    /// Takes a member out. Returns the score that it had.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match self.change() {
            View::Packed(mut packed) => packed.remove(member),
            View::Large(large) => large.remove(member),
        }
    }

    /// How many members stand before this one, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match self.look() {
            View::Packed(packed) => packed.rank(member),
            View::Large(large) => large.rank(member),
        }
    }

    /// Visits the elements of these ranks, from the lowest up.
    pub fn ascend(&self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        match self.look() {
            View::Packed(packed) => packed.ascend(ranks, visit),
            View::Large(large) => large.ascend(ranks, visit),
        }
    }

    /// Visits the elements of these ranks, from the highest down.
    pub fn descend(&self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        match self.look() {
            View::Packed(packed) => packed.descend(ranks, visit),
            View::Large(large) => large.descend(ranks, visit),
        }
    }

    /// The element before which `rank` others stand.
    pub fn at(&self, rank: usize) -> Option<(Vec<u8>, f64)> {
        let mut found = None;
        if rank < self.len() {
            self.ascend(rank..rank + 1, &mut |member, score| found = Some((member.to_vec(), score)));
        }
        found
    }

    /// The ranks of the elements whose scores lie between two bounds.
    pub fn ranks_of_scores(&self, lower: Bound<f64>, upper: Bound<f64>) -> Range<usize> {
        let (start, end) = match self.look() {
            View::Packed(packed) => packed.ranks_of_scores(lower, upper),
            View::Large(large) => large.ranks_of_scores(lower, upper),
        };
        start..end.max(start)
    }

    /// The ranks of the elements whose members lie between two bounds; meaningful when all scores are equal.
    pub fn ranks_of_members(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Range<usize> {
        let (start, end) = match self.look() {
            View::Packed(packed) => packed.ranks_of_members(lower, upper),
            View::Large(large) => large.ranks_of_members(lower, upper),
        };
        start..end.max(start)
    }

    /// Takes the elements of these ranks out, showing each, from the lowest up.
    pub fn remove_ranks(&mut self, ranks: Range<usize>, removed: &mut Visit<'_>) {
        match self.change() {
            View::Packed(mut packed) => packed.remove_ranks(ranks, removed),
            View::Large(large) => large.remove_ranks(ranks, removed),
        }
    }

    /// A set of all other elements, where making it is less work than taking those of these ranks out.
    pub fn without(&self, ranks: Range<usize>) -> Option<SortedSet> {
        let View::Large(large) = self.form.view() else { return None };
        let is_cheaper = self.len() - ranks.len() < ranks.len();
        is_cheaper.then(|| SortedSet { form: Either::large(large.without(ranks)) })
    }

    /// Visits about `count` elements from a cursor on, which is 0 at first. Returns the cursor to go on with, 0 at the end.
    /// What is there throughout is visited at least once, even while other members come, go and move.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut Visit<'_>) -> u64 {
        match self.look() {
            View::Packed(packed) => {
                packed.ascend(0..packed.len(), visit);
                0
            }
            View::Large(large) => large.scan(cursor, count, visit),
        }
    }

    fn unpack(&mut self) -> &mut Large {
        if let View::Packed(packed) = self.look() {
            let mut elements = Vec::with_capacity(packed.len() + 1);
            packed.ascend(0..packed.len(), &mut |member, score| elements.push((member.to_vec(), score)));
            self.form = Either::large(Large::from_sorted(&elements));
        }
        match self.form.view_mut() {
            View::Large(large) => large,
            View::Packed(_) => unreachable!("it has just been unpacked"),
        }
    }
}

impl PartialEq for SortedSet {
    fn eq(&self, other: &SortedSet) -> bool {
        let elements = |set: &SortedSet| {
            let mut elements = Vec::with_capacity(set.len());
            set.ascend(0..set.len(), &mut |member, score| elements.push((member.to_vec(), score)));
            elements
        };
        self.len() == other.len() && elements(self) == elements(other)
    }
}

impl Collection for SortedSet {
    const TYPE: Type = Type::SortedSet;

    fn len(&self) -> usize {
        SortedSet::len(self)
    }

    fn is_empty(&self) -> bool {
        SortedSet::is_empty(self)
    }

    fn part_count(&self) -> usize {
        match self.look() {
            View::Packed(_) => 1,
            View::Large(large) => large.part_count(),
        }
    }

    fn allocated_bytes(&self) -> usize {
        match self.look() {
            View::Packed(packed) => packed.total_bytes(),
            View::Large(large) => large.allocated_bytes(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self.look() {
            View::Packed(_) => "listpack",
            View::Large(_) => "skiplist",
        }
    }
}
