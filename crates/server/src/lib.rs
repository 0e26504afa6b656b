//! The process: sockets, threads, the loop.

pub mod allocator;
pub mod logging;
pub mod signals;
pub mod supervision;
pub mod system;
