//! CLIENT: what is to be known of connections, and done to them.

use crate::prelude::*;
use engine::client::card::Card;
use engine::command::only_subcommands;

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

/// A client as CLIENT LIST shows it, without the line's end.
pub(crate) fn describe(_: &Context<'_>, card: &Card) -> String {
    format!("id={} addr={}", card.id, card.address)
}
