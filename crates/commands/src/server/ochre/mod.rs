//! OCHRE: what only this server has. Where the data come from, what happened to the links of replication, data sets that others
//! took the place of.

mod events;
mod help;
mod history;
mod replaced;

use crate::prelude::*;
use engine::command::only_subcommands;

/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "OCHRE",
        summary: "Contains the subcommands that only Ochre has.",
        since: "8.0.0",
        complexity: "That of the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[events::COMMAND, help::COMMAND, history::COMMAND, replaced::COMMAND],
}];

/// What the subcommands have in common.
const OCHRE: Spec = Spec {
    since: "8.0.0",
    complexity: "O(1)",
    group: Group::Server,
    arity: Arity::Exactly(2),
    flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
    tips: &["nondeterministic_output"],
    ..Spec::NEW
};
