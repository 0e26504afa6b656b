//! The append-only log while it is attached: opening, closing, turning it on and off, following the options.

use crate::load_append_only::LoadedLog;
use crate::log_file::{Facts, LogFile};
use crate::paths;
use crate::persistence::Persistence;
use crate::rewrite::encoder_for_base;
use crate::writing::{self, Target, reason};
use engine::config::Config;
use engine::config::options::AppendFsync;
use engine::engine::Node;
use log::held_files::Retention;
use log::history::{Branch, Chain};
use log::manifest::{self, BaseFormat, Manifest};
use log::writer::{Continuity, Failure, LogWriter, Start, WriterOptions};
use log::writer_thread::{LogThread, Request, Submission, ThreadOptions};
use log::{FsyncPolicy, Moment, Offset};
use resp::request::append_multibulk;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;

/// Bytes handed over and not yet taken by the log's thread, at which the workers wait for the disk.
const QUEUE_BYTES_MAX: usize = 64 << 20;

/// Bytes of a file at which the log goes on in another one.
const FILE_BYTES: u64 = 128 << 20;

/// The attached log.
pub(crate) struct OpenLog {
    thread: LogThread,
    pub submission: Submission,
    pub facts: Arc<Facts>,
    pub directory: PathBuf,
    policy: FsyncPolicy,
    timestamps: bool,
    retention: Retention,
    /// Bytes of all files but the one that is being written.
    pub older_bytes: u64,
    /// The files become the log only with the base that is being made: no reply waits for them until then.
    pub is_new: bool,
    /// Where the file began in which nothing stands yet: a rewrite that begins there needs no other file.
    pub begun_at: Option<Offset>,
}

impl Persistence {
    /// With `appendonly yes`: opens the directory that [`Persistence::load`] has read, or creates it with a first base,
    /// and attaches the log. The error says what could not be done with which file.
    pub fn open_log(&self) -> Result<(), String> {
        let mut guard = self.node.lock();
        let node = &mut *guard;
        if !node.engine.config.append_only.appendonly {
            return Ok(());
        }
        let options = writer_options(node);
        let directory = options.directory.display().to_string();
        let loaded = self.with(|state| state.loaded.take());
        let loaded =
            loaded.ok_or("The append-only files were not loaded: they are not opened for writing")?;
        let LoadedLog { mut manifest, mut chain, resume, held, .. } = loaded;
        let fail = |error: std::io::Error| {
            format!("Can't open the append-only files in {directory}: {}", reason(&error))
        };
        self.vfs.create_dir(&options.directory).map_err(fail)?;
        self.remove_unfinished_bases(&options);
        if manifest.is_empty() {
            self.create_first_base(node, &options, &mut manifest)?;
        }
        let propagation = &node.engine.propagation;
        let (history, offset) = (propagation.history, propagation.end());
        if chain.branches().last().is_none_or(|branch| branch.id != history.id) {
            let (parent, at) = history.second_id.map_or((None, offset), |(id, at)| (Some(id), at));
            chain.push(Branch { id: history.id, parent, at, keys: total_keys(node) });
        }
        tell_increment(&manifest, &options.stem, resume.is_some());
        let is_new_file = resume.is_none();
        let start = Start { id: history.id, chain, offset, resume, held };
        let writer =
            LogWriter::open(Arc::clone(&self.vfs), options, manifest, start, moment()).map_err(fail)?;
        self.attach(node, writer, false).map_err(fail)?;
        if is_new_file && node.engine.replication.stream_database != 0 {
            self.begin_file_in_stream_database(node);
        }
        Ok(())
    }

    /// `CONFIG SET appendonly`. Turning it on begins a rewrite; the files are the log once its base is there.
    pub fn set_append_only(&self, node: &mut Node, on: bool) -> Result<(), String> {
        if on == self.with(|state| state.log.is_some()) {
            return Ok(());
        }
        if on { self.turn_on(node) } else { self.turn_off(node) }
    }

