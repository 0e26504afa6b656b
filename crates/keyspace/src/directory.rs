//! The table of one database: hash prefix -> chunk -> segment -> entry, growing and shrinking by segments.
//!
//! Two levels of extendible hashing. The top has a place for every few hundred thousand keys, so doubling it is
//! cheap at any size; what an insert may have to do is split one segment and, rarely, part one chunk.

use std::ptr::NonNull;

use crate::chunk::{Chunk, Growth};
use datatypes::collection::Collection;

use crate::entry::{Entry, EntryMut, EntryRef, Stamp};
use crate::segment::{FRACTION_BITS, Segment, Spot, prefetch};

/// Positions in hash order are the top 48 bits of the hash.
pub(crate) const POSITION_BITS: u32 = 48;
/// One past the last position.
pub(crate) const END: u64 = 1 << POSITION_BITS;
/// The most entries per segment that `reserve` plans with.
const RESERVED_PER_SEGMENT: u64 = 340;

/// Where an entry lies. Valid until the directory changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    chunk: u32,
    segment: u16,
    spot: Spot,
}

/// All entries of a database.
#[derive(Default)]
pub(crate) struct Directory {
    top_bits: u8,
    top: Vec<u32>,
    chunks: Vec<Chunk>,
    len: usize,
    expires: usize,
}

fn hash_at(position: u64) -> u64 {
    position << (64 - POSITION_BITS)
}

impl Directory {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn expires(&self) -> usize {
        self.expires
    }

    #[inline]
    fn top_place(&self, hash: u64) -> usize {
        (hash >> 1 >> (63 - self.top_bits)) as usize
    }

    #[inline]
    fn locate(&self, hash: u64) -> Option<(usize, usize)> {
        let chunk = *self.top.get(self.top_place(hash))? as usize;
        Some((chunk, self.chunks[chunk].segment_of(hash)))
    }

    #[inline]
    fn segment(&self, hash: u64) -> Option<&Segment> {
        let (chunk, segment) = self.locate(hash)?;
        Some(&self.chunks[chunk].segments[segment])
    }

    fn segment_mut(&mut self, place: Place) -> &mut Segment {
        &mut self.chunks[place.chunk as usize].segments[usize::from(place.segment)]
    }

