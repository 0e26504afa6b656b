//! OCHRE HELP.

use super::OCHRE;
use crate::grammar::help;
use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "HELP",
        summary: "Tells what the subcommands do.",
        flags: LOADING.and(STALE),
        tips: &[],
        ..OCHRE
    },
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "OCHRE",
        &[
            (
                "EVENTS [COUNT <count>] [JSON]",
                &["What happened to the links of replication, and why: the last events, oldest first."],
            ),
            ("HISTORY", &["Which history this node's data are of, and where they come from."]),
            (
                "REPLACED LIST",
                &["Data sets that others took the place of and that are kept on disk, oldest first."],
            ),
            (
                "REPLACED RESTORE <name>",
                &[
                    "Put a kept data set in the place of this node's, which is kept in turn.",
                    "Replicas of this node take the restored data as well.",
                ],
            ),
        ],
    );
    Ok(())
}
