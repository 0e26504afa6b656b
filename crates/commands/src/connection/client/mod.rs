//! CLIENT: what is to be known of connections, and done to them.

use engine::command::spec::{Arity, Group, Spec};
use engine::command::{Command, only_subcommands};
/// The container.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    spec: Spec {
        name: "CLIENT",
        summary: "What is to be known of connections and done to them.",
        since: "2.4.0",
        complexity: "Depends on the subcommand.",
        group: Group::Connection,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
    subcommands: &[],
}];
