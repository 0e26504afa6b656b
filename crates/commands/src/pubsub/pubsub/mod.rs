//! PUBSUB: what is subscribed to, and by how many.

mod channels;
mod counts;
mod help;

use crate::prelude::*;
use engine::command::only_subcommands;

/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "PUBSUB",
        summary: "What is subscribed to, and by how many.",
        since: "2.8.0",
        complexity: "Depends on the subcommand.",
        group: Group::PubSub,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[
        channels::CHANNELS,
        counts::PATTERNS,
        counts::CHANNELS,
        channels::SHARDS,
        counts::SHARDS,
        help::COMMAND,
    ],
}];

/// What the subcommands have in common.
const NEW: Spec = Spec { group: Group::PubSub, flags: PUBSUB.and(LOADING).and(STALE), ..Spec::NEW };
