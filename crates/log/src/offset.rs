//! A position in the log, counted in bytes since the stream began.

use std::fmt;

/// A position in bytes in the replication stream: so many bytes have gone before it. Equal to Redis's
/// `master_repl_offset` when it is the end of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

impl Offset {
    /// The beginning of a stream.
    pub const ZERO: Self = Self(0);
    /// Beyond every stream: what needs nothing is met up to here.
    pub const MAX: Self = Self(u64::MAX);

    /// The position `bytes` later.
    #[must_use]
    pub fn plus(self, bytes: usize) -> Self {
        Self(self.0 + bytes as u64)
    }

    /// Bytes from `earlier` to here; zero when `earlier` is not earlier.
    #[must_use]
    pub fn bytes_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first byte after this position as PSYNC and INFO count it: from one.
    #[must_use]
    pub fn next_byte(self) -> u64 {
        self.0 + 1
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
