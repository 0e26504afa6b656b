//! DBSIZE: how many keys the database has.

use crate::prelude::*;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: dbsize,
    spec: Spec {
        name: "DBSIZE",
        summary: "Counts the keys of the database.",
        since: "1.0.0",
        group: Group::Server,
        arity: Arity::Exactly(1),
        flags: READONLY.and(FAST),
        categories: Categories::KEYSPACE,
        tips: &["request_policy:all_shards", "response_policy:agg_sum"],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn dbsize(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.keys.len() as i64);
    Ok(())
}
