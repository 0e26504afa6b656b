//! The thread around the log writer: a hand-over queue in front of it, published offsets behind it.
//!
//! Whoever executes commands copies the bytes of a turn into the queue ([`Submission::append`]) and wakes
//! the thread once. The thread takes all that has come in one swap, writes it with one call and, under
//! `appendfsync always`, forces it with one fsync, while the next turns' bytes gather in the other buffer.
//! Requests (rotate, finish a rewrite ...) go through the same queue and so keep their place in the stream.
//!
//! A simulation has the same without a thread ([`LogThread::stepped`]): the work is done when [`Submission::work`] is called.
#![expect(
    clippy::disallowed_types,
    reason = "waits on conditions, below the engine, which names the lock type"
)]

mod queue;
mod run;

use crate::held_files::{HeldFiles, Retention};
use crate::history::{Branch, Chain, ReplicationId};
use crate::manifest::BaseFormat;
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::writer::{Failure, LogWriter, RewriteError, WriterStatus};
use queue::Queue;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Tells the time to the thread.
pub type Clock = Box<dyn Fn() -> Moment + Send>;

/// Called on the log's thread with the outcome of a request.
pub type Done<T> = Box<dyn FnOnce(T) + Send>;

/// What the thread needs besides the writer.
pub struct ThreadOptions {
    /// Tells the time.
    pub clock: Clock,
    /// Called on the thread whenever the durable offset or the status changed: to wake who waits.
    pub notify: Box<dyn Fn() + Send>,
    /// Bytes that may wait in the queue before [`Submission::append`] blocks.
    pub queue_bytes_max: usize,
}

/// Something to be done between two bytes of the stream.
pub enum Request {
    /// Force everything before to disk.
    Sync(Done<Result<(), Failure>>),
    /// [`LogWriter::rotate`]: close the increment and begin another.
    Rotate {
        /// Commands at the new file's beginning that are not of the stream.
        prologue: Vec<u8>,
        /// Gets the offset at which the new file begins.
        done: Done<Result<Offset, RewriteError>>,
    },
    /// [`LogWriter::finish_rewrite`]: a new base replaces what was before the rotation.
    FinishRewrite {
        /// The base's present name in the append-only directory.
        base: String,
        /// How it is written.
        format: BaseFormat,
        /// Gets the outcome.
        done: Done<Result<(), RewriteError>>,
    },
    /// [`LogWriter::abandon_rewrite`].
    AbandonRewrite {
        /// The unfinished base, to be removed.
        base: Option<String>,
    },
    /// [`LogWriter::branch`]: the stream goes on as another history.
    Branch(Branch),
    /// [`LogWriter::restart`]: the stream goes on elsewhere.
    Restart {
        /// The history.
        id: ReplicationId,
        /// Its chain.
        chain: Chain,
        /// The offset of the next byte.
        offset: Offset,
    },
    /// `appendfsync` changed.
    SetPolicy(FsyncPolicy),
    /// `aof-timestamp-enabled` changed.
    SetTimestamps(bool),
    /// How much is kept of what rewrites have replaced has changed.
    SetRetention(Retention),
    /// Kept files are over the limits: [`HeldFiles::has_surplus`].
    TrimKept,
    /// From now on every write takes this much longer: for tests of what depends on a slow disk.
    DelayWrites(Duration),
}

/// What the thread lets others see.
#[derive(Debug)]
struct Published {
    durable: AtomicU64,
    is_ok: AtomicBool,
    is_syncing: AtomicBool,
    delays: AtomicU64,
    slowest_write_ms: AtomicU64,
    slowest_sync_ms: AtomicU64,
    status: Mutex<WriterStatus>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the thread.
    arrived: Condvar,
    /// Wakes who waits for room in the queue.
    room: Condvar,
    queue_bytes_max: usize,
    published: Published,
    held: Arc<HeldFiles>,
}

impl Shared {
    fn of(writer: &LogWriter, queue_bytes_max: usize) -> Arc<Shared> {
        let published = Published {
            durable: AtomicU64::new(writer.durable_offset().0),
            is_ok: AtomicBool::new(writer.status().is_ok()),
            is_syncing: AtomicBool::new(false),
            delays: AtomicU64::new(0),
            slowest_write_ms: AtomicU64::new(0),
            slowest_sync_ms: AtomicU64::new(0),
            status: Mutex::new(writer.status()),
        };
        Arc::new(Shared {
            queue: Mutex::new(Queue::new(writer.end())),
            arrived: Condvar::new(),
            room: Condvar::new(),
            queue_bytes_max,
            published,
            held: writer.held_files(),
        })
    }

    /// The queue is whole after each of its methods, so a panic of its holder does it no harm.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The caller's end of the queue. Clones share it.
#[derive(Clone)]
pub struct Submission(Arc<Shared>, Option<Stepped>);

/// What does the work where there is no thread.
type Stepped = Arc<Mutex<run::Driver>>;

impl Submission {
    /// Hands over the next bytes of the stream, up to `end`: whole commands, and whole transactions. Blocks
    /// only while more than the limit waits, that is, while the disk is much too slow. The thread need not
    /// notice before [`Submission::wake`].
    pub fn append(&self, bytes: &[u8], end: Offset) {
        self.append_parts(&[bytes], end);
    }

    /// [`Submission::append`] for bytes that lie in several places: the thread never sees some of them alone.
    pub fn append_parts(&self, parts: &[&[u8]], end: Offset) {
        let more = parts.iter().map(|part| part.len()).sum();
        let mut queue = self.0.queue();
        if queue.is_over(self.0.queue_bytes_max, more) {
            queue = self.wait_for_room(queue, more);
        }
        parts.iter().for_each(|part| queue.append(part, end));
    }

