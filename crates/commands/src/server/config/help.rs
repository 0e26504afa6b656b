//! CONFIG HELP.

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
        ..Spec::NEW
    },
    subcommands: &[],
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "CONFIG",
        &[
            ("GET <pattern> [<pattern> ...]", &["Options whose name matches one of the glob-like patterns."]),
            (
                "SET <option> <value> [<option> <value> ...]",
                &["Change options while the server runs, all or none."],
            ),
            ("RESETSTAT", &["Set the counters that INFO shows back to zero."]),
            ("REWRITE", &["Bring the configuration file up to date."]),
        ],
    );
    Ok(())
}
