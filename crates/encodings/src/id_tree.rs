//! Ordered by an identifier of 128 bits: blocks of a stream by the first entry that they hold, and small values one by one.
//!
//! [`IdBlocks`] keeps blocks that know themselves how many entries they hold: found are the block that must hold an entry, and
//! an entry's position. [`IdMap`] keeps small values, several to a leaf, as lists of pending entries need it. Clones of both
//! share everything and cost nothing.

mod blocks;
mod map;
#[cfg(test)]
mod tests;

pub use blocks::{Entries, IdBlocks};
pub use map::IdMap;

use std::ops::Bound;

/// An identifier: milliseconds, then a number among those of the same millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Milliseconds since 1970, the part that is compared first.
    pub ms: u64,
    /// Tells those of one millisecond apart.
    pub seq: u64,
}

impl Id {
    /// The lowest.
    pub const MIN: Id = Id { ms: 0, seq: 0 };
    /// The highest.
    pub const MAX: Id = Id { ms: u64::MAX, seq: u64::MAX };

    /// The identifier behind this one. None behind the highest.
    #[must_use]
    pub fn next(self) -> Option<Id> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(Id { seq, ..self }),
            None => Some(Id { ms: self.ms.checked_add(1)?, seq: 0 }),
        }
    }

    /// The identifier before this one. None before the lowest.
    #[must_use]
    pub fn previous(self) -> Option<Id> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(Id { seq, ..self }),
            None => Some(Id { ms: self.ms.checked_sub(1)?, seq: u64::MAX }),
        }
    }
}

/// Whether a lower bound lets an identifier in.
fn is_past_start(id: Id, start: Bound<Id>) -> bool {
    match start {
        Bound::Unbounded => true,
        Bound::Included(start) => id >= start,
        Bound::Excluded(start) => id > start,
    }
}

/// Whether an upper bound lets an identifier in.
fn is_before_end(id: Id, end: Bound<Id>) -> bool {
    match end {
        Bound::Unbounded => true,
        Bound::Included(end) => id <= end,
        Bound::Excluded(end) => id < end,
    }
}
