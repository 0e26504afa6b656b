//! Rewrites: a new increment from one moment on, later the base of that moment in the place of all before.

use super::increment::Increment;
use super::{Continuity, FailedCall, Failure, LogWriter};
use crate::history::{Chain, ReplicationId};
use crate::manifest::{self, BaseFormat, Manifest, increment_name};
use crate::offset::Offset;
use crate::policy::Moment;
use crate::scan::Position;
use std::fmt;
use std::io;

/// Why a step of a rewrite failed. The log goes on in the files it has.
#[derive(Debug)]
pub enum RewriteError {
    /// The increment in use could not be brought to disk.
    Log(Failure),
    /// A file could not be created, renamed or forced to disk.
    Io(io::Error),
    /// There is no rewrite to finish.
    NotRewriting,
}

impl fmt::Display for RewriteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(failure) => failure.fmt(out),
            Self::Io(error) => error.fmt(out),
            Self::NotRewriting => out.write_str("no rewrite is in progress"),
        }
    }
}

impl std::error::Error for RewriteError {}

impl LogWriter {
    /// Closes the increment and begins another one, from whose beginning a rewrite will make a base. Returns
    /// the offset. `prologue` are commands that stand at the beginning of the new file without being of
    /// the stream: a SELECT of the stream's database, for loaders begin each file in database 0.
    ///
    /// When only the manifest could not be stored, the log goes on in the new file, but nothing more is
    /// durable until it is stored: [`LogWriter::tick`] tries again.
    ///
    /// # Errors
    /// Then the old increment stays in use.
    pub fn rotate(&mut self, prologue: &[u8], now: Moment) -> Result<Offset, RewriteError> {
        let was_whole = self.continuity == Continuity::Whole;
        if was_whole {
            self.close(now).map_err(RewriteError::Log)?;
        }
        self.begin_increment(prologue).map_err(RewriteError::Io)?;
        if was_whole {
            let manifest = self.manifest.clone();
            if let Err(error) = self.store(&manifest) {
                self.fail(FailedCall::Manifest, &error, now);
            }
        } else {
            self.continuity = Continuity::Bridging;
            self.synced = self.end;
            self.clear_failure();
        }
        let _ = self.write_out(now);
        Ok(self.end)
    }

    fn begin_increment(&mut self, prologue: &[u8]) -> io::Result<()> {
        let sequence = self.manifest.increment_sequence + 1;
        let name = increment_name(&self.options.stem, sequence);
        let file = self.vfs.create(&self.options.directory.join(&name))?;
        let mut increment = Increment::new(file);
        increment.push_header(prologue, &self.chain, &self.id, self.end);
        increment.force()?;
        if self.continuity == Continuity::Whole
            && let Some(closed) = self.manifest.increments.last_mut()
        {
            closed.end_offset = Some(self.end);
        }
        self.manifest.add_increment(&self.options.stem, Some(self.end));
        let closed_bytes = self.increment.length_bytes();
        self.closed_bytes += closed_bytes;
        self.held.begin(&name, Position { id: self.id, offset: self.end }, closed_bytes);
        self.increment = increment;
        self.is_closed = false;
        self.rewrite_from = Some(sequence);
        Ok(())
    }

    /// Puts `base` (a file within the append-only directory, holding the data set of the moment of
    /// [`LogWriter::rotate`], already forced to disk) in the place of all files before; they are removed.
    ///
    /// # Errors
    /// Then the files before stay in use; the rewrite is to be abandoned and begun anew later.
    pub fn finish_rewrite(&mut self, base: &str, format: BaseFormat) -> Result<(), RewriteError> {
        let first_kept = self.rewrite_from.ok_or(RewriteError::NotRewriting)?;
        let mut manifest = self.manifest.clone();
        let name = manifest.replace_base(&self.options.stem, format, first_kept);
        self.manifest.base_sequence = manifest.base_sequence;
        let directory = &self.options.directory;
        self.vfs.rename(&directory.join(base), &directory.join(&name)).map_err(RewriteError::Io)?;
        if let Err(error) = self.store(&manifest) {
            self.orphans.push(name);
            return Err(RewriteError::Io(error));
        }
        self.manifest = manifest;
        self.rewrite_from = None;
        self.closed_bytes = 0;
        if self.continuity == Continuity::Bridging {
            self.continuity = Continuity::Whole;
        }
        self.clear_history();
        Ok(())
    }

    /// Gives a rewrite up. The increments stay; `base` is removed if it is there.
    pub fn abandon_rewrite(&mut self, base: Option<&str>) {
        self.rewrite_from = None;
        if let Some(base) = base {
            let _ = self.vfs.remove(&self.options.directory.join(base));
        }
        if self.continuity == Continuity::Bridging {
            self.leave_gap();
        }
    }

    /// Goes on at another place of another history, as after a full resync: what the files hold is not of
    /// it, so they have a gap until a rewrite (rotate, base, finish) has replaced them all.
    pub fn restart(&mut self, id: ReplicationId, chain: Chain, offset: Offset) {
        self.id = id;
        self.chain = chain;
        self.end = offset;
        self.leave_gap();
        self.durable_before_gap = Offset::ZERO;
    }

    /// Bytes are lost, or about to be: nothing is written until a rewrite begins.
    pub(super) fn leave_gap(&mut self) {
        if self.continuity == Continuity::Whole {
            self.durable_before_gap = self.synced;
        }
        self.continuity = Continuity::Gap;
        self.increment.discard_pending();
        self.forget_held();
    }

    fn store(&mut self, manifest: &Manifest) -> io::Result<()> {
        let stored = manifest::store(&*self.vfs, &self.options.directory, &self.options.stem, manifest);
        self.is_manifest_unsure = stored.is_err();
        stored
    }

    /// Removes replaced files, then takes them off the manifest: a crash in between leaves nothing that is not listed.
    /// What fails is tried again later.
    fn clear_history(&mut self) {
        let mut without = self.manifest.clone();
        let mut names = without.take_history();
        self.keep_replaced(&mut names);
        if without == self.manifest {
            self.remove_orphans();
            return;
        }
        let before = std::mem::replace(&mut self.manifest, without.clone());
        self.orphans.extend(names);
        self.remove_orphans();
        if self.store(&without).is_err() {
            self.manifest = before;
        }
    }

    /// After a manifest could not be stored, either it or the one before is on disk. Both lead to a prefix
    /// of the log; before more is durable, ours must be stored for sure.
    pub(super) fn settle_manifest(&mut self) -> io::Result<()> {
        if self.is_manifest_unsure && self.continuity == Continuity::Whole {
            let manifest = self.manifest.clone();
            self.store(&manifest)?;
            self.clear_history();
        }
        Ok(())
    }

    pub(super) fn remove_orphans(&mut self) {
        let listed: Vec<String> = self.manifest.entries().map(|entry| entry.name.clone()).collect();
        let mut orphans = std::mem::take(&mut self.orphans);
        orphans.retain(|name| {
            let path = self.options.directory.join(name);
            !listed.contains(name)
                && self.vfs.remove(&path).is_err()
                && self.vfs.exists(&path).unwrap_or(true)
        });
        self.orphans = orphans;
    }
}
