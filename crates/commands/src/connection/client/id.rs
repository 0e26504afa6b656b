//! CLIENT ID: the number of this connection.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: id,
    spec: Spec {
        name: "ID",
        summary: "Tells the number of this connection.",
        since: "5.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn id(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.client.card.id as i64);
    Ok(())
}
