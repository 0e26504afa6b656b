//! BZPOPMIN and BZPOPMAX: take a member out of the first of several sorted sets that has one, or wait for it.

use super::zpop::{End, take};
use crate::grammar::timeout;
use crate::prelude::*;
use engine::blocking::Wanted;
use keyspace::Type;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: bzpopmin,
        subcommands: &[],
        spec: Spec {
            name: "BZPOPMIN",
            summary: "Takes the member with the lowest score out of the first of several sorted sets that is there, or waits until one is.",
            ..POP
        },
    },
    Command {
        run: bzpopmax,
        subcommands: &[],
        spec: Spec {
            name: "BZPOPMAX",
            summary: "Takes the member with the highest score out of the first of several sorted sets that is there, or waits until one is.",
            ..POP
        },
    },
];

const POP: Spec = Spec {
    since: "5.0.0",
    complexity: "O(log(N)) with N being the number of elements in the sorted set.",
    group: Group::SortedSet,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(BLOCKING).and(FAST),
    keys: &[KeySpec::range(1, -2, 1).rw().access().delete()],
    args: &[Arg::key("key").multiple(), Arg::double("timeout")],
    history: timeout::DOUBLE_SINCE_6,
    ..Spec::NEW
};

fn bzpopmin(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Lowest)
}

fn bzpopmax(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Highest)
}

fn run(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Result<(), Stop> {
    let keys = args.rest().take(args.len() - 1);
    let seconds = args.rest().next_back().ok_or(Stop::SYNTAX)?;
    let deadline_ms = timeout::deadline_of_seconds(seconds, ctx.engine.clock)?;
    for key in keys.clone() {
        if let Some((member, score)) = take(ctx, key, end, 1)?.and_then(|mut taken| taken.pop()) {
            ctx.propagate_as(&[end.command(), key]);
            ctx.reply.array(3);
            ctx.reply.bulk(key);
            ctx.reply.bulk(&member);
            ctx.reply.double(score);
            return Ok(());
        }
    }
    if ctx.may_wait() {
        return Err(ctx.wait_for_keys(keys, Wanted::kind(Type::SortedSet), deadline_ms));
    }
    ctx.reply.null_array();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, propagates};

    #[test]
    fn takes_at_once_what_is_there() {
        check(
            r#"ZADD z 1 a 2 b 3 c | BZPOPMIN none z 0 -> ["z", "a", "1"] | BZPOPMAX none z 0 -> ["z", "c", "3"]
            BZPOPMAX z 0 -> ["z", "b", "2"] | EXISTS z -> 0 | BZPOPMIN z x -> ERR timeout is not a float or out of range
            BZPOPMIN z -1 -> ERR timeout is negative | MULTI | BZPOPMIN z 0 | EXEC -> [nil[]] | SET s x
            BZPOPMAX z s 0 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3(
            "ZADD z 1 a 2 b | BZPOPMIN z 0 -> [\"z\", \"a\", ,1] | #2 HELLO 3 | #2 BZPOPMIN none 0 -> waits",
        );
        propagates(
            "ZADD z 1 a 2 b | BZPOPMIN x z 0 -> ZPOPMIN z | BZPOPMAX z 0 -> ZPOPMAX z | #2 BZPOPMIN z 0 -> nothing",
        );
    }

    #[test]
    fn whoever_came_first_is_served_first() {
        check(
            r#"#2 BZPOPMIN z 0 -> waits | #3 BZPOPMAX k z 0 -> waits | #4 BZPOPMIN z 0 -> waits | ZADD z 1 a 2 b -> 2
            #2 AWAITED -> ["z", "a", "1"] | #3 AWAITED -> ["z", "b", "2"] | #4 AWAITED -> waits | EXISTS z -> 0
            ZADD k 1 x -> 1 | ZCARD k -> 1 | ZINCRBY z 5 c -> "5" | #4 AWAITED -> ["z", "c", "5"]"#,
        );
        propagates(
            "#2 BZPOPMIN z 0 | MULTI | ZADD z 1 a | ZADD z 2 b | EXEC -> MULTI; ZADD z 1 a; ZADD z 2 b; EXEC; ZPOPMIN z",
        );
    }

    #[test]
    fn any_way_for_a_sorted_set_to_get_there_will_do() {
        for way in [
            "RENAME other z",
            "COPY other z",
            "SELECT 1 | MOVE z 0",
            "SWAPDB 0 1",
            "ZUNIONSTORE z 2 other none",
            "ZRANGESTORE z other 0 -1",
            "GEOADD geo 1 1 x | GEOSEARCHSTORE z geo FROMMEMBER x BYRADIUS 1 m STOREDIST | ZADD z 1 x",
        ] {
            check(&format!(
                "#2 BZPOPMIN z 0 | ZADD other 1 x | SELECT 1 | ZADD z 1 x | SELECT 0 | {way}
                #2 AWAITED -> [\"z\", \"x\", \"{}\"]",
                if way.starts_with("GEOADD") { 0 } else { 1 }
            ));
        }
    }

    #[test]
    fn another_type_leaves_it_waiting() {
        check(
            r#"#2 BZPOPMIN z 0 | SET z x | #2 AWAITED -> waits | DEL z | RPUSH z a | #2 AWAITED -> waits | LPOP z
            #3 BLPOP z 0 -> waits | ZADD z 1 a | #2 AWAITED -> ["z", "a", "1"] | #3 AWAITED -> waits"#,
        );
    }
}
