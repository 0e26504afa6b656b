//! The one ordered log: histories, offsets, the tail in memory and the files on disk.
//!
//! Every write becomes bytes in one ordered log; everything that keeps or moves data reads it at its own
//! [`Offset`]. This crate holds the log's parts and knows neither commands nor clients:
//!
//! - [`history`]: which stream of writes the bytes belong to, and who may go on with it;
//! - [`tail`]: the newest bytes in memory, shared by all readers;
//! - [`manifest`], [`annotation`], [`scan`]: the files on disk as bytes (see `docs/formats/append-only.md`);
//! - [`held_files`], [`reader`]: where an offset lies in the files, and the stream from there on;
//! - [`writer`] and [`writer_thread`]: what brings the bytes to disk, as a state machine and as a thread;
//! - [`commit`]: which offset is safe, and how safe;
//! - [`vfs`]: the disk behind a trait, so that tests can make it fail.
#![forbid(unsafe_code)]

pub mod annotation;
pub mod checksum;
pub mod commit;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod held_files;
pub mod history;
pub mod manifest;
pub mod multibulk;
pub mod offset;
pub mod policy;
pub mod reader;
pub mod scan;
pub mod tail;
pub mod vfs;
pub mod writer;
pub mod writer_thread;

pub use history::{Branch, Continuation, History, ReplicationId};
pub use offset::Offset;
pub use policy::{FsyncPolicy, Moment};
