//! The entries of a stream and what is remembered of those that were there.

use encodings::id_tree::{Entries, Id, IdBlocks};
use encodings::listpack::Listpack;

use super::block::Block;
use super::entry::Entry;
use super::radix;
use crate::limits::StreamLimits;

/// A block takes at most so many bytes, whatever the limits say.
const BLOCK_BYTES_MAX: usize = 1 << 30;

/// What a stream remembers beside its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The highest identifier that was ever given: the next one is above it.
    pub last_id: Id,
    /// The identifier of the first entry; 0-0 if there is none.
    pub first_id: Id,
    /// The highest identifier of all entries that were deleted one by one.
    pub max_deleted_id: Id,
    /// How many entries were ever added.
    pub entries_added: u64,
}

/// The entries of a stream.
#[derive(Clone, Default)]
pub struct Log {
    pub(super) blocks: IdBlocks<Block>,
    pub(super) marks: Marks,
}

/// A block from outside is not one, or stands at the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl Log {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// What is remembered beside the entries.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Sets what is remembered. The first identifier follows from the entries, unless there are some and it is given.
    pub fn set_marks(&mut self, marks: Marks) {
        self.marks = marks;
    }

    /// How many blocks there are.
    pub fn block_count(&self) -> usize {
        self.blocks.block_count()
    }

    /// How many nodes Redis needs for an index of these blocks.
    pub fn radix_node_count(&self) -> usize {
        radix::node_count(self.blocks.ascending(Id::MIN).map(|(id, _)| id))
    }

    /// Bytes that the entries take.
    pub fn allocated_bytes(&self) -> usize {
        self.blocks.allocated_bytes()
    }

    /// The blocks with their identifiers, as files hold them: each is a listpack, made when it is asked for.
    pub fn blocks(&self) -> impl Iterator<Item = (Id, Vec<u8>)> {
        self.blocks.ascending(Id::MIN).map(|(id, block)| (id, block.to_listpack(id)))
    }

    /// Puts a block from outside behind the others. One whose entries are all deleted is left out.
    pub fn push_block(&mut self, id: Id, listpack: &Listpack) -> Result<(), Damaged> {
        let block = Block::checked(id, listpack).ok_or(Damaged)?;
        if self.blocks.last().is_some_and(|(last, block)| block.last_id(last) >= id) {
            return Err(Damaged);
        }
        if block.count() > 0 {
            self.blocks.insert(id, block);
        }
        Ok(())
    }

    /// The entries from one identifier to another, both included, upwards.
    pub fn range(&self, start: Id, end: Id) -> impl Iterator<Item = Entry<'_>> {
        let blocks = self.blocks.ascending(start).take_while(move |(id, _)| *id <= end);
        let entries = blocks.flat_map(|(id, block)| block.entries(id));
        entries.skip_while(move |entry| entry.id < start).take_while(move |entry| entry.id <= end)
    }

    /// The entries from one identifier to another, both included, downwards.
    pub fn range_back(&self, start: Id, end: Id) -> impl Iterator<Item = Entry<'_>> {
        let entries = self.blocks.descending(end).flat_map(|(id, block)| block.entries_back(id));
        entries.skip_while(move |entry| entry.id > end).take_while(move |entry| entry.id >= start)
    }

    /// The first entry.
    pub fn first(&self) -> Option<Entry<'_>> {
        self.range(Id::MIN, Id::MAX).next()
    }

    /// The last entry.
    pub fn last(&self) -> Option<Entry<'_>> {
        self.range_back(Id::MIN, Id::MAX).next()
    }

    /// The entry under this identifier.
    pub fn entry(&self, id: Id) -> Option<Entry<'_>> {
        let (block_id, block) = self.blocks.holding(id)?;
        block.entries(block_id).find(|entry| entry.id >= id).filter(|entry| entry.id == id)
    }

    /// Puts an entry behind the others: field, value, field, value. Its identifier is above all that were ever given.
    pub fn append<'f>(
        &mut self,
        id: Id,
        fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone,
        limits: StreamLimits,
    ) {
        debug_assert!(id > self.marks.last_id, "identifiers ascend");
        let bytes: usize = fields.clone().map(<[u8]>::len).sum();
        match self.blocks.last() {
            Some((block_id, block)) if has_room(block_id, block, bytes, limits) => {
                self.blocks.edit_last(|block| block.append(block_id, id, fields));
            }
            last => {
                if last.is_some_and(|(_, block)| block.is_roomy()) {
                    self.blocks.edit_last(Block::close);
                }
                self.blocks.insert(id, Block::of_entry(id, fields));
            }
        }
        if self.len() == 1 {
            self.marks.first_id = id;
        }
        self.marks.last_id = id;
        self.marks.entries_added = self.marks.entries_added.wrapping_add(1);
    }

    /// Deletes an entry; false if it is not there.
    pub fn delete(&mut self, id: Id) -> bool {
        let Some((block_id, _)) = self.blocks.holding(id) else { return false };
        if self.entry(id).is_none() {
            return false;
        }
        self.blocks.edit(block_id, |block| block.delete(block_id, id));
        self.marks.max_deleted_id = self.marks.max_deleted_id.max(id);
        if id == self.marks.first_id || self.is_empty() {
            self.find_first();
        }
        true
    }

    /// Looks which entry is the first now.
    pub(super) fn find_first(&mut self) {
        self.marks.first_id = self.first().map_or(Id::MIN, |entry| entry.id);
    }
}

/// Whether a block takes another entry of so many bytes. What counts is how long it is in files.
fn has_room(id: Id, block: &Block, bytes: usize, limits: StreamLimits) -> bool {
    let bytes_max = match limits.node_bytes {
        0 => BLOCK_BYTES_MAX,
        limit => limit.min(BLOCK_BYTES_MAX),
    };
    let (entries, listpack_bytes) = block.extent(id);
    listpack_bytes + bytes < bytes_max && (limits.node_entries == 0 || entries < limits.node_entries)
}

impl PartialEq for Log {
    fn eq(&self, other: &Log) -> bool {
        self.marks == other.marks && self.range(Id::MIN, Id::MAX).eq(other.range(Id::MIN, Id::MAX))
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} ", self.marks)?;
        f.debug_list().entries(self.range(Id::MIN, Id::MAX)).finish()
    }
}
