//! What clients say to members of a cluster.

mod readonly;

use engine::command::Command;

/// Every command of the group.
pub(crate) const COMMANDS: &[&[Command]] = &[readonly::COMMANDS];
