//! The rewrite of the append-only files: a new increment from the snapshot's offset on, a base in the place of all before.

use crate::command_encoder::CommandEncoder;
use crate::job::Waiting;
use crate::log_files::{base_format, older_bytes, prologue};
use crate::paths;
use crate::persistence::Persistence;
use crate::snapshot::{self, SnapshotWalk, encoder_with_header};
use crate::version;
use crate::writing::{self, DataSetEncoder, Target, WriteError, reason};
use engine::engine::Node;
use engine::facts::health::{Job, Outcome};
use log::Offset;
use log::manifest::{self, BaseFormat};
use log::vfs::VfsFile;
use log::writer::RewriteError;
use log::writer_thread::{Request, Submission};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// The reply when a rewrite is running.
const BUSY: &str = "ERR Background append only file rewriting already in progress";

/// A rewrite in the background.
pub(crate) struct RunningRewrite {
    number: u64,
    keys_done: Arc<AtomicU64>,
}

impl RunningRewrite {
    /// Entries written so far.
    pub fn keys_done(&self) -> u64 {
        self.keys_done.load(Ordering::Relaxed)
    }
}

/// Why a rewrite failed.
enum Failed {
    /// Somebody called it off.
    CalledOff,
    /// This went wrong.
    Because(String),
}

impl From<WriteError> for Failed {
    fn from(error: WriteError) -> Self {
        if error.is_called_off() { Failed::CalledOff } else { Failed::Because(error.to_string()) }
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed::Because(reason(&error))
    }
}

/// What the log's thread answers.
type Answer<T> = Receiver<Result<T, RewriteError>>;

/// The log that is being written, and its answer to the rotation; `None` when its file has only just begun.
struct Attached {
    submission: Submission,
    rotated: Option<Answer<Offset>>,
}

/// The work of the thread.
struct RewriteJob {
    persistence: Persistence,
    number: u64,
    walk: SnapshotWalk,
    encoder: DataSetEncoder,
    format: BaseFormat,
    directory: PathBuf,
    stem: String,
    temporary: String,
    forces_along: bool,
    log: Option<Attached>,
}

impl Persistence {
    /// BGREWRITEAOF: begins a rewrite, also when the log is off. While another snapshot is being walked it is scheduled
    /// (`health.append_only.is_rewrite_scheduled`), which is no error. The error is the command's reply.
    pub fn begin_rewrite(&self, node: &mut Node) -> Result<(), String> {
        if self.with(|state| state.rewrite.is_some()) {
            return Err(BUSY.to_string());
        }
        if node.keyspace.is_snapshot_running() {
            node.engine.health.append_only.is_rewrite_scheduled = true;
            return Ok(());
        }
        self.start_rewrite(node).map_err(|reason| {
            stdx::logging::warning!("Can't rewrite append only file in background: {reason}");
            self.note_failure(node);
            "ERR Can't execute an AOF background rewriting. Please check the server logs for more information."
                .to_string()
        })
    }

    fn start_rewrite(&self, node: &mut Node) -> Result<(), String> {
        let text = |error: std::io::Error| reason(&error);
        let directory = paths::log_directory(&node.engine.config);
        let directory =
            self.with(|state| state.log.as_ref().map(|log| log.directory.clone())).unwrap_or(directory);
        self.vfs.create_dir(&directory).map_err(text)?;
        let thread = Waiting::spawn("aof-rewrite", RewriteJob::run).map_err(text)?;
        let log = self.rotate(node);
        let (encoder, format) = encoder_for_base(node);
        let walk = SnapshotWalk::begin(node, &self.node).map_err(|error| error.to_string())?;
        let started_s = node.engine.clock.wall_ms / 1000;
        let health = &mut node.engine.health.append_only;
        health.is_rewrite_scheduled = false;
        health.rewrite = Some(Job { started_s, keys_done: 0, keys_total: walk.keys_total });
        let keys_done = walk.keys_done();
        let number = self.with(|state| {
            let number = state.next_job();
            state.rewrite = Some(RunningRewrite { number, keys_done });
            number
        });
        stdx::logging::notice!("Background append only file rewriting started by pid {}", std::process::id());
        thread.give(RewriteJob {
            persistence: self.clone(),
            number,
            walk,
            encoder,
            format,
            directory,
            stem: paths::log_stem(&node.engine.config),
            temporary: paths::temporary_base(number),
            forces_along: node.engine.config.append_only.aof_rewrite_incremental_fsync,
            log,
        });
        Ok(())
    }

