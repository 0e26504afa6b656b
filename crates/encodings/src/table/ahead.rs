//! A lookup in steps: each names the memory that the next one reads, so that it can be fetched for many lookups at once.

use std::ptr::NonNull;

use super::Table;
use super::segment::Segment;
use crate::seed;

/// How far a lookup is.
pub struct Ahead<'a, const VALUES: bool> {
    segment: &'a Segment<VALUES>,
    hash: u64,
    has_slots: bool,
}

impl<const VALUES: bool> Table<VALUES> {
    /// Begins a lookup: `fetch` gets what its first step reads. None in an empty table.
    #[inline]
    pub fn look_ahead(&self, key: &[u8], fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'_, VALUES>> {
        let hash = seed::hash(key);
        let segment = self.directory.segment(hash)?;
        segment.lines().for_each(fetch);
        Some(Ahead { segment, hash, has_slots: false })
    }
}

impl<const VALUES: bool> Ahead<'_, VALUES> {
    /// Goes on; none when there is nothing more to name.
    #[inline]
    pub fn step(self, fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Self> {
        if !self.has_slots {
            self.segment.lines_of_slots(self.hash).for_each(fetch);
            return Some(Ahead { has_slots: true, ..self });
        }
        self.segment.lines_of_record(self.hash).for_each(fetch);
        None
    }
}

impl<const VALUES: bool> Segment<VALUES> {
    /// Where the segment itself lies: some lines.
    fn lines(&self) -> impl Iterator<Item = NonNull<u8>> {
        [
            NonNull::from(&self.depth).cast(),
            NonNull::from(&self.arena).cast(),
            NonNull::from(&self.outside).cast(),
        ]
        .into_iter()
    }

    /// The slots among which that of a hash is likely to be.
    fn lines_of_slots(&self, hash: u64) -> impl Iterator<Item = NonNull<u8>> {
        let guess = (usize::from(self.fraction(hash)) * self.slots.len()) >> 16;
        let near = [guess.saturating_sub(4), guess + 8].map(|at| self.slots.get(at));
        near.into_iter().flatten().map(|slot| NonNull::from(slot).cast())
    }

    /// The record of the first slot of a hash.
    fn lines_of_record(&self, hash: u64) -> impl Iterator<Item = NonNull<u8>> {
        let fraction = self.fraction(hash);
        let slot = self.slots.get(self.lower_bound(fraction)).filter(|slot| slot.fraction() == fraction);
        let record = slot.and_then(|slot| self.arena.at(slot.offset()).first());
        record.into_iter().map(NonNull::from)
    }
}
