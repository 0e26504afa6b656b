//! Reads the stream out of the files on disk, from any offset that they hold.
//!
//! Two cursors walk through a file: one ahead that verifies the sums, one behind it that hands over what was verified. So
//! no damaged byte leaves, and memory is bounded whatever the size of a command. The last bytes of a file may have no sum
//! yet, or none at all where a process was killed; those, and no more than those, are handed over without.

mod cursor;
mod skim;

use crate::held_files::{HeldFiles, Hold, Place};
use crate::offset::Offset;
use crate::vfs::VfsFile;
use cursor::{Cursor, Passed, Stuck};
use std::fmt;
use std::io;
use std::sync::Arc;

/// Bytes at the end of a file that need no sum: the writer adds one for every 4 KiB.
const UNVERIFIED_BYTES_MAX: u64 = 8 * 1024;

/// Why the stream cannot be read on.
#[derive(Debug)]
pub enum ReadError {
    /// The bytes from this offset on are not held, or no longer.
    Gone(Offset),
    /// The file cannot be read.
    Io(String, io::Error),
    /// At this place of this file is something that was never written so.
    Damaged(String, u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(offset) => write!(out, "the log from offset {offset} on is not on disk"),
            Self::Io(name, error) => write!(out, "reading {name}: {error}"),
            Self::Damaged(name, place) => write!(out, "{name} is damaged at byte {place}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// What gives the bytes of the stream from some offset on, in order.
pub trait StreamSource: Send {
    /// The offset of the next byte.
    fn position(&self) -> Offset;

    /// Appends at most `most` bytes of the stream to `out`. Returns how many: 0 at the end of what there is by now.
    ///
    /// # Errors
    /// When they cannot be read; they never can then.
    fn read(&mut self, out: &mut Vec<u8>, most: usize) -> Result<usize, ReadError>;
}

/// Reads the files of a log. What it has not read yet is not removed while it lives.
pub struct LogReader {
    files: Arc<HeldFiles>,
    hold: Hold,
    position: Offset,
    open: Open,
}

/// The file that is being read.
struct Open {
    name: String,
    /// The number that it has among the held files.
    serial: u64,
    file: Box<dyn VfsFile>,
    checker: Cursor,
    emitter: Cursor,
    /// Up to this place the sums were right.
    verified: u64,
}

impl LogReader {
    /// From `from` on.
    ///
    /// # Errors
    /// When the files do not hold it, or cannot be read.
    pub fn new(files: &Arc<HeldFiles>, from: Offset) -> Result<Self, ReadError> {
        let hold = files.hold(from);
        let place = files.find(from).ok_or(ReadError::Gone(from))?;
        let open = Open::new(files, place, from)?;
        Ok(Self { files: Arc::clone(files), hold, position: from, open })
    }

    /// Goes over to the file that holds the next byte. What it leaves is read to its end, or removed.
    fn go_on(&mut self) -> Result<(), ReadError> {
        let place = self.files.find(self.position).ok_or(ReadError::Gone(self.position))?;
        self.open = Open::new(&self.files, place, self.position)?;
        Ok(())
    }
}

impl StreamSource for LogReader {
    fn position(&self) -> Offset {
        self.position
    }

    fn read(&mut self, out: &mut Vec<u8>, most: usize) -> Result<usize, ReadError> {
        loop {
            // Asked before the file is read: what it says of the file's end holds for what is read then.
            let Some((_, end)) = self.files.look_up(self.open.serial) else {
                self.go_on()?;
                continue;
            };
            let taken = self.open.read(out, most, end.is_some(), self.position)?;
            self.position = self.position.plus(taken);
            if taken > 0 {
                self.hold.advance(self.position);
                return Ok(taken);
            }
            match end {
                None => return Ok(0),
                Some(end) if end == self.position => self.go_on()?,
                Some(_) => return Err(ReadError::Gone(self.position)),
            }
        }
    }
}

impl Open {
    fn new(files: &HeldFiles, place: Place, from: Offset) -> Result<Self, ReadError> {
        let Place { mut name, serial, mark } = place;
        let mut file = files.open(&name);
        if file.is_err()
            && let Some((again, _)) = files.look_up(serial)
        {
            // It was given another name in between.
            name = again;
            file = files.open(&name);
        }
        let file = file.map_err(|error| ReadError::Io(name.clone(), error))?;
        let cursor = |checks| mark.map_or(Cursor::at_beginning(checks), |mark| Cursor::at_mark(mark, checks));
        let verified = mark.map_or(0, |mark| mark.place);
        let mut open = Self { name, serial, file, checker: cursor(true), emitter: cursor(false), verified };
        open.skip_to(from)?;
        Ok(open)
    }

    /// Brings the emitter to `from`.
    fn skip_to(&mut self, from: Offset) -> Result<(), ReadError> {
        loop {
            let left = match self.emitter.offset {
                Some(offset) if offset >= from => return Ok(()),
                Some(offset) => usize::try_from(from.bytes_since(offset)).unwrap_or(usize::MAX),
                None => usize::MAX,
            };
            let passed = self.emitter.pass(&*self.file, u64::MAX, left);
            if matches!(passed.map_err(|stuck| stuck.within(&self.name))?, Passed::End) {
                return Ok(());
            }
        }
    }

    fn read(
        &mut self,
        out: &mut Vec<u8>,
        most: usize,
        is_closed: bool,
        position: Offset,
    ) -> Result<usize, ReadError> {
        loop {
            let (limit, from) = (self.limit(is_closed)?, self.emitter.place);
            let taken = self.emit(out, most, limit, position)?;
            // Up to the limit there may be nothing but lines.
            if taken > 0 || self.emitter.place == from {
                return Ok(taken);
            }
        }
    }

    fn emit(
        &mut self,
        out: &mut Vec<u8>,
        most: usize,
        limit: u64,
        position: Offset,
    ) -> Result<usize, ReadError> {
        let mut taken = 0;
        while taken < most {
            let before = self.emitter.offset.map_or(u64::MAX, |offset| position.bytes_since(offset));
            let left = if before == 0 { most - taken } else { usize::try_from(before).unwrap_or(usize::MAX) };
            let passed = self.emitter.pass(&*self.file, limit, left);
            match passed.map_err(|stuck| stuck.within(&self.name))? {
                Passed::Stream if before == 0 => {
                    let bytes = self.emitter.passed();
                    out.extend_from_slice(bytes);
                    taken += bytes.len();
                }
                Passed::Stream | Passed::Check | Passed::Other => {}
                Passed::End => break,
            }
        }
        Ok(taken)
    }

    /// The place up to which bytes may be handed over: moves the checker on when the emitter has reached it.
    fn limit(&mut self, is_closed: bool) -> Result<u64, ReadError> {
        while self.emitter.place >= self.verified {
            match self.checker.pass(&*self.file, u64::MAX, usize::MAX) {
                Ok(Passed::Check) => self.verified = self.checker.place,
                Ok(Passed::Stream | Passed::Other) => {}
                Ok(Passed::End) => match self.unverified_limit() {
                    limit if is_closed && limit < self.checker.place => {
                        return Err(ReadError::Damaged(self.name.clone(), self.checker.place));
                    }
                    limit => return Ok(limit),
                },
                Err(stuck) => return Err(stuck.within(&self.name)),
            }
        }
        Ok(self.verified)
    }

    fn unverified_limit(&self) -> u64 {
        let length = self.checker.place - self.verified;
        if self.checker.is_between() && length <= UNVERIFIED_BYTES_MAX {
            self.checker.place
        } else {
            self.verified
        }
    }
}

impl Stuck {
    fn within(self, name: &str) -> ReadError {
        match self {
            Self::Io(error) => ReadError::Io(name.to_owned(), error),
            Self::Damaged(place) => ReadError::Damaged(name.to_owned(), place),
        }
    }
}

#[cfg(test)]
mod tests;
