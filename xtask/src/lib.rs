//! The workspace's own commands, and the checks behind them.
#![expect(clippy::disallowed_methods, reason = "works on the real files of the repository")]
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool talks to whoever runs it")]

pub mod arguments;
pub mod bench;
pub mod fix;
pub mod fuzz;
pub mod test;
pub mod tidy;
pub mod verify;
pub mod workspace;
