//! When bytes are forced to disk, and the times that decide it.

/// The option `appendfsync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsyncPolicy {
    /// Every batch is forced to disk before its replies leave.
    Always,
    /// Bytes are forced to disk at most a second after they were written.
    EverySecond,
    /// The kernel decides.
    No,
}

/// A moment on both clocks, handed in by whoever drives the log: nothing here reads a clock itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds on a clock that never goes back.
    pub monotonic_ms: u64,
    /// Seconds since 1970, for timestamps in the files.
    pub unix_s: u64,
}
