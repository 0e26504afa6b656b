//! The newest bytes of the log in memory: one queue of blocks that all readers share.
//!
//! Every reader (a replica's link, the log writer's hand-over) pins an offset; bytes stay until the slowest
//! reader and the backlog have no more use for them. Appending copies into the last block and allocates
//! only when a block is full and none is spare.

use crate::offset::Offset;
use std::collections::VecDeque;

/// Bytes of an ordinary block. An append that needs more than a block gets one of its own size.
pub const BLOCK_BYTES: usize = 32 * 1024;

/// Emptied blocks kept for the next appends.
const SPARE_BLOCKS_MAX: usize = 4;

/// Names a reader that has pinned an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReaderId(u64);

#[derive(Debug)]
struct Block {
    start: Offset,
    bytes: Vec<u8>,
}

impl Block {
    fn end(&self) -> Offset {
        self.start.plus(self.bytes.len())
    }

    fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }
}

/// The newest bytes of the log, from [`Tail::start`] to [`Tail::end`].
#[derive(Debug)]
pub struct Tail {
    blocks: VecDeque<Block>,
    spare: Vec<Vec<u8>>,
    end: Offset,
    readers: Vec<(ReaderId, Offset)>,
    readers_ever: u64,
    backlog_bytes: u64,
    backlog_active: bool,
}

/// What INFO shows of the backlog, in Redis's meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogFacts {
    /// `repl_backlog_active`.
    pub active: bool,
    /// `repl_backlog_size`: bytes configured.
    pub size_bytes: u64,
    /// `repl_backlog_first_byte_offset`: the oldest byte, counted from one; 0 when not active.
    pub first_byte_offset: u64,
    /// `repl_backlog_histlen`: bytes that a replica may ask for again; 0 when not active.
    pub held_bytes: u64,
}

impl Tail {
    /// An empty tail at `at`, without a backlog yet, which will keep `backlog_bytes` once it is activated.
    #[must_use]
    pub fn new(at: Offset, backlog_bytes: u64) -> Self {
        Self {
            blocks: VecDeque::new(),
            spare: Vec::new(),
            end: at,
            readers: Vec::new(),
            readers_ever: 0,
            backlog_bytes,
            backlog_active: false,
        }
    }

