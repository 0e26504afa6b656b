//! LATENCY HELP.

use super::LATENCY;
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
        ..LATENCY
    },
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "LATENCY",
        &[
            ("DOCTOR", &["A report in words of what took long, and what may help."]),
            ("GRAPH <event>", &["The spikes of an event as a drawing."]),
            ("HISTORY <event>", &["The seconds in which an event took long, and how long."]),
            ("LATEST", &["The latest spike of each event, and its longest."]),
            ("RESET [<event> ...]", &["Forget the spikes of these events, or of all."]),
            (
                "HISTOGRAM [COMMAND ...]",
                &["How many runs of these commands, or of all, took how many microseconds at most."],
            ),
        ],
    );
    Ok(())
}
