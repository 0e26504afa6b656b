//! LATENCY: what took long and when, and how long commands take.

mod doctor;
mod graph;
mod help;
mod histogram;
mod spikes;

use crate::prelude::*;
use engine::command::only_subcommands;

/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "LATENCY",
        summary: "Contains the subcommands that tell of latency.",
        since: "2.8.13",
        complexity: "That of the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[
        doctor::COMMAND,
        graph::COMMAND,
        help::COMMAND,
        histogram::COMMAND,
        spikes::HISTORY,
        spikes::LATEST,
        spikes::RESET,
    ],
}];

/// What the subcommands have in common.
const LATENCY: Spec = Spec {
    since: "2.8.13",
    complexity: "O(1)",
    group: Group::Server,
    arity: Arity::Exactly(2),
    flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    ..Spec::NEW
};

/// The reply where an event has no spikes.
fn no_samples(event: &[u8]) -> Stop {
    Stop::quoting("ERR No samples available for event '", event, "'")
}