    pub(crate) fn turn_on(&self, node: &mut Node) -> Result<(), String> {
        let fail = |reason: String| {
            stdx::logging::warning!("Unable to turn on the append-only log: {reason}");
            "Unable to turn on AOF. Check server logs.".to_string()
        };
        self.call_off_rewrite(node);
        let options = writer_options(node);
        self.remove_unfinished_bases(&options);
        let manifest = manifest::load(&*self.vfs, &options.directory, &options.stem);
        let manifest = manifest.map_err(|error| fail(error.to_string()))?.unwrap_or_default();
        let (history, offset) = (node.engine.propagation.history, node.engine.propagation.end());
        let mut chain = Chain::new();
        let (parent, at) = history.second_id.map_or((None, offset), |(id, at)| (Some(id), at));
        chain.push(Branch { id: history.id, parent, at, keys: total_keys(node) });
        let start = Start { id: history.id, chain, offset, resume: None, held: Vec::new() };
        let prologue = prologue(node);
        let vfs = Arc::clone(&self.vfs);
        let writer = LogWriter::begin_anew(vfs, options, manifest, start, &prologue, moment())
            .map_err(|error| fail(reason(&error)))?;
        self.attach(node, writer, true).map_err(|error| fail(reason(&error)))?;
        if let Err(reason) = self.begin_rewrite(node) {
            stdx::logging::warning!("The first base of the append-only log waits: {reason}");
        }
        Ok(())
    }

    fn turn_off(&self, node: &mut Node) -> Result<(), String> {
        self.call_off_rewrite(node);
        let log = self.with(|state| state.log.as_ref().map(|log| log.submission.clone()));
        let Some(submission) = log else { return Ok(()) };
        node.engine.propagation.submit();
        let synced = force(&submission);
        if let Err(failure) = synced
            && submission.status().continuity == Continuity::Whole
        {
            return Err(format!("Unable to turn off AOF: {failure}"));
        }
        if let Err(failure) = self.detach(node) {
            stdx::logging::warning!("Closing the append-only file failed: {failure}");
        }
        Ok(())
    }

    /// The end of the process: running jobs are called off, the log is brought to disk, the data set is saved if `save`
    /// says so, and at last the log is closed. After an error everything goes on as before.
    pub fn shut_down(&self, node: &mut Node, save: bool) -> Result<(), String> {
        self.call_off_save(node);
        self.call_off_rewrite(node);
        self.force_log(node)?;
        if save {
            stdx::logging::notice!("Saving the final RDB snapshot before exiting.");
            self.save_under_lock(node).map_err(|_| "Error trying to save the DB, can't exit.".to_string())?;
        }
        self.close_log(node)
    }

    /// Shutdown: brings everything to disk, closes the files in order and detaches the log. Running jobs are called off.
    /// After an error the log is still attached.
    pub fn close_log(&self, node: &mut Node) -> Result<(), String> {
        self.call_off_save(node);
        self.call_off_rewrite(node);
        self.force_log(node)?;
        self.detach(node).map_err(|failure| format!("Fail to fsync the AOF file: {failure}"))
    }

    fn force_log(&self, node: &mut Node) -> Result<(), String> {
        let Some(submission) = self.with(|state| state.log.as_ref().map(|log| log.submission.clone())) else {
            return Ok(());
        };
        stdx::logging::notice!("Calling fsync() on the AOF file.");
        node.engine.propagation.submit();
        force(&submission).map_err(|reason| format!("Fail to fsync the AOF file: {reason}"))
    }

    /// The options of the log may have changed (`appendfsync`, `aof-timestamp-enabled`, `no-appendfsync-on-rewrite`).
    pub fn set_fsync(&self, node: &mut Node) {
        self.follow_options(node);
    }

    /// Brings the log's thread in line with the options and with what jobs are running.
    pub(crate) fn follow_options(&self, node: &mut Node) {
        self.with(|state| {
            let is_job_running = state.save.is_some() || state.rewrite.is_some();
            let Some(log) = &mut state.log else { return };
            let options = &node.engine.config.append_only;
            let may_suspend = options.no_appendfsync_on_rewrite && is_job_running;
            let policy = if may_suspend { FsyncPolicy::No } else { policy(options.appendfsync) };
            let timestamps = options.aof_timestamp_enabled;
            node.engine.health.append_only.is_fsync_suspended = may_suspend || log.is_new;
            if policy != log.policy {
                node.engine.propagation.submit();
                log.submission.request(Request::Sync(Box::new(drop)));
                log.submission.request(Request::SetPolicy(policy));
                log.policy = policy;
            }
            if timestamps != log.timestamps {
                log.submission.request(Request::SetTimestamps(timestamps));
                log.timestamps = timestamps;
            }
            let retention = retention(&node.engine.config);
            if retention != log.retention {
                log.submission.request(Request::SetRetention(retention));
                log.retention = retention;
            }
        });
    }

