//! The scores of a large sorted set by the hash of their members: twelve bytes an entry, without the members.
//!
//! Whoever asks gets the few scores that may be the member's (nearly always one or none), and looks the member up in its
//! ordered tree to be sure. 32 bits of the hash suffice: of a hundred million members, one in fifty shares its own.

use crate::directory::{self, Directory};

mod ahead;
mod segment;

pub use ahead::Ahead;
use segment::Segment;

/// Scores by 32 bits of hash. The same pair may be there several times.
#[derive(Clone, Default)]
pub struct ScoreIndex {
    directory: Directory<Segment>,
    len: usize,
}

/// The 32 bits as the directory reads them, from the top.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32
}

/// The hash of a member, to ask a [`ScoreIndex`] with.
pub fn member_hash(member: &[u8]) -> u32 {
    (crate::seed::hash(member) >> 32) as u32
}

impl ScoreIndex {
    /// An empty index, which takes nothing of the heap.
    pub fn new() -> ScoreIndex {
        ScoreIndex::default()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The scores of all members with this hash, in no particular order.
    #[inline]
    pub fn candidates(&self, hash: u32) -> impl Iterator<Item = f64> + Clone + '_ {
        self.directory.segment(spread(hash)).into_iter().flat_map(move |segment| segment.scores_of(hash))
    }

    /// Adds an entry.
    pub fn insert(&mut self, hash: u32, score: f64) {
        let place = spread(hash);
        while self.directory.segment(place).is_some_and(Segment::is_full) && self.directory.can_split(place) {
            self.directory.split(place);
        }
        self.directory.change(place, |segment| segment.insert(hash, score));
        self.len += 1;
    }

    /// Takes one entry out; false if there is none with this hash and score.
    pub fn remove(&mut self, hash: u32, score: f64) -> bool {
        let place = spread(hash);
        let Some(at) = self.directory.segment(place).and_then(|segment| segment.find(hash, score)) else {
            return false;
        };
        self.len -= 1;
        if self.len == 0 {
            self.directory = Directory::default();
            return true;
        }
        let may_merge = self.directory.change(place, |segment| segment.remove(at));
        if may_merge {
            self.directory.shrink(place);
        }
        true
    }

    /// Adds many entries, given in any order: sorted first, so that those of a segment come together.
    pub fn insert_all(&mut self, entries: &mut [(u32, f64)]) {
        entries.sort_unstable_by_key(|(hash, _)| *hash);
        entries.iter().for_each(|(hash, score)| self.insert(*hash, *score));
    }

    /// Takes many entries out, each once; the slice is left in disorder. What is not there is passed over.
    pub fn remove_all(&mut self, entries: &mut [(u32, f64)]) {
        entries.sort_unstable_by_key(|(hash, _)| *hash);
        let mut rest = entries;
        while let Some(&mut (first, _)) = rest.first_mut() {
            let place = spread(first);
            let Some(segment) = self.directory.segment(place) else { return };
            let end = directory::behind(place, directory::Segment::depth(segment));
            let count = rest.partition_point(|(hash, _)| end.is_none_or(|end| spread(*hash) < end));
            let (together, later) = rest.split_at_mut(count);
            self.len -= self.directory.change(place, |segment| segment.remove_all(together));
            if self.len == 0 {
                self.directory = Directory::default();
                return;
            }
            self.directory.shrink(place);
            rest = later;
        }
    }

    /// Gives one entry another score; false if there is none with this hash and score.
    pub fn replace(&mut self, hash: u32, old: f64, new: f64) -> bool {
        let place = spread(hash);
        let Some(at) = self.directory.segment(place).and_then(|segment| segment.find(hash, old)) else {
            return false;
        };
        self.directory.change(place, |segment| segment.set_score(at, new));
        true
    }

    /// Shows the scores of the members whose hashes come next from a cursor on, which is 0 at first: at least `count` of
    /// them, while there are any, and always all of one hash. Returns the cursor to go on with, 0 at the end: it is the
    /// least hash that was not looked at.
    pub fn scan(&self, cursor: u64, count: usize, show: &mut dyn FnMut(f64)) -> u64 {
        let Ok(from) = u32::try_from(cursor) else { return 0 };
        let (mut last, mut shown) = (None, 0);
        for (hash, score) in self.directory.segments_from(spread(from)).flat_map(Segment::entries) {
            if hash < from {
                continue;
            }
            if shown >= count && last != Some(hash) {
                return u64::from(hash);
            }
            show(score);
            shown += 1;
            last = Some(hash);
        }
        0
    }

    /// Prepares an empty index for about so many entries. Only a part of what is claimed is believed.
    pub fn reserve(&mut self, entries: usize) {
        self.directory.reserve(entries.div_ceil(segment::RESERVED));
    }

    /// Bytes of the heap, about, as if no clone shared them.
    pub fn allocated_bytes(&self) -> usize {
        self.directory.allocated_bytes()
    }
}

impl std::fmt::Debug for ScoreIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScoreIndex of {} entries", self.len)
    }
}

#[cfg(test)]
mod tests;
