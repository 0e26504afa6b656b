//! Brings the log to disk: a state machine over a [`Vfs`] that a thread drives.
//!
//! What it promises: everything before [`LogWriter::durable_offset`] is found again after a crash, whatever
//! failed in between. So a failed fsync is never believed to be mended by a later one: the bytes in doubt
//! are cut off and written again, and where they are no longer in memory the log has a gap, which only a
//! new base closes.

mod anew;
mod increment;
mod rewrite;
mod status;

pub use increment::FailedCall;
pub use rewrite::RewriteError;
pub use status::{Continuity, Failure, WriterStatus};

use crate::annotation::Annotator;
use crate::history::{Branch, Chain, ReplicationId};
use crate::manifest::{self, Manifest};
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::vfs::Vfs;
use increment::{AfterSyncFailure, Increment};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Milliseconds until a failed call is tried again.
const RETRY_AFTER_MS: u64 = 100;

/// Milliseconds between two fsyncs under [`FsyncPolicy::EverySecond`].
const SYNC_EVERY_MS: u64 = 1000;

/// Bytes that may wait while the disk refuses them; then they are dropped and the log has a gap.
const WAITING_BYTES_MAX: usize = 256 << 20;

/// Where the files are and how they are written.
#[derive(Clone, Debug)]
pub struct WriterOptions {
    /// The append-only directory (`appenddirname` within `dir`). It is created if it is not there.
    pub directory: PathBuf,
    /// `appendfilename`.
    pub stem: String,
    /// `appendfsync`.
    pub policy: FsyncPolicy,
    /// `aof-timestamp-enabled`.
    pub timestamps: bool,
}

/// Where the log goes on.
#[derive(Clone, Debug)]
pub struct Start {
    /// The history of the bytes to come.
    pub id: ReplicationId,
    /// The chain of histories up to it.
    pub chain: Chain,
    /// The offset of the next byte.
    pub offset: Offset,
    /// Where in the last increment of the manifest writing goes on; `None` begins a new increment.
    pub resume: Option<Resume>,
}

/// The end of an increment that is continued, as its scan reported it.
#[derive(Clone, Debug)]
pub struct Resume {
    /// [`crate::scan::Report::good_bytes`]: what follows is cut off.
    pub file_bytes: u64,
    /// [`crate::scan::Report::annotator`].
    pub annotator: Annotator,
}

/// The log writer. Nothing is written until it is told; it never sleeps and reads no clock.
pub struct LogWriter {
    vfs: Arc<dyn Vfs>,
    options: WriterOptions,
    manifest: Manifest,
    increment: Increment,
    id: ReplicationId,
    chain: Chain,
    /// The end of the bytes taken over.
    end: Offset,
    /// Up to here the increments' bytes are on disk, given that the log is whole.
    synced: Offset,
    /// What [`LogWriter::durable_offset`] says while the log has a gap.
    durable_before_gap: Offset,
    continuity: Continuity,
    failure: Option<Failure>,
    retry_at_ms: Option<u64>,
    last_sync_ms: u64,
    last_timestamp_s: u64,
    /// Whether the increment ends with a closing line.
    is_closed: bool,
    /// The increment that the rewrite in progress began.
    rewrite_from: Option<u64>,
    /// Files that no manifest names any more, once the manifest on disk is sure to be ours.
    orphans: Vec<String>,
    /// Whether the manifest on disk may be another than `manifest`.
    is_manifest_unsure: bool,
}

impl LogWriter {
    /// Opens the increment that the log goes on in, and clears away what earlier runs left.
    ///
    /// # Errors
    /// As the operating system says; or `InvalidInput` when the increment to go on in is not in the manifest.
    pub fn open(
        vfs: Arc<dyn Vfs>,
        options: WriterOptions,
        mut manifest: Manifest,
        start: Start,
        now: Moment,
    ) -> io::Result<Self> {
        vfs.create_dir(&options.directory)?;
        let leftovers = manifest.take_history();
        let increment = match &start.resume {
            Some(resume) => reopen(&*vfs, &options, &mut manifest, resume, &start)?,
            None => {
                sync_last(&*vfs, &options, &manifest)?;
                begin(&*vfs, &options, &mut manifest, &start)?
            }
        };
        manifest::store(&*vfs, &options.directory, &options.stem, &manifest)?;
        let mut writer = Self {
            vfs,
            options,
            manifest,
            increment,
            id: start.id,
            chain: start.chain,
            end: start.offset,
            synced: start.offset,
            durable_before_gap: start.offset,
            continuity: Continuity::Whole,
            failure: None,
            retry_at_ms: None,
            last_sync_ms: now.monotonic_ms,
            last_timestamp_s: 0,
            is_closed: false,
            rewrite_from: None,
            orphans: leftovers,
            is_manifest_unsure: false,
        };
        writer.remove_orphans();
        let _ = writer.write_out(now);
        Ok(writer)
    }