    /// The log goes on in a new file from here: the snapshot must begin before the execution lock is let go.
    fn rotate(&self, node: &mut Node) -> Option<Attached> {
        node.engine.propagation.submit();
        let end = node.engine.propagation.end();
        let attached = self.with(|state| {
            let log = state.log.as_mut()?;
            if log.begun_at.take() == Some(end) {
                return Some(Attached { submission: log.submission.clone(), rotated: None });
            }
            let (sender, rotated) = sync_channel(1);
            let facts = Arc::clone(&log.facts);
            let done = Box::new(move |outcome| {
                facts.is_moving.store(false, Ordering::Release);
                let _ = sender.send(outcome);
            });
            log.submission.request(Request::Rotate { prologue: prologue(node), done });
            Some(Attached { submission: log.submission.clone(), rotated: Some(rotated) })
        });
        if !node.engine.replication.is_replica() {
            node.engine.propagation.forget_selected();
        }
        attached
    }

    /// A replica has taken a full copy, or the node follows another history: the files begin anew with a base.
    pub fn data_set_replaced(&self, node: &mut Node) {
        self.call_off_save(node);
        self.call_off_rewrite(node);
        if self.with(|state| state.log.is_none()) {
            return;
        }
        node.engine.commit.restart(Offset::ZERO);
        if let Err(reason) = self.begin_rewrite(node) {
            stdx::logging::warning!("The append-only files could not be begun anew yet: {reason}");
        }
    }

    /// Ends a rewrite in the background without a result.
    pub(crate) fn call_off_rewrite(&self, node: &mut Node) {
        if self.with(|state| state.rewrite.take()).is_some() {
            stdx::logging::warning!("There is a child rewriting the AOF. Killing it!");
            snapshot::call_off(node);
            node.engine.health.append_only.rewrite = None;
        }
    }

    /// Counts a failed rewrite and puts the next one off.
    pub(crate) fn note_failure(&self, node: &mut Node) {
        let health = &mut node.engine.health.append_only;
        health.last_rewrite = Outcome::Failed;
        health.failed_rewrites = health.failed_rewrites.saturating_add(1);
        let is_urgent = self.is_rewrite_urgent();
        let wait_ms = crate::due::rewrite_wait_ms(health.failed_rewrites, is_urgent);
        let now_ms = stdx::clock::monotonic_us() / 1000;
        self.with(|state| state.rewrite_not_before_ms = now_ms + wait_ms);
    }

    fn rewrite_ended(&self, node: &mut Node, number: u64, outcome: Result<u64, Failed>) {
        let is_current = |rewrite: &mut RunningRewrite| rewrite.number == number;
        if self.with(|state| state.rewrite.take_if(is_current)).is_none() {
            return;
        }
        let now_s = stdx::clock::wall_ms() / 1000;
        let health = &mut node.engine.health.append_only;
        let started_s = health.rewrite.take().map_or(now_s, |job| job.started_s);
        match outcome {
            Ok(older_bytes) => {
                health.last_rewrite_duration_s = Some((now_s - started_s).max(0));
                health.last_rewrite = Outcome::Ok;
                health.failed_rewrites = 0;
                health.rewrites += 1;
                self.with(|state| {
                    state.rewrite_not_before_ms = 0;
                    if let Some(log) = &mut state.log {
                        log.is_new = false;
                        log.older_bytes = older_bytes;
                        health.current_bytes = older_bytes + log.submission.status().increment_bytes;
                    }
                });
                health.base_bytes = health.current_bytes;
                stdx::logging::notice!("Background AOF rewrite finished successfully");
            }
            Err(Failed::CalledOff) => {
                stdx::logging::warning!(
                    "Background AOF rewrite called off: the data set was replaced meanwhile"
                );
            }
            Err(Failed::Because(reason)) => {
                health.last_rewrite_duration_s = Some((now_s - started_s).max(0));
                stdx::logging::warning!("Background AOF rewrite terminated with error: {reason}");
                self.note_failure(node);
            }
        }
        self.follow_options(node);
    }
}

/// The encoder of a base as the configuration wants it, its beginning written.
pub(crate) fn encoder_for_base(node: &Node) -> (DataSetEncoder, BaseFormat) {
    let format = base_format(node);
    let encoder = match format {
        BaseFormat::Rdb => {
            DataSetEncoder::Rdb(Box::new(encoder_with_header(node, version::of_base(node), true)))
        }
        BaseFormat::Commands => {
            let seconds = node.engine.clock.wall_ms / 1000;
            let timestamp_s = node.engine.config.append_only.aof_timestamp_enabled.then_some(seconds);
            DataSetEncoder::Commands(CommandEncoder::new(timestamp_s))
        }
    };
    (encoder, format)
}

