//! Byte streams: listeners, connections and readiness. Never reads a protocol.
#![forbid(unsafe_code)]

pub mod listener;
pub mod poll;
pub mod stream;