    /// Takes over `batch`, the bytes of the stream up to `end`, which end between two commands and outside
    /// of a transaction, and writes them. Under [`FsyncPolicy::Always`] the caller syncs after it.
    ///
    /// # Errors
    /// When they could not be written: they are kept and tried again by [`LogWriter::tick`].
    pub fn write(&mut self, batch: &[u8], end: Offset, now: Moment) -> Result<(), Failure> {
        let end_before = std::mem::replace(&mut self.end, end);
        if self.continuity == Continuity::Gap {
            return Err(self.gap_failure());
        }
        self.reopen_if_closed(end_before);
        self.stamp(now);
        self.increment.push(batch);
        self.increment.push_check_if_due(&self.id, self.end);
        // The sync that follows writes these bytes and its check in one call.
        if self.options.policy == FsyncPolicy::Always { Ok(()) } else { self.write_out(now) }
    }

    /// After a closing line that was not the end after all, ours must say so: bytes of anybody else would
    /// follow it directly.
    fn reopen_if_closed(&mut self, at: Offset) {
        if std::mem::take(&mut self.is_closed) {
            self.increment.push_position(&self.id, at, false);
        }
    }

    fn stamp(&mut self, now: Moment) {
        if self.options.timestamps && now.unix_s > self.last_timestamp_s {
            self.last_timestamp_s = now.unix_s;
            self.increment.push_timestamp(now.unix_s);
        }
    }

    /// Notes that the stream goes on as another history from here (a promotion).
    ///
    /// # Errors
    /// When the note could not be written yet; it is kept.
    pub fn branch(&mut self, branch: Branch, now: Moment) -> Result<(), Failure> {
        self.reopen_if_closed(self.end);
        self.chain.push(branch);
        self.id = branch.id;
        if self.continuity == Continuity::Gap {
            return Err(self.gap_failure());
        }
        self.increment.push_branch(&branch, self.end);
        self.write_out(now)
    }

    fn write_out(&mut self, now: Moment) -> Result<(), Failure> {
        match self.increment.write_out() {
            Ok(()) => {
                let failed = self.failure.as_ref().map(|failure| failure.call);
                if matches!(failed, Some(FailedCall::Write | FailedCall::Truncate)) {
                    self.clear_failure();
                }
                if self.options.policy == FsyncPolicy::No {
                    self.increment.drop_kept_bytes_over(0);
                }
                Ok(())
            }
            Err((call, error)) => {
                let failure = self.fail(call, &error, now);
                if self.increment.unwritten_bytes() > WAITING_BYTES_MAX {
                    self.leave_gap();
                }
                Err(failure)
            }
        }
    }

    /// Forces everything taken over to disk; then [`LogWriter::durable_offset`] is its end.
    ///
    /// # Errors
    /// When writing or forcing failed: it is tried again by [`LogWriter::tick`].
    pub fn sync(&mut self, now: Moment) -> Result<(), Failure> {
        if self.continuity == Continuity::Gap {
            return Err(self.gap_failure());
        }
        self.increment.push_check(&self.id, self.end);
        self.write_out(now)?;
        self.last_sync_ms = now.monotonic_ms;
        self.sync_increment(now)?;
        self.settle_manifest().map_err(|error| self.fail(FailedCall::Manifest, &error, now))?;
        self.synced = self.end;
        self.clear_failure();
        Ok(())
    }

    fn sync_increment(&mut self, now: Moment) -> Result<(), Failure> {
        if self.increment.is_durable() {
            return Ok(());
        }
        self.increment.sync().map_err(|(after, error)| {
            let failure = self.fail(FailedCall::Sync, &error, now);
            if after == AfterSyncFailure::Lost {
                self.leave_gap();
            }
            failure
        })
    }

    fn fail(&mut self, call: FailedCall, error: &io::Error, now: Moment) -> Failure {
        let failure = Failure::new(call, error);
        self.failure = Some(failure.clone());
        self.retry_at_ms = Some(now.monotonic_ms + RETRY_AFTER_MS);
        failure
    }

    fn clear_failure(&mut self) {
        self.failure = None;
        self.retry_at_ms = None;
    }

