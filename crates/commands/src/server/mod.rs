//! The server: its facts, its configuration, its data set as a whole, its replicas.

mod info;

use engine::command::Command;

/// Every command of the group.
pub const COMMANDS: &[&[Command]] = &[info::COMMANDS];
