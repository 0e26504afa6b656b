//! MEMORY: what the data and everything else take.

pub(super) mod accounts;
mod allocator;
mod doctor;
mod help;
mod stats;
mod usage;

use crate::prelude::*;
use engine::command::only_subcommands;

/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "MEMORY",
        summary: "Contains the subcommands that tell of memory.",
        since: "4.0.0",
        complexity: "That of the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[
        doctor::COMMAND,
        help::COMMAND,
        allocator::MALLOC_STATS,
        allocator::PURGE,
        stats::COMMAND,
        usage::COMMAND,
    ],
}];

/// What the subcommands have in common.
const MEMORY: Spec = Spec {
    since: "4.0.0",
    complexity: "O(1)",
    group: Group::Server,
    arity: Arity::Exactly(2),
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    ..Spec::NEW
};