impl RewriteJob {
    fn run(mut self) {
        let outcome = self.work();
        if outcome.is_err() {
            self.give_up();
        }
        let outcome = outcome.map(|()| self.older_bytes());
        let RewriteJob { persistence, number, walk, .. } = self;
        let mut node = persistence.node.lock();
        walk.abandon(&mut node);
        persistence.rewrite_ended(&mut node, number, outcome);
    }

    fn work(&mut self) -> Result<(), Failed> {
        if let Some(rotated) = self.log.as_ref().and_then(|log| log.rotated.as_ref()) {
            self.help();
            answer(rotated)?;
        }
        let path = self.directory.join(&self.temporary);
        let target = Target::create(&*self.persistence.vfs, &path, self.forces_along)?;
        writing::write_beside(&mut self.walk, &mut self.encoder, target)?;
        stdx::logging::notice!("Successfully created the temporary AOF base file {}", self.temporary);
        let replaced = self.open_replaced();
        match &self.log {
            Some(log) => {
                let (sender, finished) = sync_channel(1);
                let done = Box::new(move |outcome| drop(sender.send(outcome)));
                let (base, format) = (self.temporary.clone(), self.format);
                if !self.request_if_current(&log.submission, Request::FinishRewrite { base, format, done }) {
                    return Err(Failed::CalledOff);
                }
                self.help();
                answer(&finished)?;
            }
            None => self.finish_without_log()?,
        }
        drop(replaced);
        stdx::logging::notice!("Background AOF rewrite terminated with success");
        Ok(())
    }

    /// The files that are about to be removed, held open: their blocks are freed here and not by the log's thread, for
    /// which replies may wait.
    fn open_replaced(&self) -> Vec<Box<dyn VfsFile>> {
        let vfs = &*self.persistence.vfs;
        let manifest = manifest::load(vfs, &self.directory, &self.stem).ok().flatten().unwrap_or_default();
        let files = manifest.entries().map(|entry| vfs.open_read(&self.directory.join(&entry.name)));
        files.flatten().collect()
    }

    /// Where the log has no thread, whoever waits for it does its work.
    fn help(&self) {
        if let Some(log) = &self.log {
            log.submission.work();
        }
    }

    /// Nobody writes the log: the base alone becomes all there is.
    fn finish_without_log(&self) -> Result<(), Failed> {
        let vfs = &*self.persistence.vfs;
        let manifest = manifest::load(vfs, &self.directory, &self.stem);
        let mut manifest = manifest.map_err(|error| Failed::Because(error.to_string()))?.unwrap_or_default();
        let name = manifest.replace_base(&self.stem, self.format, u64::MAX);
        vfs.rename(&self.directory.join(&self.temporary), &self.directory.join(&name))?;
        manifest::store(vfs, &self.directory, &self.stem, &manifest)?;
        for replaced in manifest.take_history() {
            let _ = vfs.remove(&self.directory.join(replaced));
        }
        manifest::store(vfs, &self.directory, &self.stem, &manifest)?;
        Ok(())
    }

    fn give_up(&self) {
        if let Some(log) = &self.log {
            self.request_if_current(&log.submission, Request::AbandonRewrite { base: None });
        }
        let _ = self.persistence.vfs.remove(&self.directory.join(&self.temporary));
    }

    /// Asks the log's thread for something, unless this rewrite was called off: another one may have begun, whose
    /// files must not meet with this base.
    fn request_if_current(&self, submission: &Submission, request: Request) -> bool {
        self.persistence.with(|state| {
            let is_current = state.rewrite.as_ref().is_some_and(|rewrite| rewrite.number == self.number);
            if is_current {
                submission.request(request);
            }
            is_current
        })
    }

    fn older_bytes(&self) -> u64 {
        let vfs = &*self.persistence.vfs;
        let manifest = manifest::load(vfs, &self.directory, &self.stem).ok().flatten();
        manifest.map_or(0, |manifest| older_bytes(&self.persistence, &self.directory, &manifest))
    }
}

fn answer<T>(receiver: &Answer<T>) -> Result<T, Failed> {
    match receiver.recv() {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failed::Because(error.to_string())),
        Err(_) => Err(Failed::Because("the log's thread has ended".to_string())),
    }
}
