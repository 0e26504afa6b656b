//! Splitting and merging segments: entries are copied in the order of their hashes, long texts are shared.

use super::arena::{Arena, MAX_ARENA_BYTES};
use super::outside::Outside;
use super::record::{Record, Text};
use super::segment::{MAX_ENTRIES, Segment, Slot, fraction};
use crate::{directory, room, seed};

/// Neighbours that together fill less than this of 64 become one.
const MERGED_OF_64: usize = 28;

impl<const VALUES: bool> Segment<VALUES> {
    fn with_room(depth: u8, entries: usize, arena_bytes: usize) -> Segment<VALUES> {
        Segment {
            depth,
            slots: room::roomy(entries),
            arena: Arena::with_room(arena_bytes),
            outside: Outside::default(),
        }
    }

    /// Adds a copy of another segment's entry at the end.
    fn adopt(&mut self, from: &Segment<VALUES>, slot: Slot, fraction: u16) {
        let (record, length) = from.record(slot);
        let offset = if record.key.number().is_none() && record.value.number().is_none() {
            self.arena.append(&from.arena.from(slot.offset())[..length])
        } else {
            let (key, value) = (self.share(from, record.key), self.share(from, record.value));
            self.append(&Record { key, value, expire_at_ms: record.expire_at_ms })
        };
        self.slots.push(Slot::new(fraction, offset));
    }

    fn share<'a>(&mut self, from: &Segment<VALUES>, text: Text<'a>) -> Text<'a> {
        match text {
            Text::Inside(_) => text,
            Text::Outside(number) => Text::Outside(self.outside.put(from.outside.blob(number).clone())),
        }
    }
}

impl<const VALUES: bool> directory::Segment for Segment<VALUES> {
    fn new(depth: u8) -> Segment<VALUES> {
        Segment::with_room(depth, 0, 0)
    }

    fn depth(&self) -> u8 {
        self.depth
    }

    fn split(&self) -> (Segment<VALUES>, Segment<VALUES>) {
        let depth = self.depth + 1;
        let middle = self.lower_bound(1 << 15);
        let half = |slots: &[Slot]| {
            let records = slots.iter().map(|slot| self.record(*slot));
            let bytes = records.map(|(_, length)| length).sum();
            let mut half = Segment::with_room(depth, slots.len(), bytes);
            for &slot in slots {
                // One more bit of the hash is needed, which no slot holds.
                let hash = seed::hash(self.text(self.record(slot).0.key));
                half.adopt(self, slot, fraction(hash, depth));
            }
            half.slots.sort_by_key(|slot| slot.fraction());
            half
        };
        (half(&self.slots[..middle]), half(&self.slots[middle..]))
    }

    fn can_merge(&self, upper: &Segment<VALUES>) -> bool {
        (self.len() + upper.len()) * 64 < MAX_ENTRIES * MERGED_OF_64
            && (self.arena.len() + upper.arena.len()) * 64 < MAX_ARENA_BYTES * MERGED_OF_64
    }

    fn merge(&self, upper: &Segment<VALUES>) -> Segment<VALUES> {
        let (entries, bytes) = (self.len() + upper.len(), self.arena.len() + upper.arena.len());
        let mut merged = Segment::with_room(self.depth - 1, entries, bytes);
        for (half, first_bit) in [(self, 0), (upper, 1 << 15)] {
            for &slot in &half.slots {
                merged.adopt(half, slot, slot.fraction() >> 1 | first_bit);
            }
        }
        merged
    }

    fn allocated_bytes(&self) -> usize {
        let own = size_of::<usize>() + size_of::<Segment<VALUES>>();
        own + self.slots.capacity() * size_of::<Slot>()
            + self.arena.allocated_bytes()
            + self.outside.allocated_bytes()
    }
}
