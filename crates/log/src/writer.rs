//! Brings the log to disk: a state machine over a [`Vfs`] that a thread drives.
//!
//! What it promises: everything before [`LogWriter::durable_offset`] is found again after a crash, whatever
//! failed in between. So a failed fsync is never believed to be mended by a later one: the bytes in doubt
//! are cut off and written again, and where they are no longer in memory the log has a gap, which only a
//! new base closes.

mod increment;
mod open;
mod retention;
mod rewrite;
mod status;

pub use increment::FailedCall;
pub use rewrite::RewriteError;
pub use status::{Continuity, Failure, WriterStatus};

use crate::annotation::Annotator;
use crate::held_files::{HeldFile, HeldFiles, Retention};
use crate::history::{Branch, Chain, ReplicationId};
use crate::manifest::Manifest;
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
    /// How much is kept of what rewrites have replaced.
    pub retention: Retention,
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
    /// The increments of the manifest that hold the stream up to `offset`, as their scans reported them; all have an end.
    pub held: Vec<HeldFile>,
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
    /// What readers find.
    held: Arc<HeldFiles>,
    /// Bytes of the increments that were closed since the start or since the last rewrite.
    closed_bytes: u64,
    /// The last time that was handed in, in seconds since 1970.
    unix_s: u64,
}

impl LogWriter {
    /// What readers find in the files.
    #[must_use]
    pub fn held_files(&self) -> Arc<HeldFiles> {
        Arc::clone(&self.held)
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

    /// On a full disk what is only kept for replicas goes first.
    fn write_or_make_room(&mut self) -> Result<(), (FailedCall, io::Error)> {
        loop {
            match self.increment.write_out() {
                Err((_, error)) if retention::is_full(&error) && self.give_up_oldest_kept() => {}
                outcome => return outcome,
            }
        }
    }

    fn write_out(&mut self, now: Moment) -> Result<(), Failure> {
        self.unix_s = self.unix_s.max(now.unix_s);
        match self.write_or_make_room() {
            Ok(()) => {
                self.held.wrote(self.increment.marks(), self.end);
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
        if retention::is_full(error) {
            self.give_up_oldest_kept();
        }
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
            closed_bytes: self.closed_bytes,
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

#[cfg(test)]
mod tests;
