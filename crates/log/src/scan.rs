//! Reads an increment after a restart: hands over each command, checks what can be checked, says where it ends.
//!
//! Commands reach the callback as they are read, before the checksum that covers them. Who must not run a
//! damaged command scans twice: first with a callback that does nothing, then only [`Report::good_bytes`].

mod scanner;
mod window;

use crate::annotation::{Annotation, Annotator};
use crate::checksum::Checksum;
use crate::history::{Chain, History, ReplicationId};
use crate::multibulk::{FramingError, Limits};
use crate::offset::Offset;
use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

/// What to read, and how much of it at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The largest command.
    pub limits: Limits,
    /// Where in the file the reader stands: not 0 after an RDB preamble.
    pub file_offset: u64,
}

/// The arguments of a command, as slices of the read buffer.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    command: &'a [u8],
    places: &'a [Range<usize>],
}

impl<'a> Arguments<'a> {
    /// How many there are, the command's name included: at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Never: a command has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The argument at `index`; 0 is the command's name.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.command.get(self.places.get(index)?.clone())
    }

    /// All arguments, the command's name first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let command = self.command;
        self.places.iter().map(move |place| command.get(place.clone()).unwrap_or_default())
    }

    /// Where the arguments lie in [`Arguments::as_bytes`].
    #[must_use]
    pub fn places(&self) -> &'a [Range<usize>] {
        self.places
    }

    /// The command as it stands in the file.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.command
    }
}

/// What the scan came by.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// A command.
    Command {
        /// Its arguments.
        arguments: Arguments<'a>,
        /// Where in the file it begins.
        file_offset: u64,
        /// The stream's offset after it; `None` when the file does not tell.
        end: Option<Offset>,
    },
    /// A line beginning with `#`, checked if it states a checksum.
    Annotation {
        /// What it says.
        annotation: Annotation,
        /// Where in the file it begins.
        file_offset: u64,
        /// Its bytes, line end included.
        length: usize,
    },
}

/// A place in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The history.
    pub id: ReplicationId,
    /// The offset of the next byte.
    pub offset: Offset,
}

/// Why a file is corrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// Neither a command nor an annotation.
    Framing(FramingError),
    /// An annotation of ours, damaged.
    Annotation,
    /// A line beginning with `#` that is too long for the peers.
    LineTooLong,
    /// The bytes between the last check and this one are not those that were written.
    Checksum,
    /// An annotation that does not fit the offset reached by counting.
    Offset {
        /// By counting.
        counted: Offset,
        /// As it says.
        stated: Offset,
    },
}

impl fmt::Display for Corruption {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Framing(error) => error.fmt(out),
            Self::Annotation => out.write_str("a damaged annotation"),
            Self::LineTooLong => out.write_str("an annotation that is too long"),
            Self::Checksum => out.write_str("the checksum of the bytes before does not match"),
            Self::Offset { counted, stated } => {
                write!(out, "offset {stated} stated where counting gives {counted}")
            }
        }
    }
}

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After a whole command or annotation, outside of a transaction.
    Clean,
    /// Within a command, an annotation or a transaction, or in zeros that a crash left.
    Truncated,
    /// It does not: at this byte is something that was never written so.
    Corrupt {
        /// The byte; for a checksum, the beginning of the line that states it: the damage lies between
        /// [`Report::verified_bytes`] and there.
        at: u64,
        /// What is wrong.
        reason: Corruption,
        /// Whether a check follows: then more than a torn end is damaged, or the end was torn in several places.
        is_followed: bool,
        /// Whether the damaged bytes were on disk once: then it is damage of the disk, not an end that a crash has torn.
        was_forced: bool,
    },
    /// It has not begun: an RDB file (`REDIS` or `VALKEY`) stands where commands should. Read it first,
    /// then scan on from its end.
    RdbPreamble,
}

/// What a scan found out.
#[derive(Clone, Debug)]
pub struct Report {
    /// How the file ends.
    pub end: End,
    /// Cut here, the file holds only whole commands and transactions, and no damage that could be found.
    pub good_bytes: u64,
    /// Everything before this byte is confirmed by a checksum.
    pub verified_bytes: u64,
    /// The position that the first annotation states; bytes before it are not of the stream.
    pub first: Option<Position>,
    /// The position at `good_bytes`; `None` when nothing tells, or another program wrote on.
    pub position: Option<Position>,
    /// Whether commands follow the line that closed the file: another program wrote them, and the file's
    /// history does not hold for them.
    pub has_foreign_end: bool,
    /// Whether the file was closed in order at `good_bytes`.
    pub is_closed: bool,
    /// The histories named up to `good_bytes`.
    pub chain: Chain,
    /// Commands handed over.
    pub commands: u64,
    /// The last `#TS:` line.
    pub timestamp_s: Option<u64>,
    sum: Checksum,
    unchecked_bytes: u64,
}

impl Report {
    /// The history at `good_bytes`, with its parent if the chain names one.
    #[must_use]
    pub fn history(&self) -> Option<History> {
        self.position.map(|position| self.chain.history_of(position.id))
    }

    /// What goes on with the checksums when the file is appended to at `good_bytes`.
    #[must_use]
    pub fn annotator(&self) -> Annotator {
        Annotator::resume(self.sum, self.unchecked_bytes)
    }
}

/// Why a scan stopped before it knew the end.
#[derive(Debug)]
pub enum ScanError<E> {
    /// The file could not be read.
    Io(io::Error),
    /// The callback said so.
    Sink(E),
}

impl<E: fmt::Display> fmt::Display for ScanError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(out),
            Self::Sink(error) => error.fmt(out),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for ScanError<E> {}

/// Walks through an increment (or an old single append-only file) and hands each record to `sink`. Memory
/// is bounded by the largest command.
///
/// # Errors
/// When reading fails or the callback refuses. Damage is no error: the report tells it.
pub fn scan<R: Read, E>(
    reader: R,
    options: &Options,
    sink: impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<Report, ScanError<E>> {
    scanner::Scanner::new(reader, options).run(sink)
}

/// Scans without looking at the commands.
///
/// # Errors
/// When reading fails.
pub fn verify<R: Read>(reader: R, options: &Options) -> io::Result<Report> {
    let nothing = |_: Record<'_>| Ok::<(), std::convert::Infallible>(());
    scan(reader, options, nothing).map_err(|error| match error {
        ScanError::Io(error) => error,
        ScanError::Sink(never) => match never {},
    })
}

#[cfg(test)]
mod tests;
