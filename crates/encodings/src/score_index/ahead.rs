//! A lookup in steps: each names the memory that the next one reads, so that it can be fetched for many lookups at once.

use std::ptr::NonNull;

use super::segment::Segment;
use super::{ScoreIndex, spread};

/// How far a lookup is.
#[derive(Clone, Copy)]
pub struct Ahead<'a> {
    segment: &'a Segment,
    hash: u32,
}

impl ScoreIndex {
    /// Begins a lookup: `fetch` gets what its first step reads. None in an empty index.
    #[inline]
    pub fn look_ahead(&self, hash: u32, fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'_>> {
        let segment = self.directory.segment(spread(hash))?;
        fetch(NonNull::from(segment).cast());
        Some(Ahead { segment, hash })
    }
}

impl<'a> Ahead<'a> {
    /// Names the hashes and scores that are looked at.
    #[inline]
    pub fn step(&self, fetch: &mut impl FnMut(NonNull<u8>)) {
        self.segment.lines_near(self.hash).for_each(fetch);
    }

    /// The first score with this hash.
    #[inline]
    pub fn score(self) -> Option<f64> {
        self.segment.scores_of(self.hash).next()
    }
}