    /// Starts the thread and makes it the log's reader.
    fn attach(&self, node: &mut Node, writer: LogWriter, is_new: bool) -> std::io::Result<()> {
        let config = &node.engine.config;
        let (policy, timestamps) = (writer.policy(), config.append_only.aof_timestamp_enabled);
        let retention = retention(config);
        let directory = paths::log_directory(config);
        let older_bytes = older_bytes(self, &directory, writer.manifest());
        let base = writer.manifest().base.as_ref();
        let base_bytes = base.map_or(0, |base| file_bytes(self, &directory.join(&base.name)));
        let begun_at = is_new.then(|| writer.end());
        let wakers = node.engine.clients.wakers();
        let options = ThreadOptions {
            clock: Box::new(moment),
            notify: Box::new(move || wakers.wake_all()),
            queue_bytes_max: QUEUE_BYTES_MAX,
        };
        let increment_bytes = writer.status().increment_bytes;
        let thread = if self.is_stepped {
            LogThread::stepped(writer, options)
        } else {
            LogThread::spawn(writer, options)?
        };
        let (submission, facts) = (thread.submission(), Arc::new(Facts::default()));
        facts.keys.store(total_keys(node), Ordering::Relaxed);
        let end = LogFile { submission: submission.clone(), facts: Arc::clone(&facts) };
        node.engine.propagation.attach_file(Box::new(end));
        let health = &mut node.engine.health.append_only;
        health.is_enabled = true;
        health.is_fsync_suspended = is_new;
        health.write_error = None;
        health.current_bytes = older_bytes + increment_bytes;
        health.base_bytes = base_bytes;
        node.engine.hear_disk();
        let log = OpenLog {
            thread,
            submission,
            facts,
            directory,
            policy,
            timestamps,
            retention,
            older_bytes,
            is_new,
            begun_at,
        };
        self.with(|state| state.log = Some(log));
        Ok(())
    }

    fn detach(&self, node: &mut Node) -> Result<(), Failure> {
        let Some(log) = self.with(|state| state.log.take()) else { return Ok(()) };
        let closed = log.thread.close();
        if closed.is_ok() {
            node.engine.hear_disk();
        }
        node.engine.propagation.detach_file();
        let health = &mut node.engine.health.append_only;
        health.is_enabled = false;
        health.is_fsync_suspended = false;
        health.write_error = None;
        closed
    }

    /// A base of the data set as it is, before the first increment.
    fn create_first_base(
        &self,
        node: &mut Node,
        options: &WriterOptions,
        manifest: &mut Manifest,
    ) -> Result<(), String> {
        let (mut encoder, format) = encoder_for_base(node);
        let name = manifest.replace_base(&options.stem, format, u64::MAX);
        stdx::logging::notice!("Creating AOF base file {name} on server start");
        let path = options.directory.join(&name);
        let target = Target::create(&*self.vfs, &path, false);
        let written = target
            .map_err(Into::into)
            .and_then(|target| writing::write_under_lock(node, &mut encoder, target));
        written.map_err(|error| format!("Can't write {}: {error}", path.display()))
    }

    /// What killed rewrites have left.
    fn remove_unfinished_bases(&self, options: &WriterOptions) {
        let names = self.vfs.list(&options.directory).unwrap_or_default();
        for name in names.iter().filter(|name| name.starts_with(paths::TEMPORARY_BASE)) {
            let _ = self.vfs.remove(&options.directory.join(name));
        }
    }

    /// The primary's stream goes on in a database that a new file must name first.
    fn begin_file_in_stream_database(&self, node: &mut Node) {
        self.with(|state| {
            if let Some(log) = &state.log {
                begin_file(log, node);
            }
        });
    }

