//! Where a replica's stream begins, and what keeps its bytes until they are sent: not memory.

use crate::spill::{Spill, SpillReader};
use engine::engine::Engine;
use log::Offset;
use log::held_files::{HeldFiles, Hold};
use log::reader::{LogReader, ReadError, StreamSource};
use std::sync::Arc;

/// Bytes of the log that may be kept in memory for one replica, at least.
const MEMORY_BYTES_MIN: u64 = 4 << 20;

/// How much of the log may be kept in memory for one replica while something else holds it too.
pub fn memory_limit_bytes(engine: &Engine) -> u64 {
    let backlog_bytes = engine.propagation.tail.backlog_facts().size_bytes;
    let hard_bytes = engine.config.clients.client_output_buffer_limit.replica.hard_bytes;
    let limit_bytes = backlog_bytes.max(MEMORY_BYTES_MIN);
    if hard_bytes == 0 { limit_bytes } else { limit_bytes.min(hard_bytes) }
}

/// Where a stream begins.
#[derive(Debug)]
pub struct StreamStart {
    /// The offset of its first byte.
    pub from: Offset,
    /// What keeps the bytes.
    pub kept: Kept,
}

/// What keeps the bytes of the stream from some offset on.
pub enum Kept {
    /// The append-only files.
    Files(Arc<HeldFiles>, Hold),
    /// Memory, and a file without a name once that is too much.
    Spill(Arc<Spill>),
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words())
    }
}

impl Kept {
    /// The append-only files, of which `hold` keeps what is needed.
    pub fn in_files(files: &Arc<HeldFiles>, hold: Hold) -> Kept {
        Kept::Files(Arc::clone(files), hold)
    }

    /// What it is, for people.
    pub fn words(&self) -> &'static str {
        match self {
            Kept::Files(..) => "the append-only files",
            Kept::Spill(_) => "a temporary file",
        }
    }

    /// The end of what can be read by now.
    pub fn end(&self) -> Offset {
        match self {
            Kept::Files(files, _) => files.range().map_or(Offset::ZERO, |range| *range.end()),
            Kept::Spill(spill) => spill.end(),
        }
    }

    /// Reads from `from` on.
    pub fn source(&self, from: Offset) -> Result<Box<dyn StreamSource>, ReadError> {
        match self {
            Kept::Files(files, _) => Ok(Box::new(LogReader::new(files, from)?)),
            Kept::Spill(spill) => Ok(Box::new(SpillReader::new(spill, from))),
        }
    }
}