    /// Where `key` lies.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, key: &[u8]) -> Option<Place> {
        self.find_entry(hash, key).map(|(place, _)| place)
    }

    /// Where `key` lies, and its entry.
    #[inline(always)]
    pub(crate) fn find_entry(&self, hash: u64, key: &[u8]) -> Option<(Place, EntryRef<'_>)> {
        let (chunk, segment) = self.locate(hash)?;
        let (spot, entry) = self.chunks[chunk].segments[segment].find(hash, key)?;
        Some((Place { chunk: chunk as u32, segment: segment as u16, spot }, entry))
    }

    /// Where a key with this hash lies, whatever the key; `hash_of` tells the hash of a key.
    pub(crate) fn find_hash(&self, hash: u64, hash_of: &dyn Fn(&[u8]) -> u64) -> Option<Place> {
        let (chunk, segment) = self.locate(hash)?;
        let spot = self.chunks[chunk].segments[segment].find_hash(hash, hash_of)?;
        Some(Place { chunk: chunk as u32, segment: segment as u16, spot })
    }

    #[inline]
    pub(crate) fn entry(&self, place: Place) -> EntryRef<'_> {
        self.chunks[place.chunk as usize].segments[usize::from(place.segment)].entry(place.spot)
    }

    /// The entry at a place, its access clock set first.
    #[inline(always)]
    pub(crate) fn touch(&mut self, place: Place, clock: u32) -> EntryRef<'_> {
        self.segment_mut(place).touch(place.spot, clock)
    }

    /// Overwrites a string in its allocation; false when that does not suit the new value and expiry.
    #[inline]
    pub(crate) fn overwrite_string(
        &mut self,
        place: Place,
        value: &[u8],
        expire_at_ms: Option<i64>,
        stamp: Stamp,
    ) -> bool {
        self.segment_mut(place).entry_mut(place.spot).overwrite_string(value, expire_at_ms, stamp)
    }

    /// The collection at a place, to be changed; none if the value is of another type.
    pub(crate) fn collection_mut<T: Collection>(&mut self, place: Place) -> Option<&mut T> {
        self.segment_mut(place).entry_mut(place.spot).into_collection()
    }

    /// The bytes of the string at a place, to be changed; none if the value is of another type.
    pub(crate) fn string_mut(&mut self, place: Place) -> Option<&mut [u8]> {
        self.segment_mut(place).entry_mut(place.spot).into_string()
    }

    /// Changes an entry where it lies.
    #[inline]
    pub(crate) fn change<R>(&mut self, place: Place, change: impl FnOnce(&mut EntryMut<'_>) -> R) -> R {
        let segment = self.segment_mut(place);
        let before = segment.expires();
        let outcome = segment.change(place.spot, change);
        let after = segment.expires();
        self.expires = self.expires + after - before;
        outcome
    }

    /// Puts in an entry whose key is not there.
    pub(crate) fn insert(&mut self, hash: u64, entry: Entry, hash_of: &dyn Fn(&[u8]) -> u64) {
        if self.top.is_empty() {
            self.top.push(0);
            self.chunks.push(Chunk::new(0, 0, 0));
        }
        self.expires += usize::from(entry.view().expire_at_ms().is_some());
        self.len += 1;
        let mut entry = entry;
        loop {
            let (chunk, number) = self.locate(hash).expect("the top is not empty");
            let segment = &mut self.chunks[chunk].segments[number];
            if segment.has_room() {
                match segment.insert(hash, entry) {
                    Ok(()) => return,
                    Err(refused) => entry = refused,
                }
            }
            if self.chunks[chunk].grow(hash, hash_of) == Growth::PartFirst {
                self.part(hash, chunk);
            }
        }
    }

    fn part(&mut self, hash: u64, chunk: usize) {
        if self.chunks[chunk].prefix_bits == self.top_bits {
            self.top = self.top.iter().flat_map(|&chunk| [chunk, chunk]).collect();
            self.top_bits += 1;
        }
        let upper = self.chunks[chunk].part();
        let places = 1 << (self.top_bits - upper.prefix_bits);
        let first = (self.top_place(hash) & !(2 * places - 1)) + places;
        self.top[first..first + places].fill(self.chunks.len() as u32);
        self.chunks.push(upper);
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, hash: u64, place: Place) -> Entry {
        let entry = self.remove_only(place);
        let segment = self.segment_mut(place);
        // Merging looks at the neighbour too: not at every single removal.
        if (segment.is_sparse() || segment.len() < 96) && segment.len().is_multiple_of(8) {
            self.shrink(hash);
        }
        entry
    }

    /// Takes an entry out and leaves the segments as they are: whoever walks them calls `shrink_at` afterwards.
    pub(crate) fn remove_only(&mut self, place: Place) -> Entry {
        let entry = self.segment_mut(place).remove(place.spot);
        self.len -= 1;
        self.expires -= usize::from(entry.view().expire_at_ms().is_some());
        entry
    }

    /// Shrinks what mass removal has left around a position.
    pub(crate) fn shrink_at(&mut self, position: u64) {
        self.shrink(hash_at(position));
    }

    fn shrink(&mut self, hash: u64) {
        if self.len == 0 {
            *self = Directory::default();
            return;
        }
        let Some((chunk, _)) = self.locate(hash) else { return };
        self.chunks[chunk].shrink(hash);
        if self.chunks.len() > 1 && self.chunks[chunk].segments.len() * 8 < 1 << Chunk::MAX_INDEX_BITS {
            self.join_chunks(hash, chunk);
        }
    }

    fn join_chunks(&mut self, hash: u64, chunk: usize) {
        let prefix_bits = self.chunks[chunk].prefix_bits;
        let places = 1usize << (self.top_bits - prefix_bits);
        let first = self.top_place(hash) & !(2 * places - 1);
        let (low, high) = (self.top[first] as usize, self.top[first + places] as usize);
        if low == high || !self.chunks[low].can_join(&self.chunks[high]) {
            return;
        }
        let moved = self.chunks.len() - 1;
        let upper = self.chunks.swap_remove(high);
        for place in self.top.iter_mut() {
            if *place as usize == high {
                *place = low as u32;
            }
            if *place as usize == moved {
                *place = high as u32;
            }
        }
        let low = if low == moved { high } else { low };
        self.chunks[low].join(upper);
        while self.top_bits > 0 && self.chunks.iter().all(|chunk| chunk.prefix_bits < self.top_bits) {
            self.top = self.top.iter().copied().step_by(2).collect();
            self.top_bits -= 1;
        }
    }

    /// Sizes an empty directory for `keys` entries.
    pub(crate) fn reserve(&mut self, keys: u64) {
        if !self.top.is_empty() || keys <= RESERVED_PER_SEGMENT {
            return;
        }
        let bits = keys.div_ceil(RESERVED_PER_SEGMENT).next_power_of_two().ilog2().min(28) as u8;
        let index_bits = bits.min(Chunk::MAX_INDEX_BITS - 1);
        let expected = (keys >> bits) as usize;
        self.top_bits = bits - index_bits;
        self.top = (0..1u32 << self.top_bits).collect();
        self.chunks = self.top.iter().map(|_| Chunk::new(self.top_bits, index_bits, expected)).collect();
    }

    /// Asks the processor for what tells where the buckets of a hash's segment lie.
    #[inline]
    pub(crate) fn prefetch_segment(&self, hash: u64) {
        if let Some(segment) = self.segment(hash) {
            prefetch(NonNull::from(segment).cast());
        }
    }

    /// Asks the processor for the home bucket of a hash.
    #[inline]
    pub(crate) fn prefetch_bucket(&self, hash: u64) {
        if let Some(segment) = self.segment(hash) {
            segment.prefetch_bucket(hash);
        }
    }

    /// Asks the processor for the entry that a lookup of the hash would compare.
    #[inline]
    pub(crate) fn prefetch_entry(&self, hash: u64) {
        if let Some(segment) = self.segment(hash) {
            segment.prefetch_entry(hash);
        }
    }

    /// The entry that a lookup of the hash would compare first: nearly always the one.
    #[inline]
    pub(crate) fn likely_entry(&self, hash: u64) -> Option<EntryRef<'_>> {
        self.segment(hash)?.likely_entry(hash)
    }

    /// The segments, in no particular order.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.chunks.iter().flat_map(|chunk| &chunk.segments)
    }

    /// The segment around a position, and the positions that it covers.
    pub(crate) fn stretch(&self, position: u64) -> Option<Stretch<'_>> {
        let hash = hash_at(position);
        let (chunk, number) = self.locate(hash)?;
        let segment = &self.chunks[chunk].segments[number];
        let width = POSITION_BITS - u32::from(segment.depth());
        let first = position >> width << width;
        Some(Stretch {
            segment,
            home: segment.home_of(hash),
            first,
            width,
            chunk: chunk as u32,
            number: number as u16,
        })
    }

    /// Bytes of the directory and its segments, without the entries.
    pub(crate) fn overhead_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Chunk::overhead_bytes).sum();
        chunks + self.top.capacity() * 4 + (self.chunks.capacity() - self.chunks.len()) * size_of::<Chunk>()
    }
}

/// A segment seen from a walk in hash order.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    pub(crate) segment: &'a Segment,
    /// The home bucket of the position asked for.
    pub(crate) home: usize,
    first: u64,
    width: u32,
    chunk: u32,
    number: u16,
}

impl Stretch<'_> {
    /// The first position whose home is `home` or later.
    pub(crate) fn start_of(&self, home: usize) -> u64 {
        let fraction = self.segment.first_fraction(home);
        self.first
            + if self.width >= FRACTION_BITS { fraction << (self.width - FRACTION_BITS) } else { fraction }
    }

    /// The first position behind the segment.
    pub(crate) fn end(&self) -> u64 {
        self.first + (1 << self.width)
    }

    /// A spot of this segment as a place of the directory.
    pub(crate) fn place(&self, spot: Spot) -> Place {
        Place { chunk: self.chunk, segment: self.number, spot }
    }
}

#[cfg(test)]
mod tests;
