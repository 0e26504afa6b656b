//! COMMAND HELP.

use crate::grammar::help;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run,
    spec: Spec {
        name: "HELP",
        summary: "Tells what the subcommands do.",
        since: "5.0.0",
        group: Group::Server,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        ..Spec::NEW
    },
    subcommands: &[],
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "COMMAND",
        &[
            ("(no subcommand)", &["Describe every command."]),
            ("INFO [<command-name> ...]", &["Describe these commands, or every one."]),
            ("DOCS [<command-name> ...]", &["Show the documentation of these commands, or of every one."]),
            ("COUNT", &["Count the commands."]),
            (
                "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]",
                &["Show the names of commands and subcommands."],
            ),
            ("GETKEYS <full-command>", &["Show the keys of a whole command."]),
            (
                "GETKEYSANDFLAGS <full-command>",
                &["Show the keys of a whole command, and what it does with them."],
            ),
        ],
    );
    Ok(())
}
