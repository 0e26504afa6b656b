//! A large sorted set: the order, and an index that finds a member's score by the member's hash.
//!
//! The index holds no members: what it finds is looked up in the order, which tells whether it is the right one.

use std::ops::{Bound, Range};

use encodings::ordered::ScoreOrder;
use encodings::score_index::{ScoreIndex, member_hash};

use super::{Inserted, Visit};

/// About how many bytes one allocation of either structure has.
const PART_BYTES: usize = 1024;
/// Of more than these and a part of the set (one in so many), several go from most segments of the index: then it pays to sort
/// them by hash first.
const FEW: usize = 8;
const FEW_PART: usize = 32;
/// The index is told of so many elements at a time: they take 16 MiB meanwhile.
const TOLD_AT_ONCE: usize = if cfg!(test) { 7 } else { 1 << 20 };

#[derive(Clone, Default)]
pub(super) struct Large {
    pub(super) order: ScoreOrder,
    pub(super) index: ScoreIndex,
}

impl std::fmt::Debug for Large {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Large").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Large {
    pub(super) fn from_sorted(elements: &[(Vec<u8>, f64)]) -> Large {
        let order = ScoreOrder::from_sorted(elements.iter().map(|(member, score)| (*score, member)));
        Large { index: index_of(&order), order }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn part_count(&self) -> usize {
        self.order.allocated_bytes() / PART_BYTES
    }

    pub(super) fn allocated_bytes(&self) -> usize {
        size_of::<Large>() + self.order.allocated_bytes() + self.index.allocated_bytes()
    }

    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        self.score_of(member_hash(member), member)
    }

    fn score_of(&self, hash: u32, member: &[u8]) -> Option<f64> {
        self.index.candidates(hash).find(|&score| self.order.contains(score, member))
    }

    pub(super) fn insert(&mut self, member: &[u8], score: f64) -> Inserted {
        let Large { order, index } = self;
        let hash = member_hash(member);
        // Changing the order tells whether a candidate was the member's score: no need to look before.
        let old = index.candidates(hash).find(|&old| {
            if old == score { order.contains(old, member) } else { order.rescore(old, member, score) }
        });
        match old {
            None => {
                order.insert(score, member);
                index.insert(hash, score);
                Inserted::New
            }
            Some(old) if old == score => Inserted::Same,
            Some(old) => {
                index.replace(hash, old, score);
                Inserted::Moved(old)
            }
        }
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let hash = member_hash(member);
        let score = self.score_of(hash, member)?;
        self.order.remove(score, member);
        self.index.remove(hash, score);
        Some(score)
    }

    pub(super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let score = self.score(member)?;
        Some((self.order.rank(score, member)?, score))
    }

    pub(super) fn ascend(&self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        let elements = self.order.ascending(ranks.start).take(ranks.len());
        elements.for_each(|(score, member)| visit(member, score));
    }

    pub(super) fn descend(&self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        let Some(last) = ranks.end.min(self.len()).checked_sub(1) else { return };
        let elements = self.order.descending(last).take((last + 1).saturating_sub(ranks.start));
        elements.for_each(|(score, member)| visit(member, score));
    }

    pub(super) fn ranks_of_scores(&self, lower: Bound<f64>, upper: Bound<f64>) -> (usize, usize) {
        (self.order.start_of_scores(lower), self.order.end_of_scores(upper))
    }

    pub(super) fn ranks_of_members(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> (usize, usize) {
        (self.order.start_of_members(lower), self.order.end_of_members(upper))
    }

    pub(super) fn remove_ranks(&mut self, ranks: Range<usize>, removed: &mut Visit<'_>) {
        let Large { order, index } = self;
        let (start, end) = (ranks.start, ranks.end.min(order.len()));
        if ranks.len() <= FEW + order.len() / FEW_PART {
            return order.remove_range(start, end, &mut |score, member| {
                index.remove(member_hash(member), score);
                removed(member, score);
            });
        }
        let mut gone = Vec::with_capacity(ranks.len().min(TOLD_AT_ONCE));
        order.remove_range(start, end, &mut |score, member| {
            gone.push((member_hash(member), score));
            removed(member, score);
            if gone.len() == TOLD_AT_ONCE {
                index.remove_all(&mut gone);
                gone.clear();
            }
        });
        index.remove_all(&mut gone);
    }

    /// A set without the elements of these ranks, which shares what it can. The work is that of indexing those that stay.
    pub(super) fn without(&self, ranks: Range<usize>) -> Large {
        let order = self.order.without(ranks.start, ranks.end);
        Large { index: index_of(&order), order }
    }

    pub(super) fn scan(&self, cursor: u64, count: usize, visit: &mut Visit<'_>) -> u64 {
        super::scan::scan(&self.order, &self.index, cursor, count, visit)
    }
}

/// The index of an order.
fn index_of(order: &ScoreOrder) -> ScoreIndex {
    let mut index = ScoreIndex::new();
    index.reserve(order.len());
    let mut told = Vec::with_capacity(order.len().min(TOLD_AT_ONCE));
    for (score, member) in order.ascending(0) {
        told.push((member_hash(member), score));
        if told.len() == TOLD_AT_ONCE {
            index.insert_all(&mut told);
            told.clear();
        }
    }
    index.insert_all(&mut told);
    index
}
