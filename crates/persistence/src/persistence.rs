//! What keeps the data set on disk: its state between the calls of the process.

use crate::load_append_only::LoadedLog;
use crate::log_files::OpenLog;
use crate::rewrite::RunningRewrite;
use crate::save::RunningSave;
use engine::engine::Node;
use engine::shared::Shared;
use log::vfs::{RealVfs, Vfs};
use std::sync::Arc;

/// Saves, rewrites, the append-only log, loading. Shared by all threads of the process; clones are the same.
///
/// Methods that take the node are called under the execution lock.
#[derive(Clone)]
pub struct Persistence {
    pub(crate) node: Arc<Shared<Node>>,
    pub(crate) vfs: Arc<dyn Vfs>,
    state: Arc<Shared<State>>,
    /// Held while a finished RDB file gets its name, which takes long where the old file is large: whoever saves later
    /// waits, so that no older file comes last. Taken before the state's lock.
    pub(crate) publishing: Arc<Shared<()>>,
    /// The log is written when [`Persistence::work_on_log`] is called, not by a thread.
    pub(crate) is_stepped: bool,
}

/// What is going on. Its lock is taken after the execution lock, never before.
#[derive(Default)]
pub(crate) struct State {
    /// The attached append-only log.
    pub log: Option<OpenLog>,
    /// Where the log goes on, between loading and opening it.
    pub loaded: Option<LoadedLog>,
    /// The save in the background.
    pub save: Option<RunningSave>,
    /// The rewrite in the background.
    pub rewrite: Option<RunningRewrite>,
    /// Monotonic time before which no rewrite begins by itself, in milliseconds.
    pub rewrite_not_before_ms: u64,
    /// Jobs begun so far: a number for each.
    pub jobs: u64,
}

impl State {
    /// A number for a new job.
    pub fn next_job(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs
    }
}

impl Persistence {
    /// For the files that the node's configuration names.
    pub fn new(node: Arc<Shared<Node>>) -> Persistence {
        Persistence::with_vfs(node, Arc::new(RealVfs))
    }

    /// On another file system (tests, simulations).
    pub fn with_vfs(node: Arc<Shared<Node>>, vfs: Arc<dyn Vfs>) -> Persistence {
        Persistence { node, vfs, state: Arc::default(), publishing: Arc::default(), is_stepped: false }
    }

    /// Without a thread that writes the log: what has come for it is written when [`Persistence::work_on_log`] is called
    /// (simulations).
    pub fn stepped(self) -> Persistence {
        Persistence { is_stepped: true, ..self }
    }

    /// Where no thread writes the log: writes what has come, and does what is due.
    pub fn work_on_log(&self) {
        if let Some(submission) = self.with(|state| state.log.as_ref().map(|log| log.submission.clone())) {
            submission.work();
        }
    }

    /// Where no thread writes the log: when there is something to do, in milliseconds of the monotonic clock; 0 for now.
    pub fn log_due_ms(&self) -> Option<u64> {
        self.with(|state| state.log.as_ref().and_then(|log| log.submission.due_ms()))
    }

    /// Looks at the state or changes it.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock())
    }
}
