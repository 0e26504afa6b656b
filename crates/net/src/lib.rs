//! Byte streams: listeners, connections and readiness. Never reads a protocol.

pub mod stream;
