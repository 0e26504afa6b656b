//! The process: sockets, threads, the loop.
//!
//! The loop is [`turn`], to be read first; each step is a file of its own.

mod accept;
pub mod allocator;
mod batch;
mod blocked;
mod check;
mod close;
mod connection;
pub mod crash;
mod crash_sections;
mod cron;
mod deliver;
mod input;
mod listen;
pub mod logging;
mod mail;
mod migration;
mod options;
pub mod process_title;
pub mod program;
mod replicas;
mod requests;
mod room;
mod shared;
mod shutdown;
pub mod signals;
pub mod startup;
pub mod supervision;
pub mod system;
mod turn;
mod usage_text;
mod waits;
mod worker;
