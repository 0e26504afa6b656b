//! The commands on positions.

use engine::command::Command;

mod geoadd;
mod geopos;
mod search;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[geoadd::COMMANDS, geopos::COMMANDS, search::COMMANDS];
