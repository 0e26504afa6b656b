//! A leaf of the order: elements in a single allocation, first all scores, then all lengths, then all members.
//!
//! A score has 8 bytes, little-endian; a length has one. So a search counts the scores that are lower, many at a time, and sums up
//! lengths to find a member: it touches a few cache lines and seldom guesses wrong. Long members lie outside, each
//! in an allocation of its own that copies of the leaf share; a mark stands for the length then.

use std::ops::Range;
use std::ptr::NonNull;

use triomphe::Arc;

use super::key::Key;
use super::target::Target;
use crate::room;
use crate::tree::Block;

/// Longer members lie outside, so that a leaf always holds some elements and a copy of it is cheap.
const INLINE_MAX: usize = 128;
/// Stands in place of the length of a member that lies outside.
const OUTSIDE: u8 = u8::MAX;
/// A score.
const SCORE_BYTES: usize = 8;
/// What processors fetch at a time.
const LINE_BYTES: usize = 64;
/// A score and a length.
const HEAD_BYTES: usize = SCORE_BYTES + 1;

/// Elements in order.
#[derive(Default)]
pub(super) struct Leaf {
    bytes: Vec<u8>,
    /// The long members, in the order of their elements.
    outside: Vec<Arc<[u8]>>,
    count: usize,
}

impl Clone for Leaf {
    fn clone(&self) -> Leaf {
        Leaf { bytes: room::copy(&self.bytes), outside: self.outside.clone(), count: self.count }
    }
}

/// Where an element begins, or the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// How many elements stand before.
    pub(super) index: usize,
    /// How many bytes of members.
    at: usize,
    /// How many of the elements before have their member outside.
    outside: usize,
}

impl Leaf {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether an element fits in within a limit. An empty leaf takes any.
    pub(super) fn has_room(&self, member: &[u8], limit: usize) -> bool {
        self.is_empty() || self.bytes.len() + packed_bytes(member) <= limit
    }

