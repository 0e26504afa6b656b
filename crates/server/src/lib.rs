//! The process: sockets, threads, the loop.

pub mod allocator;
pub mod crash;
pub mod logging;
pub mod process_title;
pub mod signals;
pub mod supervision;
pub mod system;
