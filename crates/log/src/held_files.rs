//! The increments that hold the stream without a hole up to its end, those kept behind their use included: where an
//! offset lies in them.
//!
//! The log's writer tells what it does with its files, readers ask. A file that a rewrite has replaced stays as long as
//! somebody reads it and the limits of [`Retention`] allow.
#![expect(
    clippy::disallowed_types,
    reason = "shared by the log's writer and its readers, below the engine, which names the lock type"
)]

pub(crate) mod list;

use crate::annotation::Annotation;
use crate::offset::Offset;
use crate::scan::{Position, Record};
use crate::vfs::{Vfs, VfsFile};
use std::collections::VecDeque;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of the stream between two marks, at least: so much is passed over until an offset is found.
pub const MARK_EVERY_BYTES: u64 = 1 << 20;

/// A place in a file, behind a `#LOG:` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The offset of the next byte of the stream.
    pub offset: Offset,
    /// Where in the file it stands.
    pub place: u64,
}

/// Some places of a file, in order, not too near to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<Mark>);

impl Marks {
    /// Adds a mark, unless the last one is near.
    pub fn add(&mut self, mark: Mark) {
        let is_due = |last: &Mark| mark.offset.bytes_since(last.offset) >= MARK_EVERY_BYTES;
        if self.0.last().is_none_or(is_due) {
            self.0.push(mark);
        }
    }

    /// Looks at a record of a scan. Where the stream is torn, as after another program wrote on, the marks begin anew.
    pub fn note(&mut self, record: &Record<'_>) {
        match record {
            Record::Command { end: None, .. } => self.0.clear(),
            Record::Annotation {
                annotation: Annotation::Position { offset, .. },
                file_offset,
                length,
                ..
            } => {
                self.add(Mark { offset: *offset, place: file_offset + *length as u64 });
            }
            _ => {}
        }
    }

    /// The file is cut to so many bytes.
    pub fn cut(&mut self, file_bytes: u64) {
        self.0.retain(|mark| mark.place <= file_bytes);
    }

    /// The marks.
    #[must_use]
    pub fn as_slice(&self) -> &[Mark] {
        &self.0
    }

    /// The last mark at or before `offset`.
    fn before(&self, offset: Offset) -> Option<Mark> {
        let after = self.0.partition_point(|mark| mark.offset <= offset);
        self.0.get(after.checked_sub(1)?).copied()
    }
}

/// An increment that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// Its name in the append-only directory.
    pub name: String,
    /// Where its part of the stream begins.
    pub start: Position,
    /// Where it ends; `None` while it is being written.
    pub end: Option<Position>,
    /// Bytes of the file, once it has ended.
    pub bytes: u64,
    /// Places in it.
    pub marks: Marks,
    /// When a rewrite replaced it, in seconds since 1970; `None` while the manifest lists it.
    pub kept_since_s: Option<u64>,
    /// Names it among the held files, whatever its name on disk.
    serial: u64,
}

impl HeldFile {
    /// A file that the manifest lists and that has ended, as its scan found it.
    #[must_use]
    pub fn listed(name: String, start: Position, end: Position, bytes: u64, marks: Marks) -> Self {
        Self { name, start, end: Some(end), bytes, marks, kept_since_s: None, serial: 0 }
    }
}

/// How much is kept of what a start does not need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// `repl-log-size`: bytes of files. 0 keeps none.
    pub bytes: u64,
    /// `repl-log-ttl`: seconds since a rewrite replaced the file. 0 means for ever.
    pub seconds: u64,
}

impl Retention {
    /// Nothing is kept.
    pub const NONE: Self = Self { bytes: 0, seconds: 0 };
}

/// What is held, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldFacts {
    /// The oldest offset that can be read, and the end of what is written; `None` when nothing can be read.
    pub range: Option<(Offset, Offset)>,
    /// Files that only readers may still need.
    pub kept_files: u64,
    /// Their bytes.
    pub kept_bytes: u64,
}

#[derive(Debug, Default)]
struct State {
    /// Oldest first; each begins where the one before it ends.
    files: VecDeque<HeldFile>,
    files_ever: u64,
    /// Everything before is in the files.
    written: Offset,
    holds: Vec<(u64, Offset)>,
    holds_ever: u64,
}

