//! Giving a segment another size, parting it, and merging two.

use super::bucket::BUCKET_SLOTS;
use super::{FRACTION_BITS, Segment, Spot, prefetch};
use crate::entry::EntryRef;
use crate::slot::{MAX_DISPLACEMENT, Slot, TAG_BITS, mark};

/// Bucket counts a segment steps through, about 25 % apart; also size classes of the allocator.
const SIZES: [u8; 8] = [16, 20, 24, 28, 32, 40, 48, MAX_BUCKETS];
const MAX_BUCKETS: u8 = 64;
/// A segment is rebuilt to be at most this full, of 64.
const REBUILT_OF_64: usize = 48;

const _: () =
    assert!(1 << (FRACTION_BITS - TAG_BITS) <= SIZES[0] as usize, "a tag holds what the home leaves");

impl Segment {
    /// Grows by a step; false when the segment has its greatest size and must be split.
    pub(crate) fn grow(&mut self) -> bool {
        SIZES.iter().any(|&size| size > self.bucket_count && self.resize(size))
    }

    /// Shrinks to the size that suits its entries.
    pub(crate) fn shrink(&mut self) {
        let size = size_for(self.len());
        if size < self.bucket_count {
            self.resize(size);
        }
    }

    fn resize(&mut self, bucket_count: u8) -> bool {
        let mut resized = Rebuild::new(self.depth, bucket_count);
        let fits = self.taken().all(|(at, slot)| resized.place(self.fraction_of(at, slot), slot));
        resized.finish(fits).map(|segment| self.become_segment(segment)).is_some()
    }

    /// Parts the entries by the next bit of their hash, which `hash_of` gives; `self` keeps the lower half.
    pub(crate) fn split(&mut self, hash_of: &dyn Fn(&[u8]) -> u64) -> Segment {
        self.taken().filter_map(|(_, slot)| slot.pointer()).for_each(prefetch);
        let hashes: Vec<u64> = self
            .taken()
            .filter_map(|(_, slot)| slot.pointer())
            // SAFETY: a taken slot of this segment holds a live entry, unchanged while `self` is borrowed.
            .map(|pointer| hash_of(unsafe { EntryRef::from_pointer(pointer) }.key()))
            .collect();
        let upper_len = hashes.iter().filter(|hash| self.is_upper(**hash)).count();
        let (mut low, mut high) = (size_for(self.len() - upper_len), size_for(upper_len));
        loop {
            if let Some((lower, upper)) = self.parted(&hashes, low, high) {
                self.become_segment(lower);
                return upper;
            }
            assert!(low < MAX_BUCKETS || high < MAX_BUCKETS, "a keyed hash does not crowd one bucket");
            (low, high) = (next_size(low), next_size(high));
        }
    }

    fn is_upper(&self, hash: u64) -> bool {
        hash << self.depth >> 63 == 1
    }

    fn parted(&self, hashes: &[u64], low: u8, high: u8) -> Option<(Segment, Segment)> {
        let depth = self.depth + 1;
        let mut halves = [Rebuild::new(depth, low), Rebuild::new(depth, high)];
        let fits = self.taken().zip(hashes).all(|((_, slot), &hash)| {
            let half = &mut halves[usize::from(self.is_upper(hash))];
            half.place(half.segment.fraction(hash), slot)
        });
        let [lower, upper] = halves.map(|half| half.finish(fits));
        lower.zip(upper)
    }

    /// Takes in the entries of the other half of the prefix; false (and nothing changed) when they do not fit.
    pub(crate) fn merge(&mut self, other: &mut Segment, other_is_upper: bool) -> bool {
        let top = 1 << (FRACTION_BITS - 1);
        let mut merged = Rebuild::new(self.depth - 1, size_for(self.len() + other.len()));
        let (own, others) = if other_is_upper { (0, top) } else { (top, 0) };
        let fits = self.taken().all(|(at, slot)| merged.place(own | self.fraction_of(at, slot) >> 1, slot))
            && other.taken().all(|(at, slot)| merged.place(others | other.fraction_of(at, slot) >> 1, slot));
        let Some(merged) = merged.finish(fits) else { return false };
        self.become_segment(merged);
        other.disown();
        true
    }

    /// Takes the place of `self`, whose entries it holds.
    fn become_segment(&mut self, rebuilt: Segment) {
        self.disown();
        *self = rebuilt;
    }
}

/// A segment being filled with entries that another one still holds. It counts what lies in each bucket by itself.
struct Rebuild {
    segment: Segment,
    taken: [u8; MAX_BUCKETS as usize],
}

impl Rebuild {
    fn new(depth: u8, bucket_count: u8) -> Rebuild {
        Rebuild { segment: Segment::with_buckets(depth, bucket_count), taken: [0; MAX_BUCKETS as usize] }
    }

    #[inline]
    fn place(&mut self, fraction: u32, slot: Slot) -> bool {
        let (home, tag) = self.segment.aim(fraction);
        for displacement in 0..=MAX_DISPLACEMENT {
            let bucket = self.segment.after(home, displacement);
            let taken = &mut self.taken[bucket];
            if usize::from(*taken) < BUCKET_SLOTS {
                let spot = Spot { bucket: bucket as u8, slot: *taken };
                *taken += 1;
                self.segment.put(spot, slot.with_mark(mark(tag, displacement)));
                return true;
            }
        }
        false
    }

    /// The segment if every entry found its place.
    fn finish(mut self, fits: bool) -> Option<Segment> {
        if !fits {
            self.segment.disown();
        }
        fits.then_some(self.segment)
    }
}

/// The smallest size that so many entries fill well.
pub(super) fn size_for(entries: usize) -> u8 {
    let fits = |size: &u8| entries * 64 <= usize::from(*size) * BUCKET_SLOTS * REBUILT_OF_64;
    SIZES.into_iter().find(fits).unwrap_or(MAX_BUCKETS)
}

fn next_size(size: u8) -> u8 {
    SIZES.into_iter().find(|next| *next > size).unwrap_or(MAX_BUCKETS)
}
