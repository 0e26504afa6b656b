//! A chunk of the directory: the segments of one hash prefix, found by the next bits of the hash.
//!
//! An extendible index of at most 1024 places: doubling it, or parting the chunk, costs about a microsecond whatever
//! the number of keys.

use crate::segment::Segment;

/// Index bits of a chunk before it is parted in two.
const MAX_INDEX_BITS: u8 = 10;
/// Two neighbouring segments are merged when together they hold at most this many entries.
const MERGED_ENTRIES: usize = 180;

/// Some segments that share `prefix_bits` of the hash.
pub(crate) struct Chunk {
    pub(crate) prefix_bits: u8,
    index_bits: u8,
    index: Vec<u16>,
    pub(crate) segments: Vec<Segment>,
}

/// What a chunk could not do by itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    Done,
    /// The index is at its greatest: part the chunk first.
    PartFirst,
}

impl Chunk {
    /// A chunk whose segments all have `index_bits` more than the prefix, each sized for `expected` entries.
    pub(crate) fn new(prefix_bits: u8, index_bits: u8, expected: usize) -> Chunk {
        let count = 1u16 << index_bits;
        let segments = (0..count).map(|_| Segment::new(prefix_bits + index_bits, expected)).collect();
        Chunk { prefix_bits, index_bits, index: (0..count).collect(), segments }
    }

    /// The greatest `index_bits` of `new`.
    pub(crate) const MAX_INDEX_BITS: u8 = MAX_INDEX_BITS;

    #[inline]
    fn place_of(&self, hash: u64) -> usize {
        ((hash << self.prefix_bits) >> 1 >> (63 - self.index_bits)) as usize
    }

    /// The number of the segment of a hash.
    #[inline]
    pub(crate) fn segment_of(&self, hash: u64) -> usize {
        usize::from(self.index[self.place_of(hash)])
    }

    /// The first place and the number of places in the index of the segment that a place belongs to.
    fn span(&self, place: usize) -> (usize, usize) {
        let depth = self.segments[usize::from(self.index[place])].depth();
        let places = 1 << (self.index_bits + self.prefix_bits - depth);
        (place & !(places - 1), places)
    }

    /// Makes room in the segment of `hash`: by a step, or by a split.
    pub(crate) fn grow(&mut self, hash: u64, hash_of: &dyn Fn(&[u8]) -> u64) -> Growth {
        let number = self.segment_of(hash);
        if self.segments[number].grow() {
            return Growth::Done;
        }
        if self.segments[number].depth() - self.prefix_bits == self.index_bits {
            if self.index_bits == MAX_INDEX_BITS {
                return Growth::PartFirst;
            }
            self.index = self.index.iter().flat_map(|&number| [number, number]).collect();
            self.index_bits += 1;
        }
        let (first, places) = self.span(self.place_of(hash));
        let upper = self.segments[number].split(hash_of);
        let upper_number =
            u16::try_from(self.segments.len()).expect("at most one segment for each of 1024 places");
        self.segments.push(upper);
        self.index[first + places / 2..first + places].fill(upper_number);
        Growth::Done
    }

    /// Parts the chunk by the next bit of the prefix; `self` keeps the lower half.
    pub(crate) fn part(&mut self) -> Chunk {
        let mut segments: Vec<Option<Segment>> =
            std::mem::take(&mut self.segments).into_iter().map(Some).collect();
        let index = std::mem::take(&mut self.index);
        let (low, high) = index.split_at(index.len() / 2);
        let (prefix_bits, index_bits) = (self.prefix_bits + 1, self.index_bits - 1);
        let mut half = |places: &[u16]| {
            let (index, segments) = renumbered(places, &mut segments);
            Chunk { prefix_bits, index_bits, index, segments }
        };
        *self = half(low);
        half(high)
    }

    /// Lets the segment of `hash` shrink and merge with its neighbours, after removals.
    pub(crate) fn shrink(&mut self, hash: u64) {
        loop {
            let place = self.place_of(hash);
            let number = usize::from(self.index[place]);
            let (first, places) = self.span(place);
            let alone = places == self.index.len();
            if alone || !self.merge_with_neighbour(first, places) {
                if self.segments[number].is_sparse() {
                    self.segments[number].shrink();
                }
                return;
            }
            self.halve_index();
        }
    }

