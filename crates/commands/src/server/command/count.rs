//! COMMAND COUNT: how many commands there are.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: count,
    spec: Spec {
        name: "COUNT",
        summary: "Counts the commands.",
        since: "2.8.13",
        group: Group::Server,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        ..Spec::NEW
    },
    subcommands: &[],
};

fn count(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.engine.table.top_level_len() as i64);
    Ok(())
}
