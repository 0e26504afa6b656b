//! Trimming: the oldest entries go.

use encodings::id_tree::{Entries, Id, IdBlocks};

use super::block::Block;
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

/// More entries than this that go in whole blocks are handed to the caller, to be freed where nobody waits for it.
const FREED_AT_ONCE: usize = 10_000;

/// What a trimming did.
pub struct Trimmed {
    /// How many entries went.
    pub entries: u64,
    /// What holds the blocks that went, if they are many: dropping it may take a while.
    pub parts: Option<Parts>,
}

/// Blocks of entries that are no longer in the stream.
pub struct Parts(#[expect(dead_code, reason = "it is there to be dropped")] IdBlocks<Block>);

impl Log {
    /// Takes the oldest entries out.
    pub fn trim(&mut self, trim: Trim) -> Trimmed {
        let in_blocks = self.entries_in_blocks(trim);
        let parts = (in_blocks > FREED_AT_ONCE).then(|| Parts(self.blocks.clone()));
        self.blocks.remove_first(in_blocks);
        let mut removed = in_blocks as u64;
        if !trim.only_blocks {
            removed += self.trim_first_block(trim.bound);
        }
        if removed > 0 {
            self.find_first();
        }
        Trimmed { entries: removed, parts }
    }

    /// How many entries the first blocks hold that go as a whole. Found without a look at these: they may be many.
    fn entries_in_blocks(&self, trim: Trim) -> usize {
        let going = match trim.bound {
            Bound::Length(length) => self.len().saturating_sub(usize::try_from(length).unwrap_or(usize::MAX)),
            Bound::From(first) => match self.blocks.holding(first) {
                Some((id, block)) if block.last_id(id) < first => {
                    self.blocks.count_before(first) + block.count()
                }
                Some(_) => self.blocks.count_before(first),
                None => 0,
            },
        };
        let limit =
            if trim.limit == 0 { usize::MAX } else { usize::try_from(trim.limit).unwrap_or(usize::MAX) };
        if going == 0 {
            return 0;
        }
        self.blocks.block_at(going.min(limit)).map_or(self.len(), |(start, ..)| start)
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