/// The files. Shared by the writer and all readers.
pub struct HeldFiles {
    vfs: Arc<dyn Vfs>,
    directory: PathBuf,
    state: Mutex<State>,
}

/// Where an offset is.
pub(crate) struct Place {
    /// The file.
    pub name: String,
    /// The number that it has among the held files.
    pub serial: u64,
    /// The last mark at or before the offset; without one the file is read from its beginning.
    pub mark: Option<Mark>,
}

impl HeldFiles {
    /// No files yet.
    #[must_use]
    pub fn new(vfs: Arc<dyn Vfs>, directory: PathBuf) -> Arc<Self> {
        Arc::new(Self { vfs, directory, state: Mutex::default() })
    }

    /// The state is whole after each method, so a panic of its holder does it no harm.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The offsets from which the stream can be read up to its end.
    #[must_use]
    pub fn range(&self) -> Option<RangeInclusive<Offset>> {
        let state = self.state();
        state.files.front().map(|file| file.start.offset..=state.written)
    }

    /// Figures for INFO.
    #[must_use]
    pub fn facts(&self) -> HeldFacts {
        let state = self.state();
        let kept = state.kept();
        HeldFacts {
            range: state.files.front().map(|file| (file.start.offset, state.written)),
            kept_files: kept.clone().count() as u64,
            kept_bytes: kept.map(|file| file.bytes).sum(),
        }
    }

    /// Keeps everything from `from` on until the hold is dropped, whatever the limits say; only a full disk breaks it.
    #[must_use]
    pub fn hold(self: &Arc<Self>, from: Offset) -> Hold {
        let mut state = self.state();
        state.holds_ever += 1;
        let number = state.holds_ever;
        state.holds.push((number, from));
        drop(state);
        Hold { files: Arc::clone(self), number }
    }

    /// Whether a kept file is over the limits and needed by nobody.
    #[must_use]
    pub fn has_surplus(&self, limits: Retention, now_s: u64) -> bool {
        self.state().has_surplus(limits, now_s)
    }

    pub(crate) fn open(&self, name: &str) -> io::Result<Box<dyn VfsFile>> {
        self.vfs.open_read(&self.directory.join(name))
    }

    /// The file that holds the byte at `offset`; at the end of all files, the last one.
    pub(crate) fn find(&self, offset: Offset) -> Option<Place> {
        let state = self.state();
        if offset > state.written {
            return None;
        }
        let after = state.files.partition_point(|file| file.start.offset <= offset);
        state.files.get(after.checked_sub(1)?).map(|file| file.place(offset))
    }

    /// The name of the file with this number, and where it ends if it is written no more; `None` when it is not held.
    pub(crate) fn look_up(&self, serial: u64) -> Option<(String, Option<Offset>)> {
        let state = self.state();
        let file = state.files.iter().find(|file| file.serial == serial)?;
        Some((file.name.clone(), file.end.map(|end| end.offset)))
    }

    /// Goes on with files of an earlier run, all of the stream up to `written`.
    pub(crate) fn restore(&self, files: Vec<HeldFile>, written: Offset) {
        let mut state = self.state();
        state.files = files.into();
        state.written = written;
        let State { files, files_ever, .. } = &mut *state;
        for file in files {
            *files_ever += 1;
            file.serial = *files_ever;
        }
    }

    /// The last file goes on: it was closed by an earlier run.
    pub(crate) fn reopen_last(&self) {
        if let Some(last) = self.state().files.back_mut() {
            last.end = None;
            last.bytes = 0;
        }
    }

    /// The stream goes on in a new file; the last one, if any, has ended there.
    pub(crate) fn begin(&self, name: &str, start: Position, bytes_before: u64) {
        let mut state = self.state();
        if let Some(last) = state.files.back_mut()
            && last.end.is_none()
        {
            (last.end, last.bytes) = (Some(start), bytes_before);
        }
        // A file in which nothing stands ends where it begins, and would stand for the same offsets.
        while state.files.back().is_some_and(|last| last.start.offset == start.offset) {
            state.files.pop_back();
        }
        state.written = start.offset;
        let name = name.to_owned();
        state.files_ever += 1;
        let (marks, serial) = (Marks::default(), state.files_ever);
        state.files.push_back(HeldFile {
            name,
            start,
            end: None,
            bytes: 0,
            marks,
            kept_since_s: None,
            serial,
        });
    }

