//! From a walk into a file: encoded slice by slice, written in pieces, forced to disk before anybody relies on it.

use crate::command_encoder::CommandEncoder;
use crate::snapshot::{EntryEncoder, SnapshotWalk, WalkError, attributes};
use crate::version::NotHeld;
use datatypes::collection::ValueRef;
use engine::engine::Node;
use keyspace::{DatabaseCount, ExpiryMode, View};
use log::vfs::{Vfs, VfsFile};
use rdb::encoder::{Attributes, Encoder};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// Encoded bytes gathered before they are written.
const CHUNK_BYTES: usize = 1 << 20;
/// Entries visited at once under the lock.
const ENTRIES_AT_ONCE: usize = 256;
/// Bytes after which they are forced to disk while more are made (`rdb-save-incremental-fsync`).
const SYNC_EVERY_BYTES: u64 = 32 << 20;

/// Why a file was not made.
#[derive(Debug)]
pub enum WriteError {
    /// The walk ended early.
    Walk(WalkError),
    /// The disk refused.
    Io(io::Error),
    /// The version asked for does not hold the data.
    Version(NotHeld),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Walk(error) => error.fmt(f),
            WriteError::Io(error) => f.write_str(&reason(error)),
            WriteError::Version(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<WalkError> for WriteError {
    fn from(error: WalkError) -> Self {
        WriteError::Walk(error)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        WriteError::Io(error)
    }
}

impl WriteError {
    /// Somebody called the walk off: nothing is wrong with the disk.
    pub fn is_called_off(&self) -> bool {
        matches!(self, WriteError::Walk(WalkError::Aborted))
    }
}

/// The operating system's words without its number.
pub fn reason(error: &io::Error) -> String {
    let mut text = error.to_string();
    if let Some(number) = text.find(" (os error ") {
        text.truncate(number);
    }
    text
}

/// How a data set is written.
pub enum DataSetEncoder {
    /// As an RDB file.
    Rdb(Box<Encoder>),
    /// As commands.
    Commands(CommandEncoder),
}

impl EntryEncoder for DataSetEncoder {
    fn select(&mut self, count: DatabaseCount) {
        match self {
            DataSetEncoder::Rdb(encoder) => encoder.select(count),
            DataSetEncoder::Commands(encoder) => encoder.select(count),
        }
    }

    #[inline]
    fn entry(&mut self, key: &[u8], value: ValueRef<'_>, attributes: Attributes) {
        match self {
            DataSetEncoder::Rdb(encoder) => EntryEncoder::entry(&mut **encoder, key, value, attributes),
            DataSetEncoder::Commands(encoder) => encoder.entry(key, value, attributes),
        }
    }
}

impl DataSetEncoder {
    fn buffered_bytes(&self) -> usize {
        match self {
            DataSetEncoder::Rdb(encoder) => encoder.buffered_bytes(),
            DataSetEncoder::Commands(encoder) => encoder.buffer.len(),
        }
    }

    fn drain_into(&mut self, target: &mut Target) -> io::Result<()> {
        match self {
            DataSetEncoder::Rdb(encoder) => encoder.drain_into(target).map(drop),
            DataSetEncoder::Commands(encoder) => {
                target.write_all(&encoder.buffer)?;
                encoder.buffer.clear();
                Ok(())
            }
        }
    }

    fn end(&mut self) {
        if let DataSetEncoder::Rdb(encoder) = self {
            encoder.footer();
        }
    }
}

/// A file that is being written.
pub struct Target {
    file: Box<dyn VfsFile>,
    unforced_bytes: u64,
    forces_along: bool,
}

impl Target {
    /// Creates the file. With `forces_along` it is forced to disk piece by piece, not all at its end.
    pub fn create(vfs: &dyn Vfs, path: &Path, forces_along: bool) -> io::Result<Target> {
        Ok(Target { file: vfs.create(path)?, unforced_bytes: 0, forces_along })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unforced_bytes += written as u64;
        if self.forces_along && self.unforced_bytes >= SYNC_EVERY_BYTES {
            self.unforced_bytes = 0;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes all databases as they are while the execution lock is held, and forces the file to disk.
pub fn write_under_lock(
    node: &mut Node,
    encoder: &mut DataSetEncoder,
    mut target: Target,
) -> Result<(), WriteError> {
    let (uses, now_ms) = (node.engine.config.memory.saved_use_rule(), node.engine.clock.wall_ms);
    for database in 0..node.keyspace.database_count() {
        let keys = node.keyspace.len(database) as u64;
        if keys == 0 {
            continue;
        }
        encoder.select(DatabaseCount { database, keys, expires: node.keyspace.expires_len(database) as u64 });
        let mut cursor = 0;
        loop {
            let view = View { database, now_ms: 0, expiry: ExpiryMode::Ignore, touch: false };
            cursor = node.keyspace.keys(view).scan(cursor, ENTRIES_AT_ONCE, &mut |entry| {
                encoder.entry(entry.key(), entry.value(), attributes(entry, uses, now_ms));
            });
            if encoder.buffered_bytes() >= CHUNK_BYTES {
                encoder.drain_into(&mut target)?;
            }
            if cursor == 0 {
                break;
            }
        }
    }
    finish(encoder, target)
}

/// Writes what the walk yields, taking the execution lock for each slice, and forces the file to disk.
pub fn write_beside(
    walk: &mut SnapshotWalk,
    encoder: &mut DataSetEncoder,
    target: Target,
) -> Result<(), WriteError> {
    write_beside_telling(walk, encoder, target, || true)
}

/// The same; between slices `go_on` is asked, and the walk is given up when it says no.
pub fn write_beside_telling(
    walk: &mut SnapshotWalk,
    encoder: &mut DataSetEncoder,
    mut target: Target,
    mut go_on: impl FnMut() -> bool,
) -> Result<(), WriteError> {
    while walk.encode_slice(encoder)? {
        if encoder.buffered_bytes() >= CHUNK_BYTES {
            encoder.drain_into(&mut target)?;
        }
        if !go_on() {
            return Err(WriteError::Walk(WalkError::Aborted));
        }
    }
    finish(encoder, target)
}

fn finish(encoder: &mut DataSetEncoder, mut target: Target) -> Result<(), WriteError> {
    encoder.end();
    encoder.drain_into(&mut target)?;
    target.file.sync_data()?;
    Ok(())
}
