//! Splitting and merging segments: entries are copied in the order of their hashes, long texts are shared.
//!
//! Both halves of a split know a bit less of their hashes, what was merged a bit more.

use super::arena::{Arena, MAX_ARENA_BYTES};
use super::outside::Outside;
use super::record::{Record, Text};
use super::segment::{FRACTION_BITS, MAX_ENTRIES, Segment, Slot, fraction, known_mask};
use crate::{directory, room, seed};

/// Slots that know fewer bits of their hashes get all of them at the next split: of 256 entries, one in eight then shares its
/// own with another.
const LEAST_KNOWN_BITS: u8 = 11;
/// Neighbours that together fill less than this of 64 become one.
const MERGED_OF_64: usize = 28;

impl<const VALUES: bool> Segment<VALUES> {
    fn with_room(depth: u8, entries: usize, arena_bytes: usize) -> Segment<VALUES> {
        Segment {
            depth,
            known_bits: FRACTION_BITS,
            slots: room::roomy(entries),
            arena: Arena::with_room(arena_bytes),
            outside: Outside::default(),
        }
    }

    /// Adds a copy of another segment's entry at the end.
    fn adopt(&mut self, from: &Segment<VALUES>, slot: Slot, fraction: u16) {
        let (record, length) = from.record(slot);
        let offset = if record.key.number().is_none() && record.value.number().is_none() {
            self.arena.append(&[&from.arena.at(slot.offset())[..length]])
        } else {
            let (key, value) = (self.share(from, record.key), self.share(from, record.value));
            self.append(&Record { key, value, expire_at_ms: record.expire_at_ms })
        };
        self.slots.push(Slot::new(fraction, offset));
    }

    /// A segment one bit deeper, of those entries whose hashes go on alike.
    fn half(&self, slots: &[Slot]) -> Segment<VALUES> {
        let bytes = slots.iter().map(|slot| self.record(*slot).1).sum();
        let mut half = Segment::with_room(self.depth + 1, slots.len(), bytes);
        if self.known_bits > LEAST_KNOWN_BITS {
            half.known_bits = self.known_bits - 1;
            slots.iter().for_each(|slot| half.adopt(self, *slot, slot.fraction() << 1));
        } else {
            for &slot in slots {
                let hash = seed::hash(self.text(self.record(slot).0.key));
                half.adopt(self, slot, fraction(hash, half.depth, half.known_bits));
            }
            half.slots.sort_by_key(|slot| slot.fraction());
        }
        half
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
        let middle = self.lower_bound(1 << 15);
        (self.half(&self.slots[..middle]), self.half(&self.slots[middle..]))
    }

    fn can_merge(&self, upper: &Segment<VALUES>) -> bool {
        (self.len() + upper.len()) * 64 < MAX_ENTRIES * MERGED_OF_64
            && (self.arena.len() + upper.arena.len()) * 64 < MAX_ARENA_BYTES * MERGED_OF_64
    }

    fn merge(&self, upper: &Segment<VALUES>) -> Segment<VALUES> {
        let (entries, bytes) = (self.len() + upper.len(), self.arena.len() + upper.arena.len());
        let mut merged = Segment::with_room(self.depth - 1, entries, bytes);
        merged.known_bits = (self.known_bits.min(upper.known_bits) + 1).min(FRACTION_BITS);
        for (half, first_bit) in [(self, 0), (upper, 1 << 15)] {
            for &slot in &half.slots {
                let fraction = slot.fraction() >> 1 | first_bit;
                merged.adopt(half, slot, fraction & known_mask(merged.known_bits));
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
