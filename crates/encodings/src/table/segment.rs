//! A segment of a table: some hundred entries packed in an arena, with a slot of four bytes for each.
//!
//! Slots are sorted by the 16 bits of the hash that follow those which chose the segment. Hashes are spread evenly, so a
//! search begins where the entry should be and is off by a few slots. No slot is left unused but for the room at their end.
//! A split uses one of the 16 bits up, and the slots get along with those that are left; only when they are few
//! are the keys hashed again.

use super::Entry;
use super::arena::{Arena, MAX_ARENA_BYTES};
use super::outside::Outside;
use super::record::{MAX_RECORD, Record, Text};
use crate::{room, search};

/// A segment with so many entries is split.
pub(super) const MAX_ENTRIES: usize = if cfg!(test) { 16 } else { 256 };

/// Sixteen bits of the hash, and the offset of the record in the arena.
#[derive(Clone, Copy)]
pub(super) struct Slot(u32);

impl Slot {
    pub(super) fn new(fraction: u16, offset: usize) -> Slot {
        let offset = u16::try_from(offset).expect("an arena is far smaller than 64 KiB");
        Slot(u32::from(fraction) << 16 | u32::from(offset))
    }

    #[inline]
    pub(super) fn fraction(self) -> u16 {
        (self.0 >> 16) as u16
    }

    #[inline]
    pub(super) fn offset(self) -> usize {
        usize::from(self.0 as u16)
    }
}

/// Bits of a fraction.
pub(super) const FRACTION_BITS: u8 = 16;

/// The bits of a hash that order the entries of a segment `depth` bits deep, as many of them as are known of all
/// entries; the others are 0.
#[inline]
pub(super) fn fraction(hash: u64, depth: u8, known_bits: u8) -> u16 {
    ((hash << depth) >> 48) as u16 & known_mask(known_bits)
}

/// The bits of a fraction that are known, at least one.
#[inline]
pub(super) fn known_mask(known_bits: u8) -> u16 {
    u16::MAX << (FRACTION_BITS - known_bits)
}

/// Some entries whose hashes begin alike.
pub(super) struct Segment<const VALUES: bool> {
    pub(super) depth: u8,
    /// How many bits of the slots' fractions are known.
    pub(super) known_bits: u8,
    pub(super) slots: Vec<Slot>,
    pub(super) arena: Arena,
    pub(super) outside: Outside,
}

impl<const VALUES: bool> Clone for Segment<VALUES> {
    fn clone(&self) -> Segment<VALUES> {
        let Segment { depth, known_bits, .. } = *self;
        let slots = room::copy(&self.slots);
        Segment { depth, known_bits, slots, arena: self.arena.clone(), outside: self.outside.clone() }
    }
}

impl<const VALUES: bool> Segment<VALUES> {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether so little is left that a neighbour may take it in.
    pub(super) fn is_sparse(&self) -> bool {
        self.slots.len() * 3 < MAX_ENTRIES && self.arena.len() * 3 < MAX_ARENA_BYTES
    }

    /// Whether a record of `bytes` may be added, or take the place of the one at `replaced`.
    pub(super) fn has_room(&self, bytes: usize, replaced: Option<usize>) -> bool {
        let entries = self.slots.len() + usize::from(replaced.is_none());
        entries <= MAX_ENTRIES && self.arena.has_room(bytes)
    }

    /// The first slot that is not before a fraction.
    #[inline]
    pub(super) fn lower_bound(&self, fraction: u16) -> usize {
        let len = self.slots.len();
        search::lower_bound((usize::from(fraction) * len) >> 16, len, |at| {
            self.slots[at].fraction() < fraction
        })
    }

    /// The fraction of a hash, as a slot has it here.
    #[inline]
    pub(super) fn fraction(&self, hash: u64) -> u16 {
        fraction(hash, self.depth, self.known_bits)
    }

