//! When and how data reaches disk, and back at start.
//!
//! From the bottom: [`snapshot`] walks the data set forklessly, `writing` brings a walk into a file, [`load_rdb`] reads
//! one; `save` and `rewrite` are the two jobs that do so in the background, `log_files` is the attached append-only log;
//! `load` and `load_append_only` bring everything back at start; `cron` decides when a job is due.
#![forbid(unsafe_code)]

mod access;
mod command_encoder;
mod cron;
mod due;
mod job;
mod load;
mod load_append_only;
pub mod load_delay;
pub mod load_rdb;
mod log_file;
mod log_files;
mod paths;
mod persistence;
mod received_copy;
mod reload;
pub mod replaced;
mod replay;
mod rewrite;
mod save;
pub mod snapshot;
#[cfg(test)]
mod tests;
mod version;
mod writing;

pub use persistence::Persistence;