    /// Whether anybody needs the bytes: a backlog or a reader. While not, the caller need not append.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.backlog_active || !self.readers.is_empty()
    }

    /// Appends bytes that belong together and returns the new end.
    pub fn append(&mut self, bytes: &[u8]) -> Offset {
        match self.blocks.back_mut() {
            Some(last) if last.room() >= bytes.len() => last.bytes.extend_from_slice(bytes),
            _ => self.append_across_blocks(bytes),
        }
        self.end = self.end.plus(bytes.len());
        self.end
    }

    fn append_across_blocks(&mut self, bytes: &[u8]) {
        let mut start = self.end;
        let mut rest = bytes;
        if let Some(last) = self.blocks.back_mut() {
            let (first, later) = bytes.split_at(last.room().min(bytes.len()));
            last.bytes.extend_from_slice(first);
            start = start.plus(first.len());
            rest = later;
        }
        if !rest.is_empty() {
            let mut room = self.room_for(rest.len());
            room.extend_from_slice(rest);
            self.blocks.push_back(Block { start, bytes: room });
        }
    }

    fn room_for(&mut self, bytes: usize) -> Vec<u8> {
        if bytes > BLOCK_BYTES {
            return Vec::with_capacity(bytes);
        }
        self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES))
    }

    /// The oldest offset that can be read.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.blocks.front().map_or(self.end, |block| block.start)
    }

    /// The end of the log.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.end
    }

    /// The bytes from `from` to the end of their block: empty at the end of the log, `None` when they are
    /// gone or not there yet.
    #[must_use]
    pub fn read(&self, from: Offset) -> Option<&[u8]> {
        if from == self.end {
            return Some(&[]);
        }
        if from < self.start() || from > self.end {
            return None;
        }
        let after = self.blocks.partition_point(|block| block.start <= from);
        let block = self.blocks.get(after.checked_sub(1)?)?;
        let skip = usize::try_from(from.bytes_since(block.start)).ok()?;
        block.bytes.get(skip..)
    }

    /// Keeps the bytes from `from` on for a new reader. `None` when they are gone or not there yet.
    pub fn pin(&mut self, from: Offset) -> Option<ReaderId> {
        if from < self.start() || from > self.end {
            return None;
        }
        self.readers_ever += 1;
        let reader = ReaderId(self.readers_ever);
        self.readers.push((reader, from));
        Some(reader)
    }

    /// The reader needs nothing before `to` any more. Offsets beyond the end or going back are ignored.
    pub fn advance(&mut self, reader: ReaderId, to: Offset) {
        let end = self.end;
        if let Some((_, position)) = self.readers.iter_mut().find(|(id, _)| *id == reader)
            && to <= end
        {
            *position = to.max(*position);
        }
    }

    /// The reader needs nothing more.
    pub fn unpin(&mut self, reader: ReaderId) {
        self.readers.retain(|(id, _)| *id != reader);
    }

    /// Where the reader stands; `None` after [`Tail::unpin`] or [`Tail::restart`].
    #[must_use]
    pub fn position(&self, reader: ReaderId) -> Option<Offset> {
        self.readers.iter().find(|(id, _)| *id == reader).map(|(_, position)| *position)
    }

    /// Bytes that the reader has not taken yet; 0 for a reader that is gone.
    #[must_use]
    pub fn bytes_behind(&self, reader: ReaderId) -> u64 {
        self.position(reader).map_or(0, |position| self.end.bytes_since(position))
    }

    /// Frees blocks that neither the backlog nor a reader needs. Cheap when there is nothing to free: to
    /// be called once a turn.
    pub fn trim(&mut self) {
        let keep_from = self.keep_from();
        while self.blocks.front().is_some_and(|block| block.end() <= keep_from) {
            let Some(block) = self.blocks.pop_front() else { break };
            self.recycle(block.bytes);
        }
    }

    fn keep_from(&self) -> Offset {
        let mut keep_from = self.end;
        if self.backlog_active {
            keep_from = Offset(self.end.0.saturating_sub(self.backlog_bytes));
        }
        self.readers.iter().fold(keep_from, |oldest, (_, position)| oldest.min(*position))
    }

    fn recycle(&mut self, mut bytes: Vec<u8>) {
        if bytes.capacity() == BLOCK_BYTES && self.spare.len() < SPARE_BLOCKS_MAX {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Bytes of memory held, spare blocks included.
    #[must_use]
    pub fn retained_bytes(&self) -> usize {
        let held: usize = self.blocks.iter().map(|block| block.bytes.capacity()).sum();
        held + self.spare.iter().map(Vec::capacity).sum::<usize>()
    }

    /// Begins to keep a backlog (a first replica came).
    pub fn activate_backlog(&mut self) {
        self.backlog_active = true;
    }

    /// Keeps no backlog any more (`repl-backlog-ttl` passed without a replica).
    pub fn deactivate_backlog(&mut self) {
        self.backlog_active = false;
        self.trim();
    }

    /// Changes `repl-backlog-size`. A smaller one takes effect at the next [`Tail::trim`].
    pub fn set_backlog_bytes(&mut self, bytes: u64) {
        self.backlog_bytes = bytes;
    }

    /// Forgets all bytes and readers and goes on at `at`: another stream, as after a full resync.
    pub fn restart(&mut self, at: Offset) {
        self.readers.clear();
        while let Some(block) = self.blocks.pop_front() {
            self.recycle(block.bytes);
        }
        self.end = at;
    }

    /// The backlog as INFO shows it.
    #[must_use]
    pub fn backlog_facts(&self) -> BacklogFacts {
        let active = self.backlog_active;
        BacklogFacts {
            active,
            size_bytes: self.backlog_bytes,
            first_byte_offset: if active { self.start().next_byte() } else { 0 },
            held_bytes: if active { self.end.bytes_since(self.start()) } else { 0 },
        }
    }
}

#[cfg(test)]
mod tests;
