//! DBSIZE: how many keys the database has.

use engine::command::args::Args;
use engine::command::categories::Categories;
use engine::command::flags::{FAST, READONLY};
use engine::command::spec::{Arity, Group, Spec};
use engine::command::{Command, Stop};
use engine::execute::context::Context;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: dbsize,
    spec: Spec {name: "DBSIZE",
summary: "Counts the keys of the database.",
since: "1.0.0",
group: Group::Server,
arity: Arity::Exactly(1),
flags: READONLY.and(FAST),
categories: Categories::KEYSPACE,
tips: &["request_policy:all_shards", "response_policy:agg_sum"],
..Spec::NEW},
    subcommands: &[],
}];

fn dbsize(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.keys.len() as i64);
    Ok(())
}