    /// Where its scores and lengths lie, line by line.
    #[inline]
    pub(super) fn lines(&self) -> impl Iterator<Item = NonNull<u8>> + '_ {
        self.bytes[..self.count * HEAD_BYTES].iter().step_by(LINE_BYTES).map(NonNull::from)
    }

    fn scores(&self) -> &[[u8; SCORE_BYTES]] {
        self.bytes[..self.count * SCORE_BYTES].as_chunks().0
    }

    fn lengths(&self) -> &[u8] {
        &self.bytes[self.count * SCORE_BYTES..self.count * HEAD_BYTES]
    }

    /// Where the first element stands that is not before the target.
    #[inline]
    pub(super) fn spot(&self, target: &Target<'_>) -> Spot {
        let Range { mut start, mut end } = target.undecided(self.scores());
        let mut spot_of_end = None;
        while start < end {
            let middle = self.spot_of_index(start.midpoint(end));
            if target.is_behind_member(self.member(middle)) {
                start = middle.index + 1;
            } else {
                end = middle.index;
                spot_of_end = Some(middle);
            }
        }
        spot_of_end.unwrap_or_else(|| self.spot_of_index(start))
    }

    /// Whether a score is neither below the lowest nor above the highest.
    pub(super) fn spans(&self, score: f64) -> bool {
        let scores = self.scores();
        let [first, last] = [scores.first(), scores.last()].map(|end| end.copied().map(f64::from_le_bytes));
        first.is_some_and(|first| first <= score) && last.is_some_and(|last| score <= last)
    }

    /// Where the element stands before which `index` others do. The index is at most the number of elements.
    #[inline]
    pub(super) fn spot_of_index(&self, index: usize) -> Spot {
        let passed = &self.lengths()[..index];
        if self.outside.is_empty() {
            return Spot { index, at: sum_of_lengths(passed), outside: 0 };
        }
        let outside = passed.iter().filter(|&&length| length == OUTSIDE).count();
        let at =
            passed.iter().map(|&length| usize::from(length)).sum::<usize>() - outside * usize::from(OUTSIDE);
        Spot { index, at, outside }
    }

    /// The member of the element at a spot.
    #[inline]
    fn member(&self, spot: Spot) -> &[u8] {
        match self.lengths()[spot.index] {
            OUTSIDE => &self.outside[spot.outside],
            length => &self.bytes[self.count * HEAD_BYTES + spot.at..][..usize::from(length)],
        }
    }

    /// Whether this element stands at a spot.
    pub(super) fn holds(&self, spot: Spot, score: f64, member: &[u8]) -> bool {
        self.elements_from(spot).next() == Some((score, member))
    }

    /// All elements.
    pub(super) fn elements(&self) -> Elements<'_> {
        self.elements_from(Spot::default())
    }

    /// The elements from a spot on.
    pub(super) fn elements_from(&self, spot: Spot) -> Elements<'_> {
        Elements { leaf: self, spot }
    }

    /// The element that begins at a spot.
    #[inline]
    pub(super) fn element(&self, spot: Spot) -> Option<(f64, &[u8])> {
        let score = self.scores().get(spot.index)?;
        Some((f64::from_le_bytes(*score), self.member(spot)))
    }

    /// Puts an element in where it belongs.
    pub(super) fn insert(&mut self, spot: Spot, score: f64, member: &[u8]) {
        let (length, inline) = if member.len() <= INLINE_MAX {
            (member.len() as u8, member)
        } else {
            self.outside.insert(spot.outside, Arc::from(member));
            (OUTSIDE, &[][..])
        };
        let end = self.bytes.len();
        let added = HEAD_BYTES + inline.len();
        room::make_room(&mut self.bytes, added);
        self.bytes.resize(end + added, 0);
        self.open_gaps(spot, inline.len(), end);
        let (score_at, length_at) = (spot.index * SCORE_BYTES, (self.count + 1) * SCORE_BYTES + spot.index);
        let member_at = (self.count + 1) * HEAD_BYTES + spot.at;
        self.bytes[score_at..][..SCORE_BYTES].copy_from_slice(&score.to_le_bytes());
        self.bytes[length_at] = length;
        self.bytes[member_at..][..inline.len()].copy_from_slice(inline);
        self.count += 1;
    }

    /// Moves what stands behind a spot, in each of the three parts; the last one first, so that nothing is overwritten.
    fn open_gaps(&mut self, spot: Spot, member_bytes: usize, end: usize) {
        let score_at = spot.index * SCORE_BYTES;
        let length_at = self.count * SCORE_BYTES + spot.index;
        let member_at = self.count * HEAD_BYTES + spot.at;
        self.bytes.copy_within(member_at..end, member_at + HEAD_BYTES + member_bytes);
        self.bytes.copy_within(length_at..member_at, length_at + HEAD_BYTES);
        self.bytes.copy_within(score_at..length_at, score_at + SCORE_BYTES);
    }

    /// Puts an element in behind all others.
    pub(super) fn push(&mut self, score: f64, member: &[u8]) {
        self.insert(self.end(), score, member);
    }

    fn end(&self) -> Spot {
        let at = self.bytes.len() - self.count * HEAD_BYTES;
        Spot { index: self.count, at, outside: self.outside.len() }
    }

    /// Gives the element at a spot another score, with which it belongs before the element at another spot.
    pub(super) fn rescore(&mut self, from: Spot, to: Spot, score: f64) {
        let behind = self.spot_of_index(from.index + 1);
        // The three runs between both spots are turned by what the element has in them.
        let is_upwards = to.index > from.index;
        let (start, end) = if is_upwards { (from, to) } else { (to, behind) };
        let (scores, rest) = self.bytes.split_at_mut(self.count * SCORE_BYTES);
        let (lengths, members) = rest.split_at_mut(self.count);
        let (scores, _) = scores.as_chunks_mut::<SCORE_BYTES>();
        let (member_bytes, outside) = (behind.at - from.at, behind.outside - from.outside);
        if is_upwards {
            scores[start.index..end.index].rotate_left(1);
            lengths[start.index..end.index].rotate_left(1);
            members[start.at..end.at].rotate_left(member_bytes);
            self.outside[start.outside..end.outside].rotate_left(outside);
            scores[end.index - 1] = score.to_le_bytes();
        } else {
            scores[start.index..end.index].rotate_right(1);
            lengths[start.index..end.index].rotate_right(1);
            members[start.at..end.at].rotate_right(member_bytes);
            self.outside[start.outside..end.outside].rotate_right(outside);
            scores[start.index] = score.to_le_bytes();
        }
    }

    /// Takes out so many elements from a spot on. They must be there.
    pub(super) fn remove(&mut self, spot: Spot, count: usize) {
        let behind = self.spot_of_index(spot.index + count);
        let (lengths_at, members_at) = (self.count * SCORE_BYTES, self.count * HEAD_BYTES);
        self.bytes.drain(members_at + spot.at..members_at + behind.at);
        self.bytes.drain(lengths_at + spot.index..lengths_at + behind.index);
        self.bytes.drain(spot.index * SCORE_BYTES..behind.index * SCORE_BYTES);
        self.outside.drain(spot.outside..behind.outside);
        self.count -= count;
        if self.bytes.capacity() > self.bytes.len() * 3 / 2 {
            self.fit();
        }
    }

    /// After an insertion at an index: gives the upper part if the leaf has become too large.
    pub(super) fn split(&mut self, inserted: usize, limit: usize) -> Option<Leaf> {
        if self.bytes.len() <= limit || self.count < 2 {
            return None;
        }
        // Who inserts in order, upwards or downwards, leaves full leaves behind.
        let spot = match inserted {
            0 => self.spot_of_index(1),
            _ if inserted + 1 == self.count => self.spot_of_index(inserted),
            _ => self.middle(),
        };
        let count = self.count - spot.index;
        let bytes = room::roomy(count * HEAD_BYTES + self.end().at - spot.at);
        let mut upper = Leaf { bytes, outside: Vec::new(), count };
        upper.bytes.extend_from_slice(&self.bytes[spot.index * SCORE_BYTES..self.count * SCORE_BYTES]);
        upper.bytes.extend_from_slice(&self.lengths()[spot.index..]);
        upper.bytes.extend_from_slice(&self.bytes[self.count * HEAD_BYTES + spot.at..]);
        upper.outside.extend_from_slice(&self.outside[spot.outside..]);
        self.remove(spot, count);
        self.fit();
        Some(upper)
    }

    /// A spot in the midst of the bytes, with elements on both sides.
    fn middle(&self) -> Spot {
        let mut elements = self.elements();
        let mut spot = Spot::default();
        while spot.index < self.count - 1
            && (spot.index == 0 || spot.index * HEAD_BYTES + spot.at < self.bytes.len() / 2)
        {
            elements.next();
            spot = elements.spot;
        }
        spot
    }

    /// Gives back what is allocated beyond need.
    pub(super) fn fit(&mut self) {
        room::fit(&mut self.bytes);
        room::fit(&mut self.outside);
    }
}

