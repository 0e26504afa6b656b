//! The RDB format over any reader and into any byte sink: snapshots, full syncs, the base of the append-only file.
//! Knows no file, socket or keyspace.
#![forbid(unsafe_code)]

pub mod check;
pub mod decoder;
pub mod dump;
pub mod encoder;
pub mod error;
pub mod format;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod legacy;
mod skip;
mod source;
mod values;
pub mod version;
