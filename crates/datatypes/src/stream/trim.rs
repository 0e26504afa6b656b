//! Trimming: the oldest entries go.

use encodings::id_tree::{Entries, Id};

use super::log::Log;

/// What is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// So many entries.
    Length(u64),
    /// The entries from this identifier on.
    From(Id),
}

/// How to trim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// What is to stay.
    pub bound: Bound,
    /// Only blocks as a whole go.
    pub only_blocks: bool,
    /// Not more than so many entries go; 0 for no limit.
    pub limit: u64,
}

impl Log {
    /// Takes the oldest entries out; tells how many.
    pub fn trim(&mut self, trim: Trim) -> u64 {
        let (blocks, mut removed, is_limited) = self.blocks_to_trim(trim);
        self.blocks.remove_first(blocks);
        if !trim.only_blocks && !is_limited {
            removed += self.trim_first_block(trim.bound);
        }
        if removed > 0 {
            self.find_first();
        }
        removed
    }

    /// How many of the first blocks go as a whole, with how many entries, and whether the limit stopped it.
    fn blocks_to_trim(&self, trim: Trim) -> (usize, u64, bool) {
        let (mut blocks, mut removed) = (0, 0);
        for (id, block) in self.blocks.ascending(Id::MIN) {
            let entries = block.count() as u64;
            let goes = match trim.bound {
                Bound::Length(length) => {
                    let left = self.len() as u64 - removed;
                    left > length && left - entries >= length
                }
                Bound::From(first) => block.last_id(id) < first,
            };
            let is_limited = trim.limit > 0 && removed + entries > trim.limit;
            if is_limited || !goes {
                return (blocks, removed, is_limited);
            }
            removed += entries;
            blocks += 1;
        }
        (blocks, removed, false)
    }

    fn trim_first_block(&mut self, bound: Bound) -> u64 {
        let len = self.len() as u64;
        let Some((id, _)) = self.blocks.first() else { return 0 };
        let goes = |entry: Id, gone: usize| match bound {
            Bound::Length(length) => len - gone as u64 > length,
            Bound::From(first) => entry < first,
        };
        // Looked at first: a block that stays as it is must not be copied.
        if !goes(self.marks.first_id, 0) {
            return 0;
        }
        self.blocks.edit(id, |block| block.delete_first(id, goes)).unwrap_or(0) as u64
    }
}
