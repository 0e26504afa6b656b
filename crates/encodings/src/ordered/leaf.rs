//! A leaf of the order: elements one behind the other in a single allocation.
//!
//! An element is its score (8 bytes, little-endian), the length of its member (1 byte), its member. Long members lie outside,
//! each in an allocation of its own that copies of the leaf share; a mark stands for the length then.

use triomphe::Arc;

use super::target::{Key, Target};
use crate::tree::Block;

/// Longer members lie outside, so that a leaf always holds some elements and a copy of it is cheap.
const INLINE_MAX: usize = 128;
/// Stands in place of the length of a member that lies outside.
const OUTSIDE: u8 = u8::MAX;
/// Score and length.
const HEAD_BYTES: usize = 9;

/// Elements in order.
#[derive(Clone, Default)]
pub(super) struct Leaf {
    bytes: Vec<u8>,
    /// The long members, in the order of their elements.
    outside: Vec<Arc<[u8]>>,
    count: usize,
}

/// Where an element begins, or the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// How many elements stand before.
    pub(super) index: usize,
    /// In `bytes`.
    at: usize,
    /// How many of the elements before have their member outside.
    outside: usize,
}

impl Leaf {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether an element fits in within a limit. An empty leaf takes any.
    pub(super) fn has_room(&self, member: &[u8], limit: usize) -> bool {
        self.is_empty() || self.bytes.len() + packed_bytes(member) <= limit
    }

    /// Where the first element stands that is not before the target.
    #[inline]
    pub(super) fn spot(&self, target: &Target<'_>) -> Spot {
        let mut spot = Spot::default();
        while let Some((score, length)) = self.head(spot.at) {
            if !target.is_behind(score, || self.member(spot, length)) {
                break;
            }
            spot = spot.behind(length);
        }
        spot
    }

    /// Where the element stands before which `index` others do; the end if there are fewer.
    pub(super) fn spot_of_index(&self, index: usize) -> Spot {
        let mut spot = Spot::default();
        while spot.index < index
            && let Some((_, length)) = self.head(spot.at)
        {
            spot = spot.behind(length);
        }
        spot
    }

    /// The score and the length or mark of the element that begins here.
    #[inline]
    fn head(&self, at: usize) -> Option<(f64, u8)> {
        let head = self.bytes.get(at..)?.first_chunk::<HEAD_BYTES>()?;
        let [score @ .., length] = *head;
        Some((f64::from_le_bytes(score), length))
    }

    #[inline]
    fn member(&self, spot: Spot, length: u8) -> &[u8] {
        match length {
            OUTSIDE => &self.outside[spot.outside],
            _ => &self.bytes[spot.at + HEAD_BYTES..][..usize::from(length)],
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
    pub(super) fn element(&self, spot: Spot) -> Option<(f64, &[u8])> {
        let (score, length) = self.head(spot.at)?;
        Some((score, self.member(spot, length)))
    }

    /// Puts an element in where it belongs.
    pub(super) fn insert(&mut self, spot: Spot, score: f64, member: &[u8]) {
        let packed_bytes = packed_bytes(member);
        let end = self.bytes.len();
        let needed = end + packed_bytes;
        if needed > self.bytes.capacity() {
            self.bytes.reserve_exact(rounded_up(needed) - end);
        }
        self.bytes.resize(needed, 0);
        self.bytes.copy_within(spot.at..end, spot.at + packed_bytes);
        let element = &mut self.bytes[spot.at..][..packed_bytes];
        element[..8].copy_from_slice(&score.to_le_bytes());
        if member.len() <= INLINE_MAX {
            element[8] = member.len() as u8;
            element[HEAD_BYTES..].copy_from_slice(member);
        } else {
            element[8] = OUTSIDE;
            self.outside.insert(spot.outside, Arc::from(member));
        }
        self.count += 1;
    }

    /// Puts an element in behind all others.
    pub(super) fn push(&mut self, score: f64, member: &[u8]) {
        self.insert(self.end(), score, member);
    }

    fn end(&self) -> Spot {
        Spot { index: self.count, at: self.bytes.len(), outside: self.outside.len() }
    }

    /// Takes out so many elements from a spot on, or all that are there.
    pub(super) fn remove(&mut self, spot: Spot, count: usize) {
        let mut elements = self.elements_from(spot);
        let removed = elements.by_ref().take(count).count();
        let behind = elements.spot;
        self.bytes.drain(spot.at..behind.at);
        self.outside.drain(spot.outside..behind.outside);
        self.count -= removed;
        if self.bytes.capacity() > rounded_up(self.bytes.len() * 5 / 4) {
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
        let mut upper = Leaf {
            bytes: self.bytes[spot.at..].to_vec(),
            outside: self.outside.split_off(spot.outside),
            count: self.count - spot.index,
        };
        upper.fit();
        self.bytes.truncate(spot.at);
        self.count = spot.index;
        self.fit();
        Some(upper)
    }

    /// A spot in the midst of the bytes, with elements on both sides.
    fn middle(&self) -> Spot {
        let mut spot = self.spot_of_index(1);
        while spot.at < self.bytes.len() / 2
            && let Some((_, length)) = self.head(spot.at)
        {
            spot = spot.behind(length);
        }
        if spot.index < self.count { spot } else { self.spot_of_index(self.count - 1) }
    }

    /// Gives back what is allocated beyond need.
    pub(super) fn fit(&mut self) {
        self.bytes.shrink_to(rounded_up(self.bytes.len()));
        self.outside.shrink_to(self.outside.len());
    }
}

impl Spot {
    /// The spot behind an element of this length or mark.
    #[inline]
    fn behind(self, length: u8) -> Spot {
        let (inline, outside) = if length == OUTSIDE { (0, 1) } else { (usize::from(length), 0) };
        Spot { index: self.index + 1, at: self.at + HEAD_BYTES + inline, outside: self.outside + outside }
    }
}

fn packed_bytes(member: &[u8]) -> usize {
    HEAD_BYTES + if member.len() <= INLINE_MAX { member.len() } else { 0 }
}

/// The next size that the allocator has a class for: four to each doubling. Asking for less would waste the rest.
fn rounded_up(bytes: usize) -> usize {
    let step = (bytes.max(2) - 1).ilog2().saturating_sub(2);
    bytes.next_multiple_of(1 << step.max(4))
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
        let (score, length) = self.leaf.head(self.spot.at)?;
        let member = self.leaf.member(self.spot, length);
        self.spot = self.spot.behind(length);
        Some((score, member))
    }
}

impl Block for Leaf {
    type Key = Key;
    /// The most bytes of a leaf.
    type Limit = usize;

    fn key(&self) -> Key {
        let (score, member) = self.element(Spot::default()).expect("not empty");
        Key::new(score, member)
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
        let len = self.bytes.len() + next.bytes.len();
        self.bytes.reserve_exact(rounded_up(len) - self.bytes.len());
        self.bytes.extend_from_slice(&next.bytes);
        self.outside.extend_from_slice(&next.outside);
        self.count += next.count;
    }
}
