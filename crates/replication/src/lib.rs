//! Primary side and replica side of replication.
//!
//! From the bottom: [`handshake`] is pure (lines in, bytes out); [`transfer`] finds the end of a full copy in the stream;
//! [`replica`] is the thread that follows a primary; [`primary`] answers PSYNC and keeps the facts of our replicas;
//! [`full_sync`] is the thread that sends one snapshot to all replicas that wait, [`catch_up`] those that feed replicas from
//! the log's files.
#![forbid(unsafe_code)]

pub mod apply;
pub mod catch_up;
pub mod continuation;
mod copy_file;
mod copy_version;
pub mod full_sync;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod handshake;
pub mod load;
pub mod primary;
pub mod replica;
pub mod spill;
pub mod stream_start;
pub mod transfer;
