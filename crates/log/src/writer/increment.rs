//! One increment being written: what is in the file, what is on the disk, and what must be written (again).

use crate::annotation::Annotator;
use crate::held_files::Mark;
use crate::history::{Chain, ReplicationId};
use crate::offset::Offset;
use crate::vfs::VfsFile;
use std::io::{self, ErrorKind};

/// Bytes between two checks within a file, at least; and between two `#LOG:` lines.
const CHECK_EVERY_BYTES: u64 = 4096;

/// Written bytes kept in memory until they are on disk, so that they can be written again after a failed
/// fsync. Beyond, they are dropped, and a failed fsync leaves a gap.
pub(super) const KEPT_BYTES_MAX: usize = 4 << 20;

/// The calls that may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedCall {
    /// Writing into an increment.
    Write,
    /// Forcing it to disk.
    Sync,
    /// Cutting off what may not stay in it.
    Truncate,
    /// Storing the manifest.
    Manifest,
}

/// An increment open for writing.
pub(super) struct Increment {
    file: Box<dyn VfsFile>,
    annotator: Annotator,
    since_position_bytes: u64,
    /// Whether the last bytes say that an fsync follows them.
    announces_sync: bool,
    /// Bytes after `file_bytes - written`: written but kept, then those still to be written.
    pending: Vec<u8>,
    written: usize,
    /// `written` when the file last ended with a whole batch.
    whole: usize,
    file_bytes: u64,
    durable_bytes: u64,
    /// Whether `pending` holds everything after `durable_bytes`.
    is_rewritable: bool,
    /// What follows `durable_bytes` in the file cannot be trusted and must go first.
    must_truncate: bool,
    /// Positions stated since somebody asked.
    marks: Vec<Mark>,
}

/// The outcome of a failed fsync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterSyncFailure {
    /// The bytes in doubt are in memory and will be written again.
    CanRetry,
    /// They are not: only a new base makes the log whole.
    Lost,
}

impl Increment {
    /// A file just created.
    pub fn new(file: Box<dyn VfsFile>) -> Self {
        Self {
            file,
            annotator: Annotator::new(),
            since_position_bytes: 0,
            announces_sync: false,
            pending: Vec::new(),
            written: 0,
            whole: 0,
            file_bytes: 0,
            durable_bytes: 0,
            is_rewritable: true,
            must_truncate: false,
            marks: Vec::new(),
        }
    }

    /// A file that goes on after `file_bytes` bytes, which are on disk.
    pub fn resume(file: Box<dyn VfsFile>, file_bytes: u64, annotator: Annotator) -> Self {
        Self { annotator, file_bytes, durable_bytes: file_bytes, ..Self::new(file) }
    }

    /// Bytes of the file, those still to be written included.
    pub fn length_bytes(&self) -> u64 {
        self.file_bytes + self.unwritten_bytes() as u64
    }

    /// Bytes that are not in the file yet.
    pub fn unwritten_bytes(&self) -> usize {
        self.pending.len() - self.written
    }

    /// Whether a sync would change anything.
    pub fn is_durable(&self) -> bool {
        self.durable_bytes == self.length_bytes() && !self.must_truncate
    }

    /// Adds the beginning of a file: `prologue` (commands that are not of the stream), the chain of
    /// histories, and where the stream goes on.
    pub fn push_header(&mut self, prologue: &[u8], chain: &Chain, id: &ReplicationId, offset: Offset) {
        self.push(prologue);
        chain.branches().iter().for_each(|branch| self.annotator.branch(&mut self.pending, branch));
        self.push_position(id, offset, false);
    }

    /// Brings the beginning of a file to disk before a manifest names it: without, nobody could tell where it goes on, nor
    /// what of its end a crash has torn.
    pub fn force(&mut self) -> io::Result<()> {
        self.write_out().map_err(|(_, error)| error)?;
        self.sync().map_err(|(_, error)| error)
    }