/// The sum of lengths, eight at a time: neighbours are added up in the 16 bits of both, in four sums side by side. A member
/// within the leaf has 128 bytes at most, so these sums have room for thousands of lengths.
#[inline]
fn sum_of_lengths(lengths: &[u8]) -> usize {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let (words, rest) = lengths.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let sums = words.fold(0, |sums, word| sums + (word & EVEN) + (word >> 8 & EVEN));
    let rest: usize = rest.iter().map(|&length| usize::from(length)).sum();
    rest + [sums & 0xffff, sums >> 16 & 0xffff, sums >> 32 & 0xffff, sums >> 48].iter().sum::<u64>() as usize
}

fn packed_bytes(member: &[u8]) -> usize {
    HEAD_BYTES + if member.len() <= INLINE_MAX { member.len() } else { 0 }
}

/// The elements of a leaf from a spot on.
#[derive(Clone)]
pub(super) struct Elements<'a> {
    leaf: &'a Leaf,
    pub(super) spot: Spot,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (f64, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (score, member) = self.leaf.element(self.spot)?;
        self.spot.index += 1;
        if member.len() <= INLINE_MAX {
            self.spot.at += member.len();
        } else {
            self.spot.outside += 1;
        }
        Some((score, member))
    }
}

impl Block for Leaf {
    type Key = Key;
    /// The score.
    type Lead = f64;
    /// The most bytes of a leaf.
    type Limit = usize;

    fn key(&self) -> Key {
        let (score, member) = self.element(Spot::default()).expect("not empty");
        Key::new(score, member)
    }

    fn lead(key: &Key) -> f64 {
        key.score
    }

    fn has_key(&self, key: &Key) -> bool {
        self.element(Spot::default()).is_some_and(|(score, member)| key.is_of(score, member))
    }

    fn count(&self) -> usize {
        self.count
    }

    fn outside_bytes(&self) -> usize {
        let outside: usize = self.outside.iter().map(|member| member.len() + size_of::<usize>()).sum();
        self.bytes.capacity() + self.outside.capacity() * size_of::<Arc<[u8]>>() + outside
    }

    fn is_sparse(&self, limit: usize) -> bool {
        self.bytes.len() < limit / 3
    }

    fn can_absorb(&self, next: &Leaf, limit: usize) -> bool {
        self.bytes.len() + next.bytes.len() <= limit - limit / 4
    }

    fn absorb(&mut self, next: &Leaf) {
        let mut bytes = room::roomy(self.bytes.len() + next.bytes.len());
        bytes.extend_from_slice(self.scores().as_flattened());
        bytes.extend_from_slice(next.scores().as_flattened());
        bytes.extend_from_slice(self.lengths());
        bytes.extend_from_slice(next.lengths());
        bytes.extend_from_slice(&self.bytes[self.count * HEAD_BYTES..]);
        bytes.extend_from_slice(&next.bytes[next.count * HEAD_BYTES..]);
        self.bytes = bytes;
        self.outside.extend_from_slice(&next.outside);
        self.count += next.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_summed_up() {
        let longest = [INLINE_MAX as u8; 1_000];
        let mixed: Vec<u8> = (0..1_000_u32).map(|number| (number * 37 % 129) as u8).collect();
        for count in (0..40).chain([227, 1_000]) {
            assert_eq!(sum_of_lengths(&longest[..count]), count * INLINE_MAX);
            let expected: usize = mixed[..count].iter().map(|&length| usize::from(length)).sum();
            assert_eq!(sum_of_lengths(&mixed[..count]), expected, "{count}");
        }
    }
}
