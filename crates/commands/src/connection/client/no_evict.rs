//! CLIENT NO-EVICT: this connection stays when clients are closed for lack of memory.

use super::on_or_off;
use crate::prelude::*;
use engine::client::card::flag;
pub(super) const COMMAND: Command = Command {
    run: no_evict,
    spec: Spec {
        name: "NO-EVICT",
        summary: "Keeps this connection when others are closed for lack of memory.",
        since: "7.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[Arg::one_of("enabled", &[Arg::token("on", "ON"), Arg::token("off", "OFF")])],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn no_evict(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.client.card.set(flag::NO_EVICT, on_or_off(args)?);
    ctx.reply.ok();
    Ok(())
}
