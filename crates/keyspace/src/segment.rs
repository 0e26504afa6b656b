//! A segment: some hundreds of entries of one hash prefix, in 64-byte buckets of eight slots.
//!
//! The hash is read from the top: `depth` bits choose the segment, the next 18 (the *fraction*) the home bucket and,
//! with what remains of them, the tag. So home buckets lie in hash order, and slot and tag together give the whole
//! fraction back: growing, shrinking and merging touch no entry. Only a split needs one more bit and hashes the keys.
//!
//! An entry lies in its home bucket or in one of the next ones (cyclic), and then every bucket before it is full:
//! a lookup ends at the first bucket with room. Slots of a bucket are filled from the front.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use crate::entry::{Entry, EntryMut, EntryRef};
use crate::slot::{MAX_DISPLACEMENT, Slot, mark};

mod bucket;
mod prefetch;
mod rebuild;

pub(crate) use bucket::BUCKET_SLOTS;
use bucket::Bucket;
pub(crate) use prefetch::prefetch;
use rebuild::size_for;

/// Bits of the hash that are known of every entry without touching it.
pub(crate) const FRACTION_BITS: u32 = 18;
/// A segment grows when it is fuller than this, of 64.
const FULL_OF_64: usize = 55;
/// A segment shrinks when it is emptier than this, of 64.
const SPARSE_OF_64: usize = 24;

/// Where an entry lies in its segment. Valid until the segment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) bucket: u8,
    pub(crate) slot: u8,
}

/// A segment; owns its entries.
pub(crate) struct Segment {
    buckets: NonNull<Bucket>,
    len: u16,
    expires: u16,
    bucket_count: u8,
    depth: u8,
}

// SAFETY: a segment owns its buckets and entries, which are `Send`; shared access only reads.
unsafe impl Send for Segment {}
// SAFETY: as above.
unsafe impl Sync for Segment {}

impl Segment {
    /// An empty segment for a prefix of `depth` bits, of the smallest size that holds `expected` entries well.
    pub(crate) fn new(depth: u8, expected: usize) -> Segment {
        Segment::with_buckets(depth, size_for(expected))
    }

    fn with_buckets(depth: u8, bucket_count: u8) -> Segment {
        let layout = Segment::layout(bucket_count);
        // SAFETY: the layout is not empty; zero bytes are empty slots.
        let Some(buckets) = NonNull::new(unsafe { alloc_zeroed(layout) }.cast::<Bucket>()) else {
            handle_alloc_error(layout);
        };
        Segment { buckets, len: 0, expires: 0, bucket_count, depth }
    }

    fn layout(bucket_count: u8) -> Layout {
        Layout::array::<Bucket>(usize::from(bucket_count)).expect("64 buckets are small")
    }

    fn buckets(&self) -> &[Bucket] {
        // SAFETY: `bucket_count` initialised buckets are owned by `self`.
        unsafe { std::slice::from_raw_parts(self.buckets.as_ptr(), usize::from(self.bucket_count)) }
    }

    fn buckets_mut(&mut self) -> &mut [Bucket] {
        // SAFETY: as in `buckets`, and `self` is borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.buckets.as_ptr(), usize::from(self.bucket_count)) }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn expires(&self) -> usize {
        usize::from(self.expires)
    }

    pub(crate) fn depth(&self) -> u8 {
        self.depth
    }

    pub(crate) fn bucket_count(&self) -> usize {
        usize::from(self.bucket_count)
    }

    fn slots(&self) -> usize {
        self.bucket_count() * BUCKET_SLOTS
    }

