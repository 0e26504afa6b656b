//! When and how data reaches disk, and back at start.
#![forbid(unsafe_code)]

pub mod load_rdb;
pub mod snapshot;
