//! BZMPOP: take members out of the first of several sorted sets that has some, or wait for them.

use super::zpop::{End, pop_many_replying};
use crate::grammar::pop_many::PopMany;
use crate::grammar::timeout;
use crate::prelude::*;
use engine::blocking::Wanted;
use keyspace::Type;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: bzmpop,
    subcommands: &[],
    spec: Spec {
        name: "BZMPOP",
        summary: "Takes members out of the first of several sorted sets that is there, lowest or highest first, or waits until one is.",
        since: "7.0.0",
        complexity: "O(K)+O(M*log(N)), K being the number of keys, N the size of the set and M the number of members.",
        group: Group::SortedSet,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(BLOCKING).and(MOVABLEKEYS),
        keys: &[KeySpec::counted(2, 1).rw().access().delete()],
        args: &[
            Arg::double("timeout"),
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::one_of("where", End::WORDS),
            Arg::integer("count").after("COUNT").optional(),
        ],
        ..Spec::NEW
    },
}];

fn bzmpop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let seconds = args.next()?;
    let wanted = PopMany::parse(&mut args, End::parse)?;
    let deadline_ms = timeout::deadline_of_seconds(seconds, ctx.engine.clock)?;
    if pop_many_replying(ctx, &wanted)? {
        return Ok(());
    }
    if ctx.may_wait() {
        let keys = wanted.keys.iter().copied();
        return Err(ctx.wait_for_keys(keys, Wanted::kind(Type::SortedSet), deadline_ms));
    }
    ctx.reply.null_array();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, propagates};

    #[test]
    fn takes_what_is_there_or_waits() {
        check(
            r#"ZADD z 1 a 2 b 3 c | BZMPOP 0 2 none z MIN COUNT 2 -> ["z", [["a", "1"], ["b", "2"]]]
            BZMPOP 0 1 z MAX -> ["z", [["c", "3"]]] | #2 BZMPOP 0 2 none z MAX COUNT 2 -> waits | ZADD z 1 x 2 y 3 z
            #2 AWAITED -> ["z", [["z", "3"], ["y", "2"]]] | ZRANGE z 0 -1 -> ["x"] | MULTI | BZMPOP 0 1 none MIN
            EXEC -> [nil[]] | BZMPOP x 1 z MIN -> ERR timeout is not a float or out of range
            BZMPOP x 0 z MIN -> ERR numkeys should be greater than 0 | BZMPOP x 1 z MID -> ERR syntax error"#,
        );
        check_resp3("ZADD z 1 a | BZMPOP 0 1 z MIN -> [\"z\", [[\"a\", ,1]]]");
        propagates("#2 BZMPOP 0 1 z MAX COUNT 9 | ZADD z 1 a 2 b -> ZADD z 1 a 2 b; ZPOPMAX z 2");
    }
}
