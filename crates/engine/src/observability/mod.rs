//! What the server knows of its own work: counters, and the writer of INFO.

pub mod info;
pub mod latency;
pub mod stats;
