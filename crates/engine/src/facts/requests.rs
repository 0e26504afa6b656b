//! What commands ask of the process: left here, carried out by the loop at the end of the turn.

use super::migrations::Migration;
use crate::client::card::ClientId;

/// How SHUTDOWN is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShutdownOptions {
    /// SAVE: save even without save points.
    pub save: bool,
    /// NOSAVE: do not save.
    pub no_save: bool,
    /// NOW: do not wait for replicas.
    pub now: bool,
    /// FORCE: go on when saving fails.
    pub force: bool,
}

/// Something for the process to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessRequest {
    /// Stop. Answered only when it cannot be done.
    Shutdown(ShutdownOptions),
    /// Forget the shutdown that waits for replicas.
    AbortShutdown,
    /// The node follows somebody else, or nobody: the link is to be made or ended.
    RoleChanged,
    /// Save now, everybody waits.
    Save,
    /// All databases were emptied: what is being saved is out of date, and the file on disk holds what was flushed on
    /// purpose.
    SaveFlushed,
    /// Save in the background.
    BackgroundSave,
    /// Rewrite the append-only files in the background.
    RewriteAppendOnly,
    /// These options were changed, each with the text of its old value: some may have an effect outside of the
    /// configuration. When one effect fails, all options are put back.
    ApplyOptions(Vec<(&'static str, Vec<u8>)>),
    /// DEBUG RELOAD: save (unless told not to) and load the data set again.
    Reload {
        /// Save first.
        save: bool,
        /// Flush before loading.
        flush: bool,
    },
    /// MIGRATE: send keys to another server. The client's request runs again when that is over.
    Migrate(Migration),
    /// OCHRE REPLACED LIST: which data sets are kept that others took the place of.
    ListReplaced,
    /// OCHRE REPLACED RESTORE: bring the kept data set of this name back.
    RestoreReplaced(String),
    /// DEBUG LOADAOF: load the append-only files again.
    LoadAppendOnly,
    /// DEBUG SEGFAULT: die of a fault, so that the crash report can be tested.
    Segfault,
    /// DEBUG RESTART and CRASH-AND-RECOVER: start the program again after so many milliseconds.
    Restart {
        /// Close cleanly first.
        graceful: bool,
        /// Wait before it.
        delay_ms: u64,
    },
}

/// A request, and who gets the answer: a client whose command waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is asked.
    pub request: ProcessRequest,
    /// Who waits.
    pub client: Option<ClientId>,
}
