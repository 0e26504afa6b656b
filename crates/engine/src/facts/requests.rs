//! What commands ask of the process: left here, carried out by the loop at the end of the turn.

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
    /// Stop; the client that asked gets the error if it cannot be done.
    Shutdown(ShutdownOptions, Option<ClientId>),
    /// Forget the shutdown that waits for replicas.
    AbortShutdown,
    /// Follow somebody else.
    Follow {
        /// Host.
        host: String,
        /// Port.
        port: u16,
    },
    /// Follow nobody.
    Promote,
    /// Save in the background.
    BackgroundSave,
    /// Rewrite the append-only files.
    RewriteAppendOnly,
    /// These options were changed and have an effect outside of the configuration.
    OptionsChanged(Vec<&'static str>),
    /// DEBUG RESTART: start the program again, cleanly or as after a crash, after so many milliseconds.
    Restart {
        /// Save and close first.
        graceful: bool,
        /// Wait before it.
        delay_ms: u64,
    },
    /// A flushed or deleted data set to be freed elsewhere.
    DropLater,
}
