//! CLIENT: what is to be known of connections, and done to them.

mod caching;
mod capa;
mod filter;
mod get_name;
mod help;
mod id;
mod import_source;
mod info;
mod kill;
mod line;
mod list;
mod no_evict;
mod no_touch;
mod pause;
mod reply;
mod set_info;
mod set_name;
#[cfg(test)]
mod test_bench;
mod tracking;
mod tracking_info;
mod unblock;
mod unpause;

pub(crate) use line::describe;

use crate::prelude::*;
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
    subcommands: &[
        unpause::COMMAND,
        unblock::COMMAND,
        no_evict::COMMAND,
        no_touch::COMMAND,
        reply::COMMAND,
        kill::COMMAND,
        list::COMMAND,
        set_name::COMMAND,
        set_info::COMMAND,
        get_name::COMMAND,
        pause::COMMAND,
        help::COMMAND,
        info::COMMAND,
        id::COMMAND,
        tracking::COMMAND,
        tracking_info::TRACKING_INFO,
        tracking_info::REDIRECT,
        caching::COMMAND,
        capa::COMMAND,
        import_source::COMMAND,
    ],
}];

/// `ON` or `OFF`, and nothing else.
fn on_or_off(mut args: Args<'_>) -> Result<bool, Stop> {
    let is_on = args.keyword("ON");
    if !is_on && !args.keyword("OFF") {
        return Err(Stop::SYNTAX);
    }
    Ok(is_on)
}
