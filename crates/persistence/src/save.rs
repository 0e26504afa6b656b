//! The RDB file: SAVE, BGSAVE, and the end of the job that a BGSAVE starts.

use crate::job::Waiting;
use crate::paths;
use crate::persistence::{Persistence, State};
use crate::snapshot::{self, SnapshotWalk, WalkError, encoder_with_header};
use crate::version;
use crate::writing::{self, DataSetEncoder, Target, WriteError};
use engine::engine::Node;
use engine::facts::health::{Job, Outcome};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The reply when a save cannot begin because one is running.
const BUSY_SAVING: &str = "ERR Background save already in progress";
/// The reply when a rewrite is running.
const BUSY_REWRITING: &str = "ERR Another child process is active (AOF?): can't BGSAVE right now. \
                              Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.";

/// A save in the background.
pub(crate) struct RunningSave {
    number: u64,
    keys_done: Arc<AtomicU64>,
}

impl RunningSave {
    /// Entries written so far.
    pub fn keys_done(&self) -> u64 {
        self.keys_done.load(Ordering::Relaxed)
    }
}

/// The work of the thread.
struct SaveJob {
    persistence: Persistence,
    number: u64,
    walk: SnapshotWalk,
    encoder: DataSetEncoder,
    files: Files,
}

/// Where the file is written, and what it becomes.
struct Files {
    temporary: PathBuf,
    path: PathBuf,
    forces_along: bool,
}

impl Files {
    fn of(node: &Node, job: u64) -> Files {
        let config = &node.engine.config;
        Files {
            temporary: paths::temporary_snapshot(config, job),
            path: paths::snapshot(config),
            forces_along: config.snapshotting.rdb_save_incremental_fsync,
        }
    }

    /// Puts the finished file in its place.
    fn publish(&self, persistence: &Persistence) -> Result<(), WriteError> {
        Ok(persistence.vfs.rename(&self.temporary, &self.path)?)
    }

    /// Makes sure that the name survives a crash.
    fn settle(&self, persistence: &Persistence) -> Result<(), WriteError> {
        Ok(persistence.vfs.sync_dir(self.path.parent().unwrap_or(Path::new(".")))?)
    }

    /// Removes what was written, and says why.
    fn fail(&self, persistence: &Persistence, error: &WriteError) {
        if !error.is_called_off() {
            let path = self.path.display();
            stdx::logging::warning!("Write error saving DB on disk ({path}): {error}");
        }
        let _ = persistence.vfs.remove(&self.temporary);
    }
}

impl Persistence {
    /// BGSAVE: begins to save in the background. The error is the command's reply.
    pub fn begin_save(&self, node: &mut Node) -> Result<(), String> {
        if self.with(|state| state.rewrite.is_some()) {
            return Err(BUSY_REWRITING.to_string());
        }
        if self.with(|state| state.save.is_some()) || node.keyspace.is_snapshot_running() {
            return Err(BUSY_SAVING.to_string());
        }
        let now_ms = node.engine.clock.wall_ms;
        node.engine.health.save.last_try_s = now_ms / 1000;
        let refused = |node: &mut Node, error: &dyn std::error::Error| {
            stdx::logging::warning!("Can't save in background: {error}");
            node.engine.health.save.last_outcome = Outcome::Failed;
        };
        let version = version::of_file(node).map_err(|error| {
            refused(node, &error);
            format!("ERR {error}")
        })?;
        let thread = Waiting::spawn("rdb-save", SaveJob::run).map_err(|error| {
            refused(node, &error);
            "ERR".to_string()
        })?;
        let encoder = DataSetEncoder::Rdb(Box::new(encoder_with_header(node, version, false)));
        let walk = SnapshotWalk::begin(node, &self.node).map_err(|_| BUSY_SAVING.to_string())?;
        let number = self.with(State::next_job);
        let files = Files::of(node, number);
        let save = &mut node.engine.health.save;
        save.is_scheduled = false;
        save.dirty_at_begin = node.keyspace.changes().dirty;
        save.job = Some(Job { started_s: now_ms / 1000, keys_done: 0, keys_total: walk.keys_total });
        stdx::logging::notice!("Background saving started by pid {}", std::process::id());
        let keys_done = walk.keys_done();
        self.with(|state| state.save = Some(RunningSave { number, keys_done }));
        thread.give(SaveJob { persistence: self.clone(), number, walk, encoder, files });
        Ok(())
    }

