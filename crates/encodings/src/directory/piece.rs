//! A piece of a directory: the segments of one hash prefix, found by the next bits of the hash.
//!
//! At most 256 of them, so that a piece is copied in some microseconds when a clone shares it.

use triomphe::Arc;

use super::Segment;

/// Index bits of a piece before it is parted in two.
pub(super) const MAX_INDEX_BITS: u8 = if cfg!(test) { 3 } else { 8 };
/// What a piece takes of the heap, about, without references to segments.
pub(super) const OWN_BYTES: usize = 72 + (1 << MAX_INDEX_BITS);

/// Some segments that share `prefix_bits` of the hash.
#[derive(Clone)]
pub(super) struct Piece<S> {
    pub(super) prefix_bits: u8,
    index_bits: u8,
    index: Vec<u8>,
    pub(super) segments: Vec<Arc<S>>,
}

/// The heap bytes of the segments that a change has replaced, and of those in their place.
pub(super) struct Change {
    pub(super) old_bytes: usize,
    pub(super) new_bytes: usize,
}

impl<S: Segment> Piece<S> {
    /// A piece of empty segments, which all have `index_bits` more than the prefix.
    pub(super) fn new(prefix_bits: u8, index_bits: u8) -> Piece<S> {
        let index: Vec<u8> = (0..=u8::MAX).take(1 << index_bits).collect();
        let segments = index.iter().map(|_| Arc::new(S::new(prefix_bits + index_bits))).collect();
        Piece { prefix_bits, index_bits, index, segments }
    }

    #[inline]
    fn place_of(&self, hash: u64) -> usize {
        ((hash << self.prefix_bits) >> 1 >> (63 - self.index_bits)) as usize
    }

    #[inline]
    fn number_of(&self, hash: u64) -> usize {
        usize::from(self.index[self.place_of(hash)])
    }

    /// The segment of a hash.
    #[inline]
    pub(super) fn segment(&self, hash: u64) -> &S {
        &self.segments[self.number_of(hash)]
    }

    /// The segment of a hash for changes, copied if a clone shares it.
    #[inline]
    pub(super) fn segment_mut(&mut self, hash: u64) -> &mut S {
        let number = self.number_of(hash);
        Arc::make_mut(&mut self.segments[number])
    }

    /// The first place in the index of the segment of `hash`, and how many it has.
    fn span(&self, hash: u64) -> (usize, usize) {
        let places = 1 << (self.index_bits + self.prefix_bits - self.segment(hash).depth());
        (self.place_of(hash) & !(places - 1), places)
    }

    /// Whether the index is too small for a split of the segment of `hash`, and may not grow.
    pub(super) fn must_part(&self, hash: u64) -> bool {
        self.index_bits == MAX_INDEX_BITS && self.span(hash).1 == 1
    }

    /// Makes two segments of that of `hash`.
    pub(super) fn split(&mut self, hash: u64) -> Change {
        if self.span(hash).1 == 1 {
            self.index = self.index.iter().flat_map(|&number| [number, number]).collect();
            self.index_bits += 1;
        }
        let ((first, places), number) = (self.span(hash), self.number_of(hash));
        let old_bytes = self.segments[number].allocated_bytes();
        let (lower, upper) = self.segments[number].split();
        let new_bytes = lower.allocated_bytes() + upper.allocated_bytes();
        let upper_number = u8::try_from(self.segments.len()).expect("at most one segment for each place");
        self.segments[number] = Arc::new(lower);
        self.segments.push(Arc::new(upper));
        self.index[first + places / 2..first + places].fill(upper_number);
        Change { old_bytes, new_bytes }
    }

    /// The numbers of the segment of `hash` and its neighbour, the lower one first, and the places of both.
    fn neighbours(&self, hash: u64) -> Option<(usize, usize, std::ops::Range<usize>)> {
        let (first, places) = self.span(hash);
        let start = first & !(2 * places - 1);
        let (low, high) = (*self.index.get(start)?, *self.index.get(start + places)?);
        Some((low.into(), high.into(), start..start + 2 * places))
    }

    /// Whether the segment of `hash` should be one with its neighbour.
    pub(super) fn can_merge(&self, hash: u64) -> bool {
        self.neighbours(hash).is_some_and(|(low, high, _)| {
            let (lower, upper) = (&self.segments[low], &self.segments[high]);
            low != high && lower.depth() == upper.depth() && lower.can_merge(upper)
        })
    }

    /// Makes one segment of that of `hash` and its neighbour.
    pub(super) fn merge(&mut self, hash: u64) -> Change {
        let (low, high, span) = self.neighbours(hash).expect("asked before");
        let (lower, upper) = (&self.segments[low], &self.segments[high]);
        let old_bytes = lower.allocated_bytes() + upper.allocated_bytes();
        let merged = lower.merge(upper);
        let new_bytes = merged.allocated_bytes();
        self.segments[low] = Arc::new(merged);
        self.index[span].fill(low as u8);
        let moved = self.segments.len() - 1;
        self.segments.swap_remove(high);
        self.index
            .iter_mut()
            .filter(|number| usize::from(**number) == moved)
            .for_each(|number| *number = high as u8);
        while self.index_bits > 0 && self.index.chunks_exact(2).all(|pair| pair[0] == pair[1]) {
            self.index = self.index.iter().copied().step_by(2).collect();
            self.index_bits -= 1;
        }
        Change { old_bytes, new_bytes }
    }

    /// The two halves by the next bit of the prefix.
    pub(super) fn part(&self) -> (Piece<S>, Piece<S>) {
        let (low, high) = self.index.split_at(self.index.len() / 2);
        (self.half(low), self.half(high))
    }

    fn half(&self, places: &[u8]) -> Piece<S> {
        let (mut index, mut segments) = (Vec::with_capacity(places.len()), Vec::new());
        let mut last = None;
        for &number in places {
            if last != Some(number) {
                segments.push(Arc::clone(&self.segments[usize::from(number)]));
                last = Some(number);
            }
            index.push((segments.len() - 1) as u8);
        }
        Piece { prefix_bits: self.prefix_bits + 1, index_bits: self.index_bits - 1, index, segments }
    }

    /// Whether the piece is so empty that it should look for its neighbour.
    pub(super) fn is_sparse(&self) -> bool {
        self.segments.len() * 8 <= 1 << MAX_INDEX_BITS
    }

    /// Whether one piece could hold these two, with room to grow.
    pub(super) fn can_join(&self, upper: &Piece<S>) -> bool {
        self.prefix_bits == upper.prefix_bits
            && self.index_bits.max(upper.index_bits) < MAX_INDEX_BITS
            && (self.segments.len() + upper.segments.len()) * 4 <= 1 << MAX_INDEX_BITS
    }

    /// The opposite of `part`.
    pub(super) fn join(&self, upper: &Piece<S>) -> Piece<S> {
        let half_bits = self.index_bits.max(upper.index_bits);
        let shift = self.segments.len() as u8;
        let widened = |piece: &Piece<S>| {
            let times = 1 << (half_bits - piece.index_bits);
            piece
                .index
                .iter()
                .flat_map(move |&number| std::iter::repeat_n(number, times))
                .collect::<Vec<u8>>()
        };
        let mut index = widened(self);
        index.extend(widened(upper).into_iter().map(|number| number + shift));
        let segments = self.segments.iter().chain(&upper.segments).map(Arc::clone).collect();
        Piece { prefix_bits: self.prefix_bits - 1, index_bits: half_bits + 1, index, segments }
    }
}
