//! What the server measures of its own work.

use crate::config::kind::{Percentiles, YesNo};

options! {
    /// What the server measures of its own work.
    Statistics at statistics;

    /// Measure how long each run of a command takes, for INFO latencystats. Costs a reading of the clock for each.
    latency_tracking: YesNo = true, mutable;
    /// Which percentiles INFO latencystats shows.
    latency_tracking_info_percentiles: Percentiles = vec![50.0, 99.0, 99.9], mutable;
}
