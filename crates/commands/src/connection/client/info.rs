//! CLIENT INFO: one's own line of CLIENT LIST.

use super::line::describe;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: info,
    spec: Spec {
        name: "INFO",
        summary: "Shows what is known of this connection.",
        since: "6.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn info(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let line = describe(ctx, &ctx.client.card) + "\n";
    ctx.reply.verbatim("txt", line.as_bytes());
    Ok(())
}
