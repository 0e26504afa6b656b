//! How the log writer is doing: what INFO shows and what the gate before writes looks at.

use super::FailedCall;
use std::fmt;
use std::io;

/// A call that failed and has not succeeded since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which call.
    pub call: FailedCall,
    /// The operating system's words, as the MISCONF error shows them.
    pub message: String,
    /// The error number, if the operating system gave one.
    pub errno: Option<i32>,
}

impl Failure {
    pub(super) fn new(call: FailedCall, error: &io::Error) -> Self {
        let mut message = error.to_string();
        if let Some(number) = message.find(" (os error ") {
            message.truncate(number);
        }
        Self { call, message, errno: error.raw_os_error() }
    }

    pub(super) fn gap() -> Self {
        let message = "the append-only file has a gap until it is rewritten".to_owned();
        Self { call: FailedCall::Write, message, errno: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Whether the files hold the log without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// They do.
    Whole,
    /// They do not: bytes were lost, nothing is written, and a rewrite is needed.
    Gap,
    /// A rewrite is on the way that will close the gap.
    Bridging,
}

/// How the writer is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterStatus {
    /// The failure that has not been mended: `aof_last_write_status` is `err`, writes are refused.
    pub failure: Option<Failure>,
    /// Whether the log on disk is whole.
    pub continuity: Continuity,
    /// Bytes of the increment that is being written.
    pub increment_bytes: u64,
    /// Bytes that are not in the file yet: `aof_buffer_length`.
    pub waiting_bytes: usize,
    /// Whether a rewrite has begun a new increment and waits for its base.
    pub is_rewriting: bool,
    /// Bytes of the increments that were closed since the start or since the last rewrite, and are not replaced.
    pub closed_bytes: u64,
}

impl WriterStatus {
    /// Whether writes can be kept: `aof_last_write_status` is `ok`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failure.is_none() && self.continuity != Continuity::Gap
    }
}
