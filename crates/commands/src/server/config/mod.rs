//! CONFIG: the options of a running server.

mod get;
mod help;
mod reset_stat;
mod rewrite;
mod set;

use crate::prelude::*;
use engine::command::only_subcommands;

/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "CONFIG",
        summary: "Reads and changes the options of the running server.",
        since: "2.0.0",
        complexity: "Depends on the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[reset_stat::COMMAND, help::COMMAND, get::COMMAND, rewrite::COMMAND, set::COMMAND],
}];