    /// What is kept for replicas goes file by file, so no file gets too large.
    pub(crate) fn begin_file_if_due(&self, node: &mut Node) {
        self.with(|state| {
            let Some(log) = state.log.as_ref().filter(|_| state.rewrite.is_none()) else { return };
            let status = log.submission.status();
            let is_whole = status.is_ok() && status.continuity == Continuity::Whole;
            if is_whole && !log.is_new && status.increment_bytes >= FILE_BYTES {
                begin_file(log, node);
            }
        });
    }
}

/// The log goes on in another file, without a rewrite.
fn begin_file(log: &OpenLog, node: &mut Node) {
    node.engine.propagation.submit();
    log.submission.request(Request::Rotate { prologue: prologue(node), done: Box::new(drop) });
    log.submission.request(Request::AbandonRewrite { base: None });
    if !node.engine.replication.is_replica() {
        node.engine.propagation.forget_selected();
    }
}

/// Forces everything handed over to disk, and waits for it.
pub(crate) fn force(submission: &Submission) -> Result<(), String> {
    let (sender, outcome) = sync_channel(1);
    submission.request(Request::Sync(Box::new(move |result| drop(sender.send(result)))));
    submission.work();
    match outcome.recv() {
        Ok(result) => result.map_err(|failure| failure.message),
        Err(_) => Err("the log's thread has ended".to_string()),
    }
}

/// What a new file must begin with: on a replica the database that the primary's stream is in. What a primary writes
/// next names its database anyway.
pub(crate) fn prologue(node: &Node) -> Vec<u8> {
    let mut select = Vec::new();
    if node.engine.replication.is_replica() {
        let number = node.engine.replication.stream_database.to_string();
        append_multibulk(&mut select, [b"SELECT".as_slice(), number.as_bytes()]);
    }
    select
}

/// Bytes of the files that the log is not writing to.
pub(crate) fn older_bytes(
    persistence: &Persistence,
    directory: &std::path::Path,
    manifest: &Manifest,
) -> u64 {
    let last = manifest.increments.last().map(|entry| entry.name.as_str());
    let older = manifest.entries().filter(|entry| Some(entry.name.as_str()) != last);
    older.map(|entry| file_bytes(persistence, &directory.join(&entry.name))).sum()
}

fn file_bytes(persistence: &Persistence, path: &std::path::Path) -> u64 {
    persistence.vfs.open_read(path).and_then(|file| file.length_bytes()).unwrap_or(0)
}

/// Keys of all databases.
pub(crate) fn total_keys(node: &Node) -> u64 {
    (0..node.keyspace.database_count()).map(|database| node.keyspace.len(database) as u64).sum()
}

/// How a base is written, by `aof-use-rdb-preamble`.
pub(crate) fn base_format(node: &Node) -> BaseFormat {
    if node.engine.config.append_only.aof_use_rdb_preamble { BaseFormat::Rdb } else { BaseFormat::Commands }
}

fn writer_options(node: &Node) -> WriterOptions {
    let config = &node.engine.config;
    WriterOptions {
        directory: paths::log_directory(config),
        stem: paths::log_stem(config),
        policy: policy(config.append_only.appendfsync),
        timestamps: config.append_only.aof_timestamp_enabled,
        retention: retention(config),
    }
}

pub(crate) fn retention(config: &Config) -> Retention {
    let options = &config.replication;
    Retention { bytes: options.repl_log_size, seconds: options.repl_log_ttl }
}

fn policy(option: AppendFsync) -> FsyncPolicy {
    match option {
        AppendFsync::Always => FsyncPolicy::Always,
        AppendFsync::EverySecond => FsyncPolicy::EverySecond,
        AppendFsync::Never => FsyncPolicy::No,
    }
}

fn moment() -> Moment {
    Moment {
        monotonic_ms: stdx::clock::monotonic_us() / 1000,
        unix_s: u64::try_from(stdx::clock::wall_ms() / 1000).unwrap_or(0),
    }
}

fn tell_increment(manifest: &Manifest, stem: &str, is_resumed: bool) {
    match manifest.increments.last().filter(|_| is_resumed) {
        Some(entry) => stdx::logging::notice!("Opening AOF incr file {} on server start", entry.name),
        None => {
            let name = manifest::increment_name(stem, manifest.increment_sequence + 1);
            stdx::logging::notice!("Creating AOF incr file {name} on server start");
        }
    }
}
