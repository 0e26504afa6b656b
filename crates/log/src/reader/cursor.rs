//! A place in one increment that moves on: counts the stream's offset, checks the sums and the positions that it passes.

use super::skim::{Piece, Skimmer};
use crate::annotation::Annotation;
use crate::checksum::Checksum;
use crate::held_files::Mark;
use crate::offset::Offset;
use crate::vfs::VfsFile;
use std::io;
use std::ops::Range;

/// Bytes that are read at once.
const WINDOW_BYTES: usize = 64 * 1024;

/// Why a cursor cannot move on.
#[derive(Debug)]
pub(super) enum Stuck {
    /// The file cannot be read.
    Io(io::Error),
    /// At this place is something that was never written so.
    Damaged(u64),
}

/// What a cursor came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Bytes of the stream: [`Cursor::passed`].
    Stream,
    /// A line whose sum and position were right; everything before it is as it was written.
    Check,
    /// Something else.
    Other,
    /// The end of what is in the file.
    End,
}

/// The place.
pub(super) struct Cursor {
    window: Vec<u8>,
    from: usize,
    passed: Range<usize>,
    /// Where in the file the next byte of the window stands.
    pub place: u64,
    /// The offset of the stream there; `None` before the first position of a file.
    pub offset: Option<Offset>,
    skimmer: Skimmer,
    sum: Checksum,
    checks: bool,
}

impl Cursor {
    /// At a mark of a file, behind a line with a sum. With `checks` the sums are verified.
    pub fn at_mark(mark: Mark, checks: bool) -> Self {
        Self { place: mark.place, offset: Some(mark.offset), ..Self::at_beginning(checks) }
    }

    /// At the beginning of a file.
    pub fn at_beginning(checks: bool) -> Self {
        Self {
            window: Vec::new(),
            from: 0,
            passed: 0..0,
            place: 0,
            offset: None,
            skimmer: Skimmer::new(),
            sum: Checksum::new(),
            checks,
        }
    }

    /// Whether it stands between two records.
    pub fn is_between(&self) -> bool {
        self.skimmer.is_between()
    }

    /// Moves on by one piece, at most to the place `limit`, and of the stream by `most` bytes at most.
    pub fn pass(&mut self, file: &dyn VfsFile, limit: u64, most: usize) -> Result<Passed, Stuck> {
        if self.from == self.window.len() {
            self.fill(file)?;
        }
        let left = usize::try_from(limit.saturating_sub(self.place)).unwrap_or(usize::MAX);
        let end = self.window.len().min(self.from.saturating_add(left.min(most)));
        let Some(bytes) = self.window.get(self.from..end).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Passed::End);
        };
        let piece = self.skimmer.take(bytes).map_err(|_| Stuck::Damaged(self.place))?;
        let (Piece::Commands(length) | Piece::Line(length) | Piece::LinePart(length)) = piece;
        self.passed = self.from..self.from + length;
        self.from += length;
        self.place += length as u64;
        match piece {
            Piece::Commands(_) => Ok(self.commands()),
            Piece::Line(_) => self.line(),
            Piece::LinePart(_) => Ok(Passed::Other),
        }
    }

    fn fill(&mut self, file: &dyn VfsFile) -> Result<(), Stuck> {
        self.window.resize(WINDOW_BYTES, 0);
        self.from = 0;
        let read = file.read_at(&mut self.window, self.place);
        self.window.truncate(*read.as_ref().unwrap_or(&0));
        read.map(drop).map_err(Stuck::Io)
    }

    /// The bytes that the cursor passed last.
    pub fn passed(&self) -> &[u8] {
        self.window.get(self.passed.clone()).unwrap_or_default()
    }

    fn commands(&mut self) -> Passed {
        let bytes = self.window.get(self.passed.clone()).unwrap_or_default();
        if self.checks {
            self.sum.update(bytes);
        }
        match &mut self.offset {
            Some(offset) => {
                *offset = offset.plus(bytes.len());
                Passed::Stream
            }
            None => Passed::Other,
        }
    }

    fn line(&mut self) -> Result<Passed, Stuck> {
        let line = self.skimmer.line();
        let damaged = Stuck::Damaged(self.place - line.len() as u64);
        let Ok(annotation) = Annotation::parse(line) else { return Err(damaged) };
        let stated = match annotation {
            Annotation::Position { sum, .. } | Annotation::Sum(sum) => Some(sum),
            _ => None,
        };
        if self.checks {
            let covered = if stated.is_some() { Annotation::covered_bytes(line) } else { line.len() };
            self.sum.update(line.get(..covered).unwrap_or_default());
            if stated.is_some_and(|stated| stated != self.sum.value()) {
                return Err(damaged);
            }
        }
        if stated.is_some() {
            self.sum = Checksum::new();
        }
        if let Annotation::Position { offset, .. } = annotation
            && self.offset.replace(offset).is_some_and(|counted| counted != offset)
        {
            return Err(damaged);
        }
        Ok(if stated.is_some() { Passed::Check } else { Passed::Other })
    }
}
