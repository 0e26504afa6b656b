//! Whether the data set is complete and can be written down: loading, saving, paused.

use super::pauses::Pauses;
use log::held_files::HeldFacts;

/// The outcome of a save or a rewrite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It worked, or none was tried.
    #[default]
    Ok,
    /// It failed.
    Failed,
}

impl Outcome {
    /// `ok` or `err`, as INFO shows it.
    pub const fn text(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Failed => "err",
        }
    }

    /// Success or failure.
    pub const fn of(ok: bool) -> Outcome {
        if ok { Outcome::Ok } else { Outcome::Failed }
    }
}

/// A data set being read at start or from a primary.
#[derive(Clone, Debug)]
pub struct Loading {
    /// Wall clock at which it began, in seconds.
    pub started_s: i64,
    /// Bytes to read in all; 0 if unknown.
    pub total_bytes: u64,
    /// Bytes read so far.
    pub loaded_bytes: u64,
    /// Keys loaded so far.
    pub keys: u64,
    /// The old data set is served meanwhile.
    pub is_async: bool,
}

/// A background job that walks a snapshot.
#[derive(Clone, Debug)]
pub struct Job {
    /// Wall clock at which it began, in seconds.
    pub started_s: i64,
    /// Keys written so far.
    pub keys_done: u64,
    /// Keys to write in all.
    pub keys_total: u64,
}

/// The state of the data set and of its copies on disk.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Set while the data set is incomplete or being replaced.
    pub loading: Option<Loading>,
    /// Why clients wait.
    pub pauses: Pauses,
    /// Grows when the data set is replaced as a whole (a full copy was loaded): what walks the old one ends.
    pub data_set: u64,
    /// Grows when a snapshot begins or is called off: a walk of an earlier one ends.
    pub snapshot: u64,
    /// RDB saves.
    pub save: SaveState,
    /// The append-only files.
    pub append_only: AppendOnlyState,
}

impl Health {
    /// Whether clients wait for the end of a pause, all of them or those that write. One that is over may still stand.
    #[inline]
    pub fn is_paused(&self, now_ms: u64) -> bool {
        self.pauses.in_force().is_some_and(|pause| now_ms < pause.until_ms)
    }
}

/// RDB saves.
#[derive(Clone, Debug, Default)]
pub struct SaveState {
    /// Changes since the last save (the keyspace counts them) when the running save began.
    pub dirty_at_begin: u64,
    /// The running save.
    pub job: Option<Job>,
    /// BGSAVE SCHEDULE, or a save that must wait for another job.
    pub is_scheduled: bool,
    /// The last background save.
    pub last_outcome: Outcome,
    /// Wall clock of the last successful save, in seconds.
    pub last_save_s: i64,
    /// Wall clock of the last try, in seconds.
    pub last_try_s: i64,
    /// How long the last one took, in seconds; -1 before the first.
    pub last_duration_s: Option<i64>,
    /// Successful saves since the start.
    pub saves: u64,
    /// Keys that had expired and keys that were loaded at the last load.
    pub last_load_expired: u64,
    /// Keys loaded at the last load.
    pub last_load_loaded: u64,
    /// Bytes written meanwhile because writers changed keys of the snapshot.
    pub last_copied_bytes: u64,
}

/// The append-only files.
#[derive(Clone, Debug, Default)]
pub struct AppendOnlyState {
    /// Whether the log is being written.
    pub is_enabled: bool,
    /// The running rewrite.
    pub rewrite: Option<Job>,
    /// A rewrite waits for another job.
    pub is_rewrite_scheduled: bool,
    /// The last rewrite.
    pub last_rewrite: Outcome,
    /// How long the last rewrite took, in seconds.
    pub last_rewrite_duration_s: Option<i64>,
    /// Rewrites since the start.
    pub rewrites: u64,
    /// Failed rewrites in a row: the next try waits longer.
    pub failed_rewrites: u32,
    /// Nothing is forced to disk while a job writes (`no-appendfsync-on-rewrite`): replies do not wait for it.
    pub is_fsync_suspended: bool,
    /// Whether the log writer can write; the reason if not.
    pub write_error: Option<String>,
    /// Size of all files, in bytes.
    pub current_bytes: u64,
    /// Size after the last rewrite or the start, in bytes.
    pub base_bytes: u64,
    /// Submitted and not yet written, in bytes.
    pub buffer_bytes: u64,
    /// Fsyncs that writers had to wait for.
    pub delayed_fsyncs: u64,
    /// What replicas can read from the files.
    pub held: HeldFacts,
}
