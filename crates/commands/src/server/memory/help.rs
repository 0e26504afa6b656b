//! MEMORY HELP.

use super::MEMORY;
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
        ..MEMORY
    },
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "MEMORY",
        &[
            ("DOCTOR", &["A report in words of what is unusual about the memory."]),
            ("MALLOC-STATS", &["The allocator's own report."]),
            ("PURGE", &["Give memory that nothing uses back to the system."]),
            ("STATS", &["Where the memory of the server goes, in figures."]),
            (
                "USAGE <key> [SAMPLES <count>]",
                &[
                    "The bytes that a key and its value take.",
                    "They are known exactly: SAMPLES is accepted and changes nothing.",
                ],
            ),
        ],
    );
    Ok(())
}
