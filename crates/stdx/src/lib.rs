//! What std lacks, one topic a file. Knows nothing of Redis's keys, clients or protocol.
#![forbid(unsafe_code)]

pub mod background;
pub mod bytes;
pub mod clock;
pub mod crc;
pub mod glob;
pub mod hex;
pub mod logging;
pub mod long_double;
pub mod lzf;
pub mod number;
pub mod random;
pub mod sha;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod thread;