    /// The slot of a key.
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let fraction = self.fraction(hash);
        let first = self.lower_bound(fraction);
        let alike = self.slots[first..].iter().take_while(|slot| slot.fraction() == fraction);
        Some(first + alike.enumerate().find(|(_, slot)| self.text(self.record(**slot).0.key) == key)?.0)
    }

    /// The record of a slot, and its length.
    #[inline]
    pub(super) fn record(&self, slot: Slot) -> (Record<'_>, usize) {
        Record::read::<VALUES>(self.arena.at(slot.offset()))
    }

    #[inline]
    pub(super) fn text<'a>(&'a self, text: Text<'a>) -> &'a [u8] {
        match text {
            Text::Inside(bytes) => bytes,
            Text::Outside(number) => self.outside.get(number),
        }
    }

    /// The entry of a slot.
    #[inline]
    pub(super) fn entry(&self, at: usize) -> Entry<'_> {
        let record = self.record(self.slots[at]).0;
        Entry {
            key: self.text(record.key),
            value: self.text(record.value),
            expire_at_ms: record.expire_at_ms,
        }
    }

    /// Adds an entry whose key is not there.
    pub(super) fn insert(&mut self, hash: u64, key: &[u8], value: &[u8], expire_at_ms: Option<i64>) {
        let fraction = self.fraction(hash);
        let at = self.lower_bound(fraction);
        let (key, value) = (self.outside.keep(key), self.outside.keep(value));
        let offset = self.append(&Record { key, value, expire_at_ms });
        room::double_room(&mut self.slots, 1);
        self.slots.insert(at, Slot::new(fraction, offset));
    }

    /// Writes a record behind the others; returns its offset.
    pub(super) fn append(&mut self, record: &Record<'_>) -> usize {
        let (head, length) = record.head::<VALUES>();
        self.arena.append(&[&head[..length], record.key.inside(), record.value.inside()])
    }

    /// Gives an entry another value and expiry.
    pub(super) fn replace(&mut self, at: usize, value: &[u8], expire_at_ms: Option<i64>) {
        if let Some(number) = self.record(self.slots[at]).0.value.number() {
            self.outside.remove(number);
        }
        let value = self.outside.keep(value);
        self.rewrite(at, Some(value), expire_at_ms);
    }

    /// Gives an entry another expiry.
    pub(super) fn set_expiry(&mut self, at: usize, expire_at_ms: Option<i64>) {
        self.rewrite(at, None, expire_at_ms);
    }

    fn rewrite(&mut self, at: usize, value: Option<Text<'_>>, expire_at_ms: Option<i64>) {
        let slot = self.slots[at];
        let (old, old_length) = self.record(slot);
        let new = Record { key: old.key, value: value.unwrap_or(old.value), expire_at_ms };
        let mut bytes = [0; MAX_RECORD];
        let length = new.write::<VALUES>(&mut bytes);
        if length == old_length {
            self.arena.at_mut(slot.offset())[..length].copy_from_slice(&bytes[..length]);
        } else {
            self.close_gap(slot.offset(), old_length);
            let offset = self.arena.append(&[&bytes[..length]]);
            self.slots[at] = Slot::new(slot.fraction(), offset);
        }
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, at: usize) {
        let slot = self.slots.remove(at);
        let (record, length) = self.record(slot);
        let numbers = [record.key.number(), record.value.number()];
        numbers.into_iter().flatten().for_each(|number| self.outside.remove(number));
        self.close_gap(slot.offset(), length);
        self.arena.give_back();
        room::give_back(&mut self.slots);
    }

    /// Takes a record out; the slots of those that moved into its place follow them.
    fn close_gap(&mut self, offset: usize, length: usize) {
        let end = self.arena.remove(offset, length);
        for slot in &mut self.slots {
            let moved = if slot.offset() > offset && slot.offset() < end { length as u32 } else { 0 };
            slot.0 -= moved;
        }
    }
}