    /// Whether another entry may be put in before the segment grows.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.len() * 64 < self.slots() * FULL_OF_64
    }

    /// Whether a smaller segment would do.
    pub(crate) fn is_sparse(&self) -> bool {
        self.len() * 64 < self.slots() * SPARSE_OF_64
    }

    /// The 18 bits of the hash after the prefix.
    #[inline]
    fn fraction(&self, hash: u64) -> u32 {
        ((hash << self.depth) >> (64 - FRACTION_BITS)) as u32
    }

    /// Home bucket and tag of a fraction.
    #[inline]
    fn aim(&self, fraction: u32) -> (usize, u32) {
        let count = u32::from(self.bucket_count);
        let scaled = fraction * count;
        let rest = scaled & ((1 << FRACTION_BITS) - 1);
        ((scaled >> FRACTION_BITS) as usize, rest >> count.ilog2())
    }

    /// The fraction of the entry in `slot`, which lies in `bucket`: the inverse of `aim`.
    fn fraction_of(&self, bucket: usize, slot: Slot) -> u32 {
        let count = u32::from(self.bucket_count);
        let home = self.home(bucket, slot.displacement()) as u32;
        ((home << FRACTION_BITS) + (slot.tag() << count.ilog2())).div_ceil(count)
    }

    fn home(&self, bucket: usize, displacement: usize) -> usize {
        if bucket >= displacement {
            bucket - displacement
        } else {
            bucket + self.bucket_count() - displacement
        }
    }

    fn after(&self, home: usize, displacement: usize) -> usize {
        let at = home + displacement;
        if at >= self.bucket_count() { at - self.bucket_count() } else { at }
    }

    /// The home bucket of a hash.
    pub(crate) fn home_of(&self, hash: u64) -> usize {
        self.aim(self.fraction(hash)).0
    }

    /// The first fraction whose home is `home` or a later one.
    pub(crate) fn first_fraction(&self, home: usize) -> u64 {
        ((home as u64) << FRACTION_BITS).div_ceil(u64::from(self.bucket_count))
    }

    /// Where `key` lies, and its entry.
    #[inline]
    pub(crate) fn find(&self, hash: u64, key: &[u8]) -> Option<(Spot, EntryRef<'_>)> {
        let (home, tag) = self.aim(self.fraction(hash));
        let buckets = self.buckets();
        for displacement in 0..=MAX_DISPLACEMENT {
            let at = self.after(home, displacement);
            let bucket = &buckets[at];
            for index in bucket.matches(mark(tag, displacement)) {
                let Some(pointer) = bucket.0[index].pointer() else { continue };
                // SAFETY: a taken slot of this segment holds a live entry, unchanged while `self` is borrowed.
                let entry = unsafe { EntryRef::from_pointer(pointer) };
                if entry.has_key(key) {
                    return Some((Spot { bucket: at as u8, slot: index as u8 }, entry));
                }
            }
            if !bucket.is_full() {
                return None;
            }
        }
        None
    }

    /// Where a key with this hash lies, whatever the key; `hash_of` tells the hash of a key.
    pub(crate) fn find_hash(&self, hash: u64, hash_of: &dyn Fn(&[u8]) -> u64) -> Option<Spot> {
        let (home, tag) = self.aim(self.fraction(hash));
        self.spots_at_home(home).find(|&spot| {
            let slot = self.buckets()[usize::from(spot.bucket)].0[usize::from(spot.slot)];
            slot.tag() == tag && hash_of(self.entry(spot).key()) == hash
        })
    }

    /// The entry at a spot that `find` (or a walk) has given.
    #[inline]
    pub(crate) fn entry(&self, spot: Spot) -> EntryRef<'_> {
        self.entry_at(usize::from(spot.bucket), usize::from(spot.slot)).expect("the spot is taken")
    }

    /// The entry in a slot, if it is taken.
    pub(crate) fn entry_at(&self, bucket: usize, slot: usize) -> Option<EntryRef<'_>> {
        let pointer = self.buckets().get(bucket)?.0.get(slot)?.pointer()?;
        // SAFETY: a taken slot of this segment holds a live entry, unchanged while `self` is borrowed.
        Some(unsafe { EntryRef::from_pointer(pointer) })
    }

    /// Whether the slot is taken by an entry with an expiry; touches no entry. `None` when the slot is empty.
    pub(crate) fn has_expiry_at(&self, bucket: usize, slot: usize) -> Option<bool> {
        let slot = self.buckets().get(bucket)?.0.get(slot)?;
        (!slot.is_empty()).then(|| slot.has_expiry())
    }

    /// Changes the entry at a spot; the count of expiries follows.
    #[inline]
    pub(crate) fn change<R>(&mut self, spot: Spot, change: impl FnOnce(&mut EntryMut<'_>) -> R) -> R {
        let slot = &mut self.buckets_mut()[usize::from(spot.bucket)].0[usize::from(spot.slot)];
        assert!(!slot.is_empty(), "the spot is taken");
        let before = slot.has_expiry();
        // SAFETY: a taken slot of this segment holds a live entry, and `self` is borrowed for writing.
        let outcome = change(&mut unsafe { EntryMut::from_slot(slot) });
        let after = slot.has_expiry();
        self.expires = self.expires + u16::from(after) - u16::from(before);
        outcome
    }

    /// The entry at a spot, its access clock set first.
    #[inline]
    pub(crate) fn touch(&mut self, spot: Spot, clock: u32) -> EntryRef<'_> {
        let mut entry = self.entry_mut(spot);
        entry.touch(clock);
        entry.into_view()
    }

    /// The entry at a spot, for changes after which it has an expiry or not as before.
    #[inline]
    pub(crate) fn entry_mut(&mut self, spot: Spot) -> EntryMut<'_> {
        let slot = &mut self.buckets_mut()[usize::from(spot.bucket)].0[usize::from(spot.slot)];
        assert!(!slot.is_empty(), "the spot is taken");
        // SAFETY: a taken slot of this segment holds a live entry, and `self` is borrowed for writing.
        unsafe { EntryMut::from_slot(slot) }
    }

    /// Puts in an entry whose key is not there; gives it back when there is no place near its home.
    pub(crate) fn insert(&mut self, hash: u64, entry: Entry) -> Result<(), Entry> {
        let has_expiry = entry.view().expire_at_ms().is_some();
        let Some((spot, mark)) = self.vacancy(self.fraction(hash)) else { return Err(entry) };
        let slot = Slot::new(entry.into_pointer(), has_expiry, mark);
        self.put(spot, slot);
        Ok(())
    }

    fn vacancy(&self, fraction: u32) -> Option<(Spot, u32)> {
        let (home, tag) = self.aim(fraction);
        (0..=MAX_DISPLACEMENT).find_map(|displacement| {
            let bucket = self.after(home, displacement);
            let slot = self.buckets()[bucket].taken();
            (slot < BUCKET_SLOTS)
                .then(|| (Spot { bucket: bucket as u8, slot: slot as u8 }, mark(tag, displacement)))
        })
    }

    fn put(&mut self, spot: Spot, slot: Slot) {
        self.buckets_mut()[usize::from(spot.bucket)].0[usize::from(spot.slot)] = slot;
        self.len += 1;
        self.expires += u16::from(slot.has_expiry());
    }

    /// Takes an entry out; later entries of a full run move towards their homes.
    pub(crate) fn remove(&mut self, spot: Spot) -> Entry {
        let (bucket, slot) = (usize::from(spot.bucket), usize::from(spot.slot));
        let removed = self.buckets()[bucket].0[slot];
        let pointer = removed.pointer().expect("the spot is taken");
        self.len -= 1;
        self.expires -= u16::from(removed.has_expiry());
        self.close(bucket, slot);
        // SAFETY: the slot, the only holder of the entry, has just been overwritten.
        unsafe { Entry::from_pointer(pointer) }
    }

    /// Fills a hole: from the end of its bucket, and if that was full from the run behind it.
    fn close(&mut self, bucket: usize, slot: usize) {
        let (mut hole_bucket, mut hole_slot) = (bucket, slot);
        loop {
            let slots = &mut self.buckets_mut()[hole_bucket];
            let taken = slots.taken();
            slots.0[hole_slot] = slots.0[taken - 1];
            slots.0[taken - 1] = Slot::EMPTY;
            if taken < BUCKET_SLOTS {
                return;
            }
            let Some((from, index, distance)) = self.first_to_move_back(hole_bucket) else { return };
            let moved = self.buckets()[from].0[index];
            let nearer = moved.with_mark(mark(moved.tag(), moved.displacement() - distance));
            self.buckets_mut()[hole_bucket].0[BUCKET_SLOTS - 1] = nearer;
            (hole_bucket, hole_slot) = (from, index);
        }
    }

    /// The nearest entry behind `bucket` that could lie in it: its bucket, slot and distance.
    fn first_to_move_back(&self, bucket: usize) -> Option<(usize, usize, usize)> {
        for distance in 1..=MAX_DISPLACEMENT {
            let at = self.after(bucket, distance);
            let slots = &self.buckets()[at].0;
            let movable = |slot: &Slot| !slot.is_empty() && slot.displacement() >= distance;
            if let Some(index) = slots.iter().position(movable) {
                return Some((at, index, distance));
            }
            if !self.buckets()[at].is_full() {
                return None;
            }
        }
        None
    }

    /// Every spot whose entry has its home in `home`.
    pub(crate) fn spots_at_home(&self, home: usize) -> impl Iterator<Item = Spot> + '_ {
        let mut open = true;
        let buckets = (0..=MAX_DISPLACEMENT).map_while(move |displacement| {
            let at = self.after(home, displacement);
            let go = open;
            open = open && self.buckets()[at].is_full();
            go.then_some((at, displacement))
        });
        buckets.flat_map(move |(at, displacement)| {
            let slots = self.buckets()[at].0.iter().enumerate();
            slots
                .filter(move |(_, slot)| !slot.is_empty() && slot.displacement() == displacement)
                .map(move |(index, _)| Spot { bucket: at as u8, slot: index as u8 })
        })
    }

    fn taken(&self) -> impl Iterator<Item = (usize, Slot)> + '_ {
        let buckets = self.buckets().iter().enumerate();
        let slots = buckets.flat_map(|(at, bucket)| bucket.0.iter().map(move |slot| (at, *slot)));
        slots.filter(|(_, slot)| !slot.is_empty())
    }

    /// Forgets the entries, which another segment holds; only to be dropped or overwritten afterwards.
    fn disown(&mut self) {
        self.len = 0;
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.len > 0 {
            for pointer in self.taken().filter_map(|(_, slot)| slot.pointer()) {
                // SAFETY: a taken slot holds a live entry, which goes with its segment.
                drop(unsafe { Entry::from_pointer(pointer) });
            }
        }
        // SAFETY: allocated with this layout, and nothing refers to it any more.
        unsafe { dealloc(self.buckets.as_ptr().cast(), Segment::layout(self.bucket_count)) };
    }
}

#[cfg(test)]
mod tests;
