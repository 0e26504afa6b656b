//! How much the server does at once and how often it tidies up.

use crate::config::kind::{Hertz, Integer, Release, YesNo};

options! {
    /// How much the server does at once and how often it tidies up.
    General at general;

    /// Number of databases; SELECT takes 0 to one less.
    databases: Integer<u32, 1, { i32::MAX as i64 }> = 16, immutable;
    /// Worker threads. Each serves its own clients on the shared keyspace.
    io_threads: Integer<u32, 1, 128> = 1, immutable;
    /// How often a second background work is done: expiry, timeouts, statistics.
    hz: Hertz = 10, mutable;
    /// Do background work more often while many clients are connected.
    dynamic_hz: YesNo = true, mutable;
    /// How hard to look for expired keys that nobody asks for. Higher finds them sooner and costs more time.
    active_expire_effort: Integer<u32, 1, 10> = 1, mutable;
    /// The Redis release that INFO, HELLO, LOLWUT and RDB files name: client libraries choose their features by it.
    redis_version: Release = crate::REDIS_VERSION.to_owned(), mutable;
}