    fn gap_failure(&self) -> Failure {
        self.failure.clone().unwrap_or_else(Failure::gap)
    }

    /// Everything before this offset is on disk and will be found again.
    #[must_use]
    pub fn durable_offset(&self) -> Offset {
        match self.continuity {
            Continuity::Whole => self.synced,
            Continuity::Gap | Continuity::Bridging => self.durable_before_gap,
        }
    }

    /// The end of the bytes taken over.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.end
    }

    /// When [`LogWriter::tick`] is to be called next, on the clock of [`Moment::monotonic_ms`].
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<u64> {
        let has_unsynced = self.continuity != Continuity::Gap && !self.increment.is_durable();
        let by_policy = match self.options.policy {
            FsyncPolicy::EverySecond if has_unsynced => Some(self.last_sync_ms + SYNC_EVERY_MS),
            _ => None,
        };
        match (self.retry_at_ms, by_policy) {
            (Some(retry), _) if self.continuity != Continuity::Gap => Some(retry),
            _ => by_policy,
        }
    }

    /// Does what is due: the fsync of every second, the retry of what failed.
    ///
    /// # Errors
    /// When it failed (again).
    pub fn tick(&mut self, now: Moment) -> Result<(), Failure> {
        if self.next_deadline_ms().is_none_or(|deadline| now.monotonic_ms < deadline) {
            return Ok(());
        }
        match self.failure.as_ref().map(|failure| failure.call) {
            Some(FailedCall::Write | FailedCall::Truncate) if self.options.policy == FsyncPolicy::No => {
                self.write_out(now)
            }
            _ => self.sync(now),
        }
    }

    /// Changes `appendfsync`; turning it stricter forces what is not on disk yet at the next sync.
    pub fn set_policy(&mut self, policy: FsyncPolicy) {
        self.options.policy = policy;
    }

    /// Changes `aof-timestamp-enabled`.
    pub fn set_timestamps(&mut self, timestamps: bool) {
        self.options.timestamps = timestamps;
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> FsyncPolicy {
        self.options.policy
    }

    /// The files as they are now.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What INFO and the write gate need to know.
    #[must_use]
    pub fn status(&self) -> WriterStatus {
        WriterStatus {
            failure: self.failure.clone(),
            continuity: self.continuity,
            increment_bytes: self.increment.length_bytes(),
            waiting_bytes: self.increment.unwritten_bytes(),
            is_rewriting: self.rewrite_from.is_some(),
        }
    }

    /// Writes the closing line and forces everything to disk: the end of an orderly run.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn close(&mut self, now: Moment) -> Result<(), Failure> {
        if self.continuity == Continuity::Gap {
            return Err(self.gap_failure());
        }
        self.increment.push_position(&self.id, self.end, true);
        self.is_closed = true;
        self.sync(now)
    }
}

fn reopen(
    vfs: &dyn Vfs,
    options: &WriterOptions,
    manifest: &mut Manifest,
    resume: &Resume,
    start: &Start,
) -> io::Result<Increment> {
    let entry = manifest.increments.last_mut();
    let entry = entry.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no increment to resume"))?;
    entry.end_offset = None;
    let mut file = vfs.open_append(&options.directory.join(&entry.name))?;
    if file.length_bytes()? != resume.file_bytes {
        file.truncate(resume.file_bytes)?;
    }
    file.sync_data()?;
    let mut increment = Increment::resume(file, resume.file_bytes, resume.annotator.clone());
    // Only a check that is on disk proves that what stands before it is, should the end be torn later.
    increment.push_header(b"", &start.chain, &start.id, start.offset);
    increment.force()?;
    Ok(increment)
}

/// What a killed process wrote was read, but may not be on disk: a new increment is worth nothing without.
fn sync_last(vfs: &dyn Vfs, options: &WriterOptions, manifest: &Manifest) -> io::Result<()> {
    match manifest.increments.last() {
        Some(entry) => vfs.open_append(&options.directory.join(&entry.name))?.sync_data(),
        None => Ok(()),
    }
}

fn begin(
    vfs: &dyn Vfs,
    options: &WriterOptions,
    manifest: &mut Manifest,
    start: &Start,
) -> io::Result<Increment> {
    let name = manifest.add_increment(&options.stem, Some(start.offset));
    let file = vfs.create(&options.directory.join(name))?;
    let mut increment = Increment::new(file);
    increment.push_header(b"", &start.chain, &start.id, start.offset);
    increment.force()?;
    Ok(increment)
}

#[cfg(test)]
mod tests;
