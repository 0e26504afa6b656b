//! COMMAND: what commands there are, and all that is known of them.

mod count;
mod docs;
mod get_keys;
mod help;
mod info;
mod list;

use crate::prelude::*;
/// The container, which lists all commands when it is called without a subcommand.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: info::describe_all,
    spec: Spec {
        name: "COMMAND",
        summary: "Describes all commands.",
        since: "2.8.13",
        complexity: "O(N) in the number of commands",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
    subcommands: &[
        count::COMMAND,
        get_keys::COMMAND,
        get_keys::COMMAND_WITH_FLAGS,
        list::COMMAND,
        info::COMMAND,
        help::COMMAND,
        docs::COMMAND,
    ],
}];
