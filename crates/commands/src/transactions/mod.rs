//! The commands of transactions.

use engine::command::Command;

mod discard;
mod exec;
mod multi;
mod watch;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] =
    &[discard::COMMANDS, exec::COMMANDS, multi::COMMANDS, watch::COMMANDS];
