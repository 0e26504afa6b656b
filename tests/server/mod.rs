//! The server process and its connections: configuration, protocol, limits, sockets, signals.

mod bad_input;
mod checkers;
mod client_copy;
mod client_help;
mod clients;
mod config_command;
mod config_file;
mod info;
mod latency;
mod limits;
mod log_file;
mod memory;
mod memory_limit;
mod process;
mod protocol;
mod resp3;
mod slowlog;
mod sockets;
