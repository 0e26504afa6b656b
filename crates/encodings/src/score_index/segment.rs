//! A segment of a score index: hashes in ascending order, and beside them their scores.

use std::ptr::NonNull;

use crate::directory;
use crate::{room, search};

/// A segment with so many entries is split.
const MAX_ENTRIES: usize = if cfg!(test) { 16 } else { 256 };
/// Entries a segment will about hold, for `reserve`.
pub(super) const RESERVED: usize = MAX_ENTRIES * 5 / 8;
/// Neighbours that together have no more entries become one.
const MERGED_ENTRIES: usize = MAX_ENTRIES * 7 / 16;

/// Some entries whose hashes begin alike.
pub(super) struct Segment {
    depth: u8,
    hashes: Vec<u32>,
    scores: Vec<f64>,
}

impl Clone for Segment {
    fn clone(&self) -> Segment {
        Segment { depth: self.depth, hashes: room::copy(&self.hashes), scores: room::copy(&self.scores) }
    }
}

impl Segment {
    pub(super) fn is_full(&self) -> bool {
        self.hashes.len() >= MAX_ENTRIES
    }

    /// About where a hash should be.
    #[inline]
    fn guess(&self, hash: u32) -> usize {
        // How far between the segment's first hash and the next segment's, in 65536ths.
        let share = ((u64::from(hash) << self.depth) as u32 >> 16) as usize;
        (share * self.hashes.len()) >> 16
    }

    #[inline]
    fn lower_bound(&self, hash: u32) -> usize {
        search::lower_bound(self.guess(hash), self.hashes.len(), |at| self.hashes[at] < hash)
    }

    /// Where the hashes and the scores lie among which a hash and its score are likely to be.
    #[inline]
    pub(super) fn lines_near(&self, hash: u32) -> impl Iterator<Item = NonNull<u8>> {
        let guess = self.guess(hash);
        let hashes = [guess.saturating_sub(4), guess + 8].map(|at| self.hashes.get(at).map(NonNull::from));
        let scores = [guess.saturating_sub(4), guess + 4].map(|at| self.scores.get(at).map(NonNull::from));
        let hashes = hashes.into_iter().flatten().map(NonNull::cast);
        hashes.chain(scores.into_iter().flatten().map(NonNull::cast))
    }

    /// The scores with this hash.
    #[inline]
    pub(super) fn scores_of(&self, hash: u32) -> impl Iterator<Item = f64> + Clone + '_ {
        self.scores_from(self.lower_bound(hash), hash)
    }

    /// The scores with this hash, the first of which is at a place.
    #[inline]
    fn scores_from(&self, first: usize, hash: u32) -> impl Iterator<Item = f64> + Clone + '_ {
        let entries = self.hashes[first..].iter().zip(&self.scores[first..]);
        entries.take_while(move |(other, _)| **other == hash).map(|(_, score)| *score)
    }

    /// Every entry, in the order of hashes.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, f64)> + Clone + '_ {
        self.hashes.iter().copied().zip(self.scores.iter().copied())
    }

    /// Where an entry with this hash and score stands.
    pub(super) fn find(&self, hash: u32, score: f64) -> Option<usize> {
        let first = self.lower_bound(hash);
        Some(first + self.scores_from(first, hash).position(|other| other == score)?)
    }

    pub(super) fn insert(&mut self, hash: u32, score: f64) {
        let at = self.lower_bound(hash);
        room::double_room(&mut self.hashes, 1);
        room::double_room(&mut self.scores, 1);
        self.hashes.insert(at, hash);
        self.scores.insert(at, score);
    }

    /// Takes an entry out; true when it is time to look whether a neighbour is as empty.
    pub(super) fn remove(&mut self, at: usize) -> bool {
        self.hashes.remove(at);
        self.scores.remove(at);
        room::give_back(&mut self.hashes);
        room::give_back(&mut self.scores);
        self.hashes.len() < MERGED_ENTRIES && self.hashes.len().is_multiple_of(8)
    }

    /// Takes out what is there of some entries, which come in the order of their hashes; tells how many that were.
    pub(super) fn remove_all(&mut self, mut gone: &mut [(u32, f64)]) -> usize {
        let len = self.hashes.len();
        let mut kept = 0;
        for at in 0..len {
            let (hash, score) = (self.hashes[at], self.scores[at]);
            let passed = gone.iter().take_while(|(other, _)| *other < hash).count();
            gone = &mut gone[passed..];
            let mut alike = gone.iter().take_while(|(other, _)| *other == hash);
            if let Some(found) = alike.position(|(_, other)| *other == score) {
                gone.swap(0, found);
                gone = &mut gone[1..];
                continue;
            }
            (self.hashes[kept], self.scores[kept]) = (hash, score);
            kept += 1;
        }
        self.hashes.truncate(kept);
        self.scores.truncate(kept);
        room::give_back(&mut self.hashes);
        room::give_back(&mut self.scores);
        len - kept
    }

    pub(super) fn set_score(&mut self, at: usize, score: f64) {
        self.scores[at] = score;
    }

    /// A segment with copies of these entries.
    fn of(depth: u8, parts: &[(&[u32], &[f64])]) -> Segment {
        let len = parts.iter().map(|(hashes, _)| hashes.len()).sum();
        let mut segment = Segment { depth, hashes: room::roomy(len), scores: room::roomy(len) };
        for (hashes, scores) in parts {
            segment.hashes.extend_from_slice(hashes);
            segment.scores.extend_from_slice(scores);
        }
        segment
    }
}

impl directory::Segment for Segment {
    fn new(depth: u8) -> Segment {
        Segment::of(depth, &[])
    }

    fn depth(&self) -> u8 {
        self.depth
    }

    fn split(&self) -> (Segment, Segment) {
        let bit = 1 << (31 - self.depth);
        let middle = self.hashes.partition_point(|hash| hash & bit == 0);
        let ((low, high), (low_scores, high_scores)) =
            (self.hashes.split_at(middle), self.scores.split_at(middle));
        let depth = self.depth + 1;
        (Segment::of(depth, &[(low, low_scores)]), Segment::of(depth, &[(high, high_scores)]))
    }

    fn can_merge(&self, upper: &Segment) -> bool {
        self.hashes.len() + upper.hashes.len() <= MERGED_ENTRIES
    }

    fn merge(&self, upper: &Segment) -> Segment {
        Segment::of(self.depth - 1, &[(&self.hashes, &self.scores), (&upper.hashes, &upper.scores)])
    }

    fn allocated_bytes(&self) -> usize {
        size_of::<usize>() + size_of::<Segment>() + self.hashes.capacity() * 4 + self.scores.capacity() * 8
    }
}
