//! Places in the order that are looked for.

use std::cmp::Ordering;
use std::ops::Range;

use super::key::{Prefix, prefix_of};
use super::leaf::Leaf;
use crate::tree::{Edge, Seek};

/// Compares all of a leaf's scores without a branch: for so few that is faster than a search.
#[inline]
fn count_scores(scores: &[[u8; 8]], is_counted: impl Fn(f64) -> bool) -> usize {
    // As wide as a score: so the sum takes as many at once as the comparison.
    scores.iter().map(|score| u64::from(is_counted(f64::from_le_bytes(*score)))).sum::<u64>() as usize
}

/// A place between elements: before or behind all those that have the score and the member, as far as they are given.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    score: Option<f64>,
    member: Option<&'a [u8]>,
    prefix: Prefix,
    is_past: bool,
}

impl<'a> Target<'a> {
    /// The place before an element.
    pub(super) fn at(score: f64, member: &'a [u8]) -> Self {
        Target { score: Some(score), ..Self::at_member(member) }
    }

    /// The place before the first element with a score.
    pub(super) fn at_score(score: f64) -> Self {
        Target { score: Some(score), member: None, prefix: Prefix::default(), is_past: false }
    }

    /// The place before a member, all scores being equal.
    pub(super) fn at_member(member: &'a [u8]) -> Self {
        Target { score: None, member: Some(member), prefix: prefix_of(member), is_past: false }
    }

    /// The place behind instead.
    pub(super) fn past(self) -> Self {
        Target { is_past: true, ..self }
    }

    /// Of scores in order: those elements for which the member decides whether they stand before this place. Those in front of
    /// them do, those behind do not.
    #[inline]
    pub(super) fn undecided(&self, scores: &[[u8; 8]]) -> Range<usize> {
        let Some(wanted) = self.score else { return 0..scores.len() };
        let below = count_scores(scores, |score| score < wanted);
        // Most scores are there once or not at all.
        let behind = &scores[below..];
        let is_there = behind.first().is_some_and(|score| f64::from_le_bytes(*score) == wanted);
        let up_to = below + if is_there { count_scores(behind, |score| score <= wanted) } else { 0 };
        match self.member {
            Some(_) => below..up_to,
            None if self.is_past => up_to..up_to,
            None => below..below,
        }
    }

    /// The way to the last leaf whose first element stands before this place.
    #[inline]
    pub(super) fn seek(&self) -> Way<'_> {
        Way(self)
    }

    /// Whether the first element below an edge, whose score does not decide, stands before this place.
    #[inline(never)]
    fn is_behind_first<const FAN: usize>(&self, edge: &Edge<Leaf, FAN>) -> bool {
        let Some(wanted) = self.member else { return self.is_past };
        match edge.key().order_to(&self.prefix, wanted) {
            Ordering::Equal => {
                let first = edge.first_block().elements().next();
                first.is_some_and(|(_, member)| self.is_behind_member(member))
            }
            order => order.is_lt(),
        }
    }

    /// Whether an element whose score does not decide stands before this place.
    #[inline]
    pub(super) fn is_behind_member(&self, member: &[u8]) -> bool {
        match self.member.map(|wanted| member.cmp(wanted)) {
            None | Some(Ordering::Equal) => self.is_past,
            Some(order) => order.is_lt(),
        }
    }
}

/// The way down the tree to a place: to the last leaf whose first element stands before it.
pub(super) struct Way<'t>(&'t Target<'t>);

impl<const FAN: usize> Seek<Leaf, FAN> for Way<'_> {
    #[inline]
    fn choose(&mut self, edges: &[Edge<Leaf, FAN>], leads: &[f64]) -> usize {
        let Way(target) = self;
        let undecided = match target.score {
            None => 0..edges.len(),
            Some(wanted) => {
                let below = count(leads, |score| score < wanted);
                // Most scores are there once or not at all.
                let is_there = leads.get(below).is_some_and(|score| *score == wanted);
                below..if is_there { count(leads, |score| score <= wanted) } else { below }
            }
        };
        let first = undecided.start;
        let before = first + edges[undecided].partition_point(|edge| target.is_behind_first(edge));
        before.saturating_sub(1)
    }
}

/// Compares all scores of a node without a branch.
#[inline]
fn count(scores: &[f64], is_counted: impl Fn(f64) -> bool) -> usize {
    scores.iter().map(|score| u64::from(is_counted(*score))).sum::<u64>() as usize
}