    /// Everything before `end` is in the files.
    pub(crate) fn wrote(&self, marks: &mut Vec<Mark>, end: Offset) {
        let mut state = self.state();
        state.written = end;
        if let Some(last) = state.files.back_mut() {
            marks.drain(..).for_each(|mark| last.marks.add(mark));
        }
        marks.clear();
    }

    /// What is in the files is not, or no longer, the stream up to its end. Returns the kept ones: they are to be removed.
    pub(crate) fn clear(&self) -> Vec<HeldFile> {
        let files = std::mem::take(&mut self.state().files);
        files.into_iter().filter(|file| file.kept_since_s.is_some()).collect()
    }

    /// The file that the manifest no longer lists, if it is one that is held.
    pub(crate) fn listed(&self, name: &str) -> Option<HeldFile> {
        let state = self.state();
        state.files.iter().find(|file| file.name == name && file.end.is_some()).cloned()
    }

    /// A listed file became a kept one.
    pub(crate) fn keep(&self, name: &str, new_name: &str, now_s: u64) {
        let mut state = self.state();
        if let Some(file) = state.files.iter_mut().find(|file| file.name == name) {
            file.name = new_name.to_owned();
            file.kept_since_s = Some(now_s);
        }
    }

    /// A listed file could not be kept: it goes, and what was before it serves nobody. Returns kept files to be removed.
    pub(crate) fn lose(&self, name: &str) -> Vec<HeldFile> {
        let mut state = self.state();
        let Some(index) = state.files.iter().position(|file| file.name == name) else { return Vec::new() };
        state.files.drain(..=index).filter(|file| file.kept_since_s.is_some()).collect()
    }

    /// Takes the kept files off that are over the limits and needed by nobody.
    pub(crate) fn take_surplus(&self, limits: Retention, now_s: u64) -> Vec<HeldFile> {
        let mut state = self.state();
        let mut surplus = Vec::new();
        while state.has_surplus(limits, now_s) {
            surplus.extend(state.files.pop_front());
        }
        surplus
    }

    /// Takes the oldest kept file off, whoever needs it: the disk is full.
    pub(crate) fn take_oldest_kept(&self) -> Option<HeldFile> {
        self.state().files.pop_front_if(|file| file.kept_since_s.is_some())
    }

    /// The kept files.
    pub(crate) fn kept(&self) -> Vec<HeldFile> {
        self.state().kept().cloned().collect()
    }
}

impl HeldFile {
    fn place(&self, offset: Offset) -> Place {
        Place { name: self.name.clone(), serial: self.serial, mark: self.marks.before(offset) }
    }
}

impl State {
    fn kept(&self) -> impl Iterator<Item = &HeldFile> + Clone {
        self.files.iter().take_while(|file| file.kept_since_s.is_some())
    }

    fn has_surplus(&self, limits: Retention, now_s: u64) -> bool {
        let Some((oldest, since_s)) = self.files.front().and_then(|file| Some((file, file.kept_since_s?)))
        else {
            return false;
        };
        let is_old = limits.seconds != 0 && now_s.saturating_sub(since_s) > limits.seconds;
        let is_much = self.kept().map(|file| file.bytes).sum::<u64>() > limits.bytes;
        let is_needed = |(_, from): &(u64, Offset)| oldest.end.is_none_or(|end| *from < end.offset);
        (is_old || is_much) && !self.holds.iter().any(is_needed)
    }
}

/// Keeps files from being removed while it lives.
pub struct Hold {
    files: Arc<HeldFiles>,
    number: u64,
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Hold({})", self.number)
    }
}

impl Hold {
    /// Nothing before `to` is needed any more.
    pub fn advance(&self, to: Offset) {
        let mut state = self.files.state();
        if let Some((_, from)) = state.holds.iter_mut().find(|(number, _)| *number == self.number) {
            *from = to;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.files.state().holds.retain(|(number, _)| *number != self.number);
    }
}

#[cfg(test)]
mod tests;
