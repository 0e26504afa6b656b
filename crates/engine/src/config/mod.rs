//! The typed configuration: every option is one row in `options/`, everything else is derived from the rows.
//!
//! A row (`options!` in `option.rs`) gives documentation, name and aliases, kind, default and flags. A *kind* (`kind/`)
//! owns how a value is read, bounded, printed and refused. From the rows come the plain fields that the server reads
//! (`config.network.port`), the file and command-line grammar (`load.rs`, `command_line.rs`), CONFIG GET (`get.rs`),
//! CONFIG SET (`set.rs`), CONFIG REWRITE (`rewrite.rs`) and the sample file (`sample.rs`).

mod command_line;
mod get;
mod include;
pub mod kind;
mod load;
pub mod not_yet;
#[macro_use]
mod option;
pub mod options;
mod rewrite;
mod sample;
mod set;
mod table;
mod text;

pub use load::StartError;
#[cfg(any(test, fuzzing))]
pub use load::fuzzing;
pub use option::{Arguments, Flags, Refusal, Row, Source};
pub use options::Config;
pub use rewrite::RewriteError;
pub use sample::sample;
pub use set::{Caller, Change, ChangedOptions, SetError};
pub use table::is_secret;

/// The version that error texts name, as `ochre-server --version` shows it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
