//! TIME: the server's clock.

use crate::prelude::*;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: time,
    spec: Spec {
        name: "TIME",
        summary: "Tells the time on the server.",
        since: "2.6.0",
        group: Group::Server,
        arity: Arity::Exactly(1),
        flags: LOADING.and(STALE).and(FAST),
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn time(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let now_us = stdx::clock::wall_us();
    ctx.reply.array(2);
    ctx.reply.bulk_integer(now_us / 1_000_000);
    ctx.reply.bulk_integer(now_us % 1_000_000);
    Ok(())
}