    /// SAVE: everybody waits. The error is the command's reply.
    pub fn save_now(&self, node: &mut Node) -> Result<(), String> {
        if self.with(|state| state.save.is_some()) {
            return Err(BUSY_SAVING.to_string());
        }
        self.save_under_lock(node)?;
        node.engine.health.save.saves += 1;
        Ok(())
    }

    /// FLUSHALL: a running save would bring back what was flushed, and so would the file. With save points it is
    /// replaced; that it cannot be is in the log.
    pub fn data_set_flushed(&self, node: &mut Node) {
        self.call_off_save(node);
        if !node.engine.config.snapshotting.save.is_empty() {
            let _ = self.save_under_lock(node);
        }
    }

    /// Saves whatever else is going on: a running save is called off.
    pub(crate) fn save_under_lock(&self, node: &mut Node) -> Result<(), String> {
        self.call_off_save(node);
        let files = Files::of(node, self.with(State::next_job));
        let outcome = self.write_now(node, &files);
        let save = &mut node.engine.health.save;
        match outcome {
            Ok(()) => {
                stdx::logging::notice!("DB saved on disk");
                save.last_save_s = stdx::clock::wall_ms() / 1000;
                save.last_outcome = Outcome::Ok;
                node.keyspace.changes_mut().dirty = 0;
                Ok(())
            }
            Err(error) => {
                files.fail(self, &error);
                Err(if let WriteError::Version(error) = error {
                    format!("ERR {error}")
                } else {
                    "ERR".to_string()
                })
            }
        }
    }

    fn write_now(&self, node: &mut Node, files: &Files) -> Result<(), WriteError> {
        let version = version::of_file(node).map_err(WriteError::Version)?;
        let target = Target::create(&*self.vfs, &files.temporary, files.forces_along)?;
        let mut encoder = DataSetEncoder::Rdb(Box::new(encoder_with_header(node, version, false)));
        writing::write_under_lock(node, &mut encoder, target)?;
        let publishing = self.publishing.lock();
        files.publish(self)?;
        drop(publishing);
        files.settle(self)
    }

    /// Ends a save in the background without a result.
    pub(crate) fn call_off_save(&self, node: &mut Node) {
        if self.with(|state| state.save.take()).is_some() {
            stdx::logging::warning!("There is a child saving an .rdb. Killing it!");
            snapshot::call_off(node);
            node.engine.health.save.job = None;
        }
    }

    fn save_ended(&self, node: &mut Node, number: u64, outcome: &Result<(), WriteError>) {
        let is_current = |save: &mut RunningSave| save.number == number;
        if self.with(|state| state.save.take_if(is_current)).is_none() {
            return;
        }
        let now_s = stdx::clock::wall_ms() / 1000;
        let save = &mut node.engine.health.save;
        let started_s = save.job.take().map_or(now_s, |job| job.started_s);
        if outcome.as_ref().is_err_and(WriteError::is_called_off) {
            stdx::logging::warning!("Background saving called off: the data set was replaced meanwhile");
            return;
        }
        save.last_duration_s = Some((now_s - started_s).max(0));
        save.last_outcome = Outcome::of(outcome.is_ok());
        if outcome.is_ok() {
            stdx::logging::notice!("Background saving terminated with success");
            save.last_save_s = now_s;
            save.saves += 1;
            let changes = node.keyspace.changes_mut();
            changes.dirty = changes.dirty.saturating_sub(save.dirty_at_begin);
        } else {
            stdx::logging::warning!("Background saving error");
        }
    }
}

impl SaveJob {
    fn run(mut self) {
        let outcome = self.write();
        match &outcome {
            Ok(()) => stdx::logging::notice!("DB saved on disk"),
            Err(error) => self.files.fail(&self.persistence, error),
        }
        let SaveJob { persistence, number, walk, .. } = self;
        let mut node = persistence.node.lock();
        walk.abandon(&mut node);
        persistence.save_ended(&mut node, number, &outcome);
    }

    fn write(&mut self) -> Result<(), WriteError> {
        let files = &self.files;
        let target = Target::create(&*self.persistence.vfs, &files.temporary, files.forces_along)?;
        writing::write_beside(&mut self.walk, &mut self.encoder, target)?;
        self.publish_if_current()?;
        files.settle(&self.persistence)
    }

    /// A save that was called off keeps away from the file: a later one may have written it.
    fn publish_if_current(&self) -> Result<(), WriteError> {
        let _publishing = self.persistence.publishing.lock();
        let is_current = |save: &RunningSave| save.number == self.number;
        if !self.persistence.with(|state| state.save.as_ref().is_some_and(is_current)) {
            return Err(WriteError::Walk(WalkError::Aborted));
        }
        self.files.publish(&self.persistence)
    }
}