    fn wait_for_room<'a>(&'a self, mut queue: MutexGuard<'a, Queue>, more: usize) -> MutexGuard<'a, Queue> {
        self.0.published.delays.fetch_add(1, Ordering::Relaxed);
        self.0.arrived.notify_one();
        while queue.is_over(self.0.queue_bytes_max, more) {
            queue = self.0.room.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue
    }

    /// Lets the thread begin with what was appended: once a turn.
    pub fn wake(&self) {
        if self.0.queue().is_waiting {
            self.0.arrived.notify_one();
        }
    }

    /// Puts a request behind the bytes appended so far, and wakes the thread. After the thread's end the
    /// request is dropped, its `done` uncalled.
    pub fn request(&self, request: Request) {
        self.0.queue().request(request);
        self.0.arrived.notify_one();
    }

    /// Without a thread: does what has come and what is due. Called by whoever waits for it; with a thread it is nothing.
    pub fn work(&self) {
        if let Some(driver) = &self.1 {
            driver.lock().unwrap_or_else(PoisonError::into_inner).work_off();
        }
    }

    /// Without a thread: when [`Submission::work`] has something to do, in milliseconds of the monotonic clock; 0 when it
    /// has come already.
    #[must_use]
    pub fn due_ms(&self) -> Option<u64> {
        let driver = self.1.as_ref()?;
        if !self.0.queue().is_empty() {
            return Some(0);
        }
        driver.lock().unwrap_or_else(PoisonError::into_inner).next_deadline_ms()
    }

    /// Everything before this offset is on disk.
    #[must_use]
    pub fn durable_offset(&self) -> Offset {
        Offset(self.0.published.durable.load(Ordering::Acquire))
    }

    /// `aof_last_write_status` is `ok`. Cheap: to be asked before every write.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.0.published.is_ok.load(Ordering::Acquire)
    }

    /// The writer's status after its last work.
    #[must_use]
    pub fn status(&self) -> WriterStatus {
        self.0.published.status.lock().expect("no holder of the status lock panics").clone()
    }

    /// What readers find in the files.
    #[must_use]
    pub fn held_files(&self) -> &Arc<HeldFiles> {
        &self.0.held
    }

    /// Bytes in the queue, not yet taken by the thread.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.0.queue().bytes.len()
    }

    /// `aof_pending_bio_fsync`: whether an fsync is under way.
    #[must_use]
    pub fn is_syncing(&self) -> bool {
        self.0.published.is_syncing.load(Ordering::Relaxed)
    }

    /// How long the thread's work took at most since the last call.
    #[must_use]
    pub fn take_slowest(&self) -> SlowestWork {
        let take = |slowest: &AtomicU64| slowest.swap(0, Ordering::Relaxed);
        let published = &self.0.published;
        SlowestWork { write_ms: take(&published.slowest_write_ms), sync_ms: take(&published.slowest_sync_ms) }
    }

    /// `aof_delayed_fsync`: how often a caller had to wait for the disk.
    #[must_use]
    pub fn delays(&self) -> u64 {
        self.0.published.delays.load(Ordering::Relaxed)
    }
}

/// How long the thread's work took at most since somebody last asked, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlowestWork {
    /// A write to the file.
    pub write_ms: u64,
    /// An fsync that replies waited for, under `appendfsync always`.
    pub sync_ms: u64,
}

/// The running thread. Dropping it closes the log as [`LogThread::close`] does, without telling how it went.
pub struct LogThread {
    submission: Submission,
    runs: Option<Runs>,
}

/// What does the work.
enum Runs {
    Thread(JoinHandle<Result<(), Failure>>),
    Steps(Stepped),
}

impl LogThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn spawn(writer: LogWriter, options: ThreadOptions) -> io::Result<Self> {
        let shared = Shared::of(&writer, options.queue_bytes_max);
        let submission = Submission(Arc::clone(&shared), None);
        let thread =
            stdx::thread::spawn("log-writer", move || run::Driver::new(writer, shared, options).run())?;
        Ok(Self { submission, runs: Some(Runs::Thread(thread)) })
    }

    /// The same without a thread, for a simulation: nothing happens before [`Submission::work`]. The queue must have room
    /// for whatever is appended until then.
    #[must_use]
    pub fn stepped(writer: LogWriter, options: ThreadOptions) -> Self {
        let shared = Shared::of(&writer, options.queue_bytes_max);
        let driver = Arc::new(Mutex::new(run::Driver::new(writer, Arc::clone(&shared), options)));
        Self { submission: Submission(shared, Some(Arc::clone(&driver))), runs: Some(Runs::Steps(driver)) }
    }

    /// A handle for whoever appends or asks.
    #[must_use]
    pub fn submission(&self) -> Submission {
        self.submission.clone()
    }

    /// Writes and forces what was handed over, closes the file in order and ends the thread.
    ///
    /// # Errors
    /// When the last bytes could not be brought to disk.
    pub fn close(mut self) -> Result<(), Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Failure> {
        let Some(runs) = self.runs.take() else { return Ok(()) };
        self.submission.0.queue().is_closing = true;
        self.submission.0.arrived.notify_one();
        match runs {
            Runs::Thread(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Runs::Steps(driver) => driver.lock().unwrap_or_else(PoisonError::into_inner).finish(),
        }
    }
}

impl Drop for LogThread {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = self.end();
        }
    }
}

#[cfg(test)]
mod tests;
