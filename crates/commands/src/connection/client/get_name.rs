//! CLIENT GETNAME: what this connection calls itself.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: get_name,
    spec: Spec {
        name: "GETNAME",
        summary: "Tells the name of this connection.",
        since: "2.6.9",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn get_name(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let name = ctx.client.card.texts.lock().name.clone();
    ctx.reply.bulk_or_null((!name.is_empty()).then_some(name.as_slice()));
    Ok(())
}