    fn merge_with_neighbour(&mut self, first: usize, places: usize) -> bool {
        let neighbour = first ^ places;
        let (own, other) = (usize::from(self.index[first]), usize::from(self.index[neighbour]));
        let [segment, neighbour_segment] =
            self.segments.get_disjoint_mut([own, other]).expect("two places of two segments");
        if segment.depth() != neighbour_segment.depth()
            || segment.len() + neighbour_segment.len() > MERGED_ENTRIES
            || !segment.merge(neighbour_segment, neighbour > first)
        {
            return false;
        }
        self.index[neighbour..neighbour + places].fill(own as u16);
        self.remove_segment(other);
        true
    }

    fn remove_segment(&mut self, number: usize) {
        self.segments.swap_remove(number);
        let moved = self.segments.len();
        for place in self.index.iter_mut().filter(|place| usize::from(**place) == moved) {
            *place = number as u16;
        }
    }

    fn halve_index(&mut self) {
        let bits = self.prefix_bits + self.index_bits;
        if self.index_bits > 0 && self.segments.iter().all(|segment| segment.depth() < bits) {
            self.index = self.index.iter().copied().step_by(2).collect();
            self.index_bits -= 1;
        }
    }

    /// Whether the two chunks can be one with room to spare in its index.
    pub(crate) fn can_join(&self, other: &Chunk) -> bool {
        self.prefix_bits == other.prefix_bits && self.index_bits.max(other.index_bits) + 3 <= MAX_INDEX_BITS
    }

    /// Takes in the chunk of the upper half of the prefix.
    pub(crate) fn join(&mut self, mut upper: Chunk) {
        let bits = self.index_bits.max(upper.index_bits);
        let offset = self.segments.len() as u16;
        let spread = |index: &[u16], from: u8, offset: u16| -> Vec<u16> {
            let repeat = 1 << (bits - from);
            index.iter().flat_map(|number| std::iter::repeat_n(number + offset, repeat)).collect()
        };
        let mut index = spread(&self.index, self.index_bits, 0);
        index.extend(spread(&upper.index, upper.index_bits, offset));
        self.segments.append(&mut upper.segments);
        self.index = index;
        self.index_bits = bits + 1;
        self.prefix_bits -= 1;
    }

    /// Bytes of the chunk and its segments, without the entries.
    pub(crate) fn overhead_bytes(&self) -> usize {
        let buckets: usize = self.segments.iter().map(|segment| segment.bucket_count() * 64).sum();
        buckets
            + self.segments.capacity() * size_of::<Segment>()
            + self.index.capacity() * 2
            + size_of::<Chunk>()
    }
}

fn renumbered(places: &[u16], segments: &mut [Option<Segment>]) -> (Vec<u16>, Vec<Segment>) {
    let mut kept: Vec<Segment> = Vec::new();
    let mut index = Vec::with_capacity(places.len());
    for &place in places {
        if let Some(segment) = segments[usize::from(place)].take() {
            kept.push(segment);
        }
        index.push(kept.len() as u16 - 1);
    }
    (index, kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_chunk_has_one_place() {
        let chunk = Chunk::new(0, 0, 0);
        assert_eq!((chunk.segment_of(0), chunk.segment_of(u64::MAX)), (0, 0));
    }

    #[test]
    fn parting_and_joining_keep_every_segment() {
        let mut chunk = Chunk::new(0, 3, 10);
        let upper = chunk.part();
        assert_eq!((chunk.segments.len(), upper.segments.len(), upper.prefix_bits), (4, 4, 1));
        chunk.join(upper);
        assert_eq!(chunk.segments.len(), 8);
        let numbers: Vec<usize> = (0..8u64).map(|place| chunk.segment_of(place << 61)).collect();
        assert_eq!(numbers, (0..8).collect::<Vec<usize>>());
    }
}
