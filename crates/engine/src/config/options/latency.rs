//! How long commands take.

use crate::config::kind::{Percentiles, YesNo};

options! {
    /// How long commands take.
    Latency at latency;

    /// Keep a histogram of the time that each command takes, for INFO latencystats.
    latency_tracking: YesNo = true, mutable;
    /// The percentiles that INFO latencystats shows.
    latency_tracking_info_percentiles: Percentiles = vec![50.0, 99.0, 99.9], mutable;
}
