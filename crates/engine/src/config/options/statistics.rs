//! What the server measures of its own work.

use crate::config::kind::{Integer, Percentiles, YesNo};

const MAX: i64 = i64::MAX;

options! {
    /// What the server measures of its own work.
    Statistics at statistics;

    /// Measure how long each run of a command takes, for INFO latencystats. Costs a reading of the clock for each.
    latency_tracking: YesNo = true, mutable;
    /// Which percentiles INFO latencystats shows.
    latency_tracking_info_percentiles: Percentiles = vec![50.0, 99.0, 99.9], mutable;
    /// LATENCY remembers what took at least so many milliseconds. 0 remembers nothing.
    latency_monitor_threshold: Integer<u64, 0, MAX> = 0, mutable;
    /// SLOWLOG keeps requests that took at least so many microseconds. 0 keeps all, -1 none.
    slowlog_log_slower_than | commandlog_execution_slower_than: Integer<i64, -1, MAX> = 10_000, mutable;
    /// How many slow requests are kept.
    slowlog_max_len | commandlog_slow_execution_max_len: Integer<u64, 0, MAX> = 128, mutable;
    /// COMMANDLOG keeps requests of at least so many bytes. -1 keeps none.
    commandlog_request_larger_than: Integer<i64, -1, MAX> = 1 << 20, mutable;
    /// How many large requests are kept.
    commandlog_large_request_max_len: Integer<u64, 0, MAX> = 128, mutable;
    /// COMMANDLOG keeps requests whose reply has at least so many bytes. -1 keeps none.
    commandlog_reply_larger_than: Integer<i64, -1, MAX> = 1 << 20, mutable;
    /// How many requests with large replies are kept.
    commandlog_large_reply_max_len: Integer<u64, 0, MAX> = 128, mutable;
}
