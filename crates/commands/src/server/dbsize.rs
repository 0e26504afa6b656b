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

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_one_database() {
        check("DBSIZE -> 0 | SET a 1 | SET b 1 | DBSIZE -> 2 | SELECT 1 | DBSIZE -> 0");
    }
}
