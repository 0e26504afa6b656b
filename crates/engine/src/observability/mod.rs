//! What the server knows of its own work: counters, logs of what took long or was large, and the writer of INFO.

pub mod command_log;
pub mod info;
pub mod latency;
pub mod latency_events;
pub mod stats;
