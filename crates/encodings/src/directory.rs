//! A hash directory whose nodes clones share: hash prefix -> piece -> segment.
//!
//! Two levels of extendible hashing. Growth is by one segment at a time, and rarely by parting one piece, so no write
//! stalls. Pieces and segments are counted references: a clone copies the top only (a place for every few ten thousand
//! entries), and a write afterwards copies the piece and the segment that it goes through.

use triomphe::Arc;

mod piece;

use piece::{MAX_INDEX_BITS, Piece};

/// The most bits of the hash that choose a segment.
pub(crate) const MAX_DEPTH: u8 = 32;
/// How many bits deeper than the average a segment may be: hashes that are spread evenly need three or four.
const EXTRA_DEPTH: u8 = 8;
/// The most bits that `reserve` divides the hash by.
const MAX_RESERVED_BITS: u8 = 13;

/// What a directory finds by the first bits of a hash: the unit of growth and of copying.
pub(crate) trait Segment: Clone {
    /// An empty segment for a prefix of `depth` bits.
    fn new(depth: u8) -> Self;

    /// How many bits of the hash its entries have in common.
    fn depth(&self) -> u8;

    /// Its entries by the next bit of their hash, 0 and 1.
    fn split(&self) -> (Self, Self);

    /// Whether this segment and its neighbour are so empty that they should be one.
    fn can_merge(&self, upper: &Self) -> bool;

    /// The opposite of `split`.
    fn merge(&self, upper: &Self) -> Self;

    /// What it takes of the heap, itself included.
    fn allocated_bytes(&self) -> usize;
}

/// All segments of a structure.
#[derive(Clone)]
pub(crate) struct Directory<S> {
    top_bits: u8,
    top: Vec<u32>,
    pieces: Vec<Arc<Piece<S>>>,
    segments: usize,
    segment_bytes: usize,
}

impl<S> Default for Directory<S> {
    fn default() -> Directory<S> {
        Directory { top_bits: 0, top: Vec::new(), pieces: Vec::new(), segments: 0, segment_bytes: 0 }
    }
}

/// The first hash behind the segment of `hash`, which is `depth` bits deep.
pub(crate) fn behind(hash: u64, depth: u8) -> Option<u64> {
    let next = (hash >> 1 >> (63 - depth)) + 1;
    (next >> depth == 0).then(|| next << (64 - depth))
}

impl<S: Segment> Directory<S> {
    #[inline]
    fn top_place(&self, hash: u64) -> usize {
        (hash >> 1 >> (63 - self.top_bits)) as usize
    }

    #[inline]
    fn piece_of(&self, hash: u64) -> Option<usize> {
        Some(*self.top.get(self.top_place(hash))? as usize)
    }

    /// The segment of a hash; none if nothing was ever put in.
    #[inline]
    pub(crate) fn segment(&self, hash: u64) -> Option<&S> {
        Some(self.pieces[self.piece_of(hash)?].segment(hash))
    }

    /// How many segments there are.
    pub(crate) fn segments(&self) -> usize {
        self.segments
    }

    /// Changes the segment of a hash; what other clones share of the way there is copied first.
    #[inline]
    pub(crate) fn change<R>(&mut self, hash: u64, change: impl FnOnce(&mut S) -> R) -> R {
        if self.top.is_empty() {
            self.fill(0, 0);
        }
        let piece = self.piece_of(hash).expect("the top is not empty");
        let segment = Arc::make_mut(&mut self.pieces[piece]).segment_mut(hash);
        let before = segment.allocated_bytes();
        let outcome = change(segment);
        let after = segment.allocated_bytes();
        self.segment_bytes = self.segment_bytes + after - before;
        outcome
    }

    /// Whether the segment of a hash may be split. Not if it is far deeper than the others: then many hashes are alike,
    /// splits would not part them, and the top would double for nothing.
    pub(crate) fn can_split(&self, hash: u64) -> bool {
        let average = self.segments.max(1).ilog2() as u8;
        self.segment(hash).is_some_and(|segment| segment.depth() < MAX_DEPTH.min(average + EXTRA_DEPTH))
    }

    /// Makes two segments of the one of a hash, which [may be split](Directory::can_split).
    pub(crate) fn split(&mut self, hash: u64) {
        let mut piece = self.piece_of(hash).expect("there is a segment to split");
        if self.pieces[piece].must_part(hash) {
            self.part(hash, piece);
            piece = self.piece_of(hash).expect("parting keeps the top");
        }
        let change = Arc::make_mut(&mut self.pieces[piece]).split(hash);
        self.segment_bytes = self.segment_bytes + change.new_bytes - change.old_bytes;
        self.segments += 1;
    }