    /// Adds bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.annotator.cover(bytes);
        self.since_position_bytes += bytes.len() as u64;
        self.announces_sync = false;
        self.pending.extend_from_slice(bytes);
    }

    /// Adds where the stream stands.
    pub fn push_position(&mut self, id: &ReplicationId, offset: Offset, is_closing: bool) {
        self.annotator.position(&mut self.pending, id, offset, is_closing);
        self.since_position_bytes = 0;
        self.announces_sync = is_closing;
        self.marks.push(Mark { offset, place: self.length_bytes() });
    }

    /// The positions stated since they were taken out last.
    pub fn marks(&mut self) -> &mut Vec<Mark> {
        &mut self.marks
    }

    /// Adds a link of the chain of histories, and the position in the new one.
    pub fn push_branch(&mut self, branch: &crate::history::Branch, offset: Offset) {
        self.annotator.branch(&mut self.pending, branch);
        self.push_position(&branch.id, offset, false);
    }

    /// Adds a `#TS:` line.
    pub fn push_timestamp(&mut self, unix_s: u64) {
        self.annotator.timestamp(&mut self.pending, unix_s);
        self.announces_sync = false;
    }

    /// Adds a check if the last one is long ago.
    pub fn push_check_if_due(&mut self, id: &ReplicationId, offset: Offset) {
        if self.annotator.unchecked_bytes() >= CHECK_EVERY_BYTES {
            self.push_position(id, offset, false);
        }
    }

    /// Adds the check that stands before every fsync: what follows it in the file was written when everything before it
    /// was on disk.
    pub fn push_check(&mut self, id: &ReplicationId, offset: Offset) {
        if self.is_durable() || self.announces_sync {
            return;
        }
        if self.since_position_bytes >= CHECK_EVERY_BYTES {
            self.push_position(id, offset, false);
        }
        self.annotator.sum(&mut self.pending);
        self.announces_sync = true;
    }

    /// Writes what is still to be written. A short write is cut back, so that the file ends with a whole
    /// batch while the disk is full.
    pub fn write_out(&mut self) -> Result<(), (FailedCall, io::Error)> {
        self.cut_untrusted()?;
        while self.written < self.pending.len() {
            match self.file.write(&self.pending[self.written..]) {
                Ok(0) => return Err(self.write_failed(ErrorKind::WriteZero.into())),
                Ok(count) => {
                    self.written += count;
                    self.file_bytes += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.write_failed(error)),
            }
        }
        self.whole = self.written;
        self.drop_kept_bytes_over(KEPT_BYTES_MAX);
        Ok(())
    }

    /// Frees written bytes when more than `most` are kept.
    pub fn drop_kept_bytes_over(&mut self, most: usize) {
        if self.written == self.pending.len() && self.pending.len() > most {
            self.forget_pending();
            self.is_rewritable = self.durable_bytes == self.file_bytes;
        }
    }

    fn write_failed(&mut self, error: io::Error) -> (FailedCall, io::Error) {
        let torn = (self.written - self.whole) as u64;
        if torn > 0 && self.file.truncate(self.file_bytes - torn).is_ok() {
            self.file_bytes -= torn;
            self.written = self.whole;
        }
        (FailedCall::Write, error)
    }

    fn cut_untrusted(&mut self) -> Result<(), (FailedCall, io::Error)> {
        if self.must_truncate {
            self.file.truncate(self.durable_bytes).map_err(|error| (FailedCall::Truncate, error))?;
            self.must_truncate = false;
            self.file_bytes = self.durable_bytes;
            self.written = 0;
            self.whole = 0;
        }
        Ok(())
    }

    /// Forces everything written to disk. To be called when nothing is left to be written.
    pub fn sync(&mut self) -> Result<(), (AfterSyncFailure, io::Error)> {
        match self.file.sync_data() {
            Ok(()) => {
                self.durable_bytes = self.file_bytes;
                self.is_rewritable = true;
                self.forget_pending();
                Ok(())
            }
            Err(error) if self.is_rewritable => {
                self.must_truncate = true;
                Err((AfterSyncFailure::CanRetry, error))
            }
            Err(error) => Err((AfterSyncFailure::Lost, error)),
        }
    }

    /// Drops what is kept or waits: the log has a gap here.
    pub fn discard_pending(&mut self) {
        self.pending = Vec::new();
        self.written = 0;
        self.whole = 0;
        self.is_rewritable = false;
        self.must_truncate = false;
    }

    fn forget_pending(&mut self) {
        self.pending.drain(..self.written);
        self.written = 0;
        self.whole = 0;
        if self.pending.is_empty() && self.pending.capacity() > KEPT_BYTES_MAX {
            self.pending = Vec::new();
        }
    }
}
