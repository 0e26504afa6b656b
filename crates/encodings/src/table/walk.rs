//! SCAN, random entries and walks over a table.
//!
//! A cursor is a position in the order of hashes: their first 48 bits. Splits and merges keep the order, so an entry that
//! is there from the first call to the last is visited at least once.

use super::segment::{MAX_ENTRIES, Segment};
use super::{Entry, Table};
use crate::directory::{Segment as _, behind};

/// Bits of a hash that a cursor leaves out.
const UNSEEN_BITS: u32 = 16;
/// Segments that one call may look at for each entry that it was asked for.
const SEGMENTS_PER_ENTRY: usize = 10;
/// Random picks before any entry will do.
const RANDOM_TRIES: usize = 200;

impl<const VALUES: bool> Table<VALUES> {
    /// Visits about `count` entries from `cursor` on, which is 0 or what the last call returned; returns the next cursor, 0
    /// at the end. A cursor of another table or process does no harm.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Entry<'_>)) -> u64 {
        let count = count.max(1);
        let mut next = (cursor >> (64 - UNSEEN_BITS) == 0).then_some(cursor << UNSEEN_BITS);
        let (mut seen, mut segments) = (0, 0);
        while let Some(hash) = next
            && seen < count
            && segments < count.saturating_mul(SEGMENTS_PER_ENTRY)
        {
            let Some(segment) = self.directory.segment(hash) else { return 0 };
            next = segment.visit(hash, count - seen, &mut |entry| {
                seen += 1;
                visit(entry);
            });
            segments += 1;
        }
        next.map_or(0, |hash| hash >> UNSEEN_BITS)
    }

    /// The entries in the order of their hashes.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> + Clone + '_ {
        let segments = self.directory.segments_from(0);
        segments.flat_map(|segment| (0..segment.len()).map(|at| segment.entry(at)))
    }

    /// An entry by chance, each as likely as another.
    pub fn random(&self, random: &mut fastrand::Rng) -> Option<Entry<'_>> {
        let segments = self.directory.segments();
        // A segment at random, then a slot of about as many as the fullest has: if it is empty, once more.
        let most =
            if segments == 1 { self.len } else { MAX_ENTRIES.min(2 * self.len / segments.max(1) + 16) };
        for _ in 0..RANDOM_TRIES {
            let segment = self.directory.random_segment(random)?;
            let at = random.usize(..most.max(segment.len()).max(1));
            if at < segment.len() {
                return Some(segment.entry(at));
            }
        }
        let start = random.u64(..);
        let mut segments = self.directory.segments_from(start).chain(self.directory.segments_from(0));
        let segment = segments.find(|segment| segment.len() > 0)?;
        Some(segment.entry(random.usize(..segment.len())))
    }
}

impl<const VALUES: bool> Segment<VALUES> {
    /// Visits entries from `hash` on, at least `count` unless there are fewer, and all whose place in order is the same;
    /// returns the hash to go on from.
    pub(super) fn visit(&self, hash: u64, count: usize, visit: &mut dyn FnMut(Entry<'_>)) -> Option<u64> {
        let first = self.lower_bound(self.fraction(hash));
        let mut last = None;
        for (seen, slot) in self.slots[first..].iter().enumerate() {
            if seen >= count && last != Some(slot.fraction()) {
                let start = hash & !(u64::MAX >> self.depth);
                return Some(start | u64::from(slot.fraction()) << (48 - self.depth));
            }
            last = Some(slot.fraction());
            visit(self.entry(first + seen));
        }
        behind(hash, self.depth())
    }
}