    fn part(&mut self, hash: u64, piece: usize) {
        if self.pieces[piece].prefix_bits == self.top_bits {
            self.top = self.top.iter().flat_map(|&piece| [piece, piece]).collect();
            self.top_bits += 1;
        }
        let (lower, upper) = self.pieces[piece].part();
        let places = 1 << (self.top_bits - upper.prefix_bits);
        let first = (self.top_place(hash) & !(2 * places - 1)) + places;
        self.top[first..first + places].fill(self.pieces.len() as u32);
        self.pieces[piece] = Arc::new(lower);
        self.pieces.push(Arc::new(upper));
    }

    /// Merges the segment of a hash with its neighbours while they are nearly empty; likewise its piece.
    pub(crate) fn shrink(&mut self, hash: u64) {
        loop {
            let Some(piece) = self.piece_of(hash) else { return };
            while self.pieces[piece].can_merge(hash) {
                let change = Arc::make_mut(&mut self.pieces[piece]).merge(hash);
                self.segment_bytes = self.segment_bytes + change.new_bytes - change.old_bytes;
                self.segments -= 1;
            }
            if !self.pieces[piece].is_sparse() || !self.join(hash, piece) {
                return;
            }
        }
    }

    /// Makes one piece of that of a hash and its neighbour, if both have few segments.
    fn join(&mut self, hash: u64, piece: usize) -> bool {
        let places = 1usize << (self.top_bits - self.pieces[piece].prefix_bits);
        let first = self.top_place(hash) & !(2 * places - 1);
        let Some(&high) = self.top.get(first + places) else { return false };
        let (low, high) = (self.top[first] as usize, high as usize);
        if low == high || !self.pieces[low].can_join(&self.pieces[high]) {
            return false;
        }
        self.pieces[low] = Arc::new(self.pieces[low].join(&self.pieces[high]));
        self.top[first + places..first + 2 * places].fill(low as u32);
        let moved = self.pieces.len() - 1;
        self.pieces.swap_remove(high);
        self.top.iter_mut().filter(|place| **place as usize == moved).for_each(|place| *place = high as u32);
        while self.top_bits > 0 && self.top.chunks_exact(2).all(|pair| pair[0] == pair[1]) {
            self.top = self.top.iter().copied().step_by(2).collect();
            self.top_bits -= 1;
        }
        true
    }

    /// Divides an empty directory into at least so many segments, as far as that is cheap.
    pub(crate) fn reserve(&mut self, segments: usize) {
        if self.top.is_empty() && segments > 1 {
            let bits =
                (segments - 1).checked_ilog2().map_or(0, |bits| bits + 1).min(MAX_RESERVED_BITS.into());
            let index_bits = (bits as u8).min(MAX_INDEX_BITS - 1);
            self.fill(bits as u8 - index_bits, index_bits);
        }
    }

    fn fill(&mut self, top_bits: u8, index_bits: u8) {
        self.top_bits = top_bits;
        self.top = (0..1 << top_bits).collect();
        self.pieces = self.top.iter().map(|_| Arc::new(Piece::new(top_bits, index_bits))).collect();
        self.segments = 1 << (top_bits + index_bits);
        self.segment_bytes = self.segments * S::new(0).allocated_bytes();
    }

    /// The segments from that of `hash` on, in the order of hashes.
    pub(crate) fn segments_from(&self, hash: u64) -> impl Iterator<Item = &S> + Clone + '_ {
        let mut next = Some(hash);
        std::iter::from_fn({
            move || {
                let hash = next?;
                let segment = self.segment(hash)?;
                next = behind(hash, segment.depth());
                Some(segment)
            }
        })
    }

    /// A segment by chance, each as likely as another.
    pub(crate) fn random_segment(&self, random: &mut fastrand::Rng) -> Option<&S> {
        let most =
            if let [only] = self.pieces.as_slice() { only.segments.len() } else { 1 << MAX_INDEX_BITS };
        loop {
            let piece = random.choice(&self.pieces)?;
            if let Some(segment) = piece.segments.get(random.usize(..most)) {
                return Some(segment);
            }
        }
    }

    /// Bytes of the heap, as if no clone shared them.
    pub(crate) fn allocated_bytes(&self) -> usize {
        let pieces: usize = self.pieces.len() * (size_of::<Arc<Piece<S>>>() + piece::OWN_BYTES);
        // A segment has one counted reference, in a vector that is three quarters full or better.
        self.top.capacity() * 4 + pieces + self.segments * 10 + self.segment_bytes
    }
}

#[cfg(test)]
mod tests;
