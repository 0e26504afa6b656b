//! Looking for a member in steps: first its score in the index, then its leaf in the order, and the one that it is to go to.

use std::ptr::NonNull;

use encodings::either::View;
use encodings::ordered;
use encodings::score_index::{self, member_hash};

use super::SortedSet;
use super::large::Large;
use crate::ahead::Sought;

/// How far a lookup is.
pub struct Ahead<'a>(Stage<'a>);

enum Stage<'a> {
    Segment(&'a Large, score_index::Ahead<'a>),
    Scores(&'a Large, score_index::Ahead<'a>),
    Leaves([Option<ordered::Ahead<'a>>; 2]),
}

impl SortedSet {
    /// Where what it owns begins, to be fetched before it is read.
    pub(crate) fn address(&self) -> NonNull<u8> {
        self.form.address()
    }

    /// Begins a lookup in a large set: `fetch` gets what its first step reads.
    #[inline]
    pub(crate) fn look_ahead(
        &self,
        sought: Sought<'_>,
        fetch: &mut impl FnMut(NonNull<u8>),
    ) -> Option<Ahead<'_>> {
        let View::Large(large) = self.form.view() else { return None };
        let segment = large.index.look_ahead(member_hash(sought.element), fetch)?;
        Some(Ahead(Stage::Segment(large, segment)))
    }
}

impl<'a> Ahead<'a> {
    /// Goes on; none when there is nothing more to name.
    #[inline]
    pub(crate) fn step(self, sought: Sought<'_>, fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'a>> {
        match self.0 {
            Stage::Segment(large, segment) => {
                segment.step(fetch);
                Some(Ahead(Stage::Scores(large, segment)))
            }
            Stage::Scores(large, segment) => {
                let old = segment.score();
                let new = sought.score.filter(|score| Some(*score) != old);
                let mut leaf_of = |score: f64| large.order.look_ahead(score, sought.element, fetch);
                Some(Ahead(Stage::Leaves([old.and_then(&mut leaf_of), new.and_then(&mut leaf_of)])))
            }
            Stage::Leaves(leaves) => {
                let leaves = leaves.map(|leaf| leaf?.step(sought.element, fetch));
                leaves.iter().any(Option::is_some).then_some(Ahead(Stage::Leaves(leaves)))
            }
        }
    }
}
