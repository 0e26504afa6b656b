//! ZRANGE, ZRANGESTORE and the older commands for one kind of range each: read a part of a sorted set.

mod wanted;

use crate::prelude::*;
use crate::sorted_set::reply::{self, Elements};
use datatypes::sorted_set::SortedSet;
use wanted::{By, Fixed, Wanted};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zrange,
        subcommands: &[],
        spec: Spec {
            name: "ZRANGE",
            summary: "Returns a part of a sorted set, by positions, scores or members.",
            args: &[
                Arg::key("key"),
                Arg::string("start"),
                Arg::string("stop"),
                SORT_BY,
                REVERSE,
                LIMIT.since("6.2.0"),
                WITH_SCORES,
            ],
            history: &[("6.2.0", "The options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.")],
            ..ZRANGE
        },
    },
    Command {
        run: zrangestore,
        subcommands: &[],
        spec: Spec {
            name: "ZRANGESTORE",
            summary: "Stores a part of a sorted set under another key.",
            since: "6.2.0",
            complexity: "O(log(N)+M), N being the size of the set and M that of the part.",
            group: Group::SortedSet,
            arity: Arity::AtLeast(5),
            flags: WRITE.and(DENYOOM),
            keys: &[KeySpec::at(1).ow().update(), KeySpec::at(2).ro().access()],
            args: &[
                Arg::key("dst"),
                Arg::key("src").of_key_spec(1),
                Arg::string("min"),
                Arg::string("max"),
                Arg::one_of("sortby", &[Arg::token("byscore", "BYSCORE"), Arg::token("bylex", "BYLEX")])
                    .optional(),
                Arg::token("rev", "REV").optional(),
                LIMIT,
            ],
            ..Spec::NEW
        },
    },
    Command {
        run: zrevrange,
        subcommands: &[],
        spec: Spec {
            name: "ZREVRANGE",
            summary: "Returns the members between two positions, from the highest score down.",
            args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop"), WITH_SCORES],
            deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` argument")),
            ..ZRANGE
        },
    },
    Command {
        run: zrangebyscore,
        subcommands: &[],
        spec: Spec {
            name: "ZRANGEBYSCORE",
            summary: "Returns the members whose scores lie in a range.",
            since: "1.0.5",
            args: &[
                Arg::key("key"),
                Arg::double("min"),
                Arg::double("max"),
                WITH_SCORES.since("2.0.0"),
                LIMIT,
            ],
            history: &[("2.0.0", "The option `WITHSCORES`.")],
            deprecated: Some(("6.2.0", "`ZRANGE` with the `BYSCORE` argument")),
            ..ZRANGE
        },
    },
    Command {
        run: zrevrangebyscore,
        subcommands: &[],
        spec: Spec {
            name: "ZREVRANGEBYSCORE",
            summary: "Returns the members whose scores lie in a range, from the highest score down.",
            since: "2.2.0",
            args: &[Arg::key("key"), Arg::double("max"), Arg::double("min"), WITH_SCORES, LIMIT],
            history: &[("2.1.6", "Ends of the range may be excluded.")],
            deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments")),
            ..ZRANGE
        },
    },
    Command {
        run: zrangebylex,
        subcommands: &[],
        spec: Spec {
            name: "ZRANGEBYLEX",
            summary: "Returns the members in a range of members, all scores being equal.",
            since: "2.8.9",
            args: &[Arg::key("key"), Arg::string("min"), Arg::string("max"), LIMIT],
            deprecated: Some(("6.2.0", "`ZRANGE` with the `BYLEX` argument")),
            ..ZRANGE
        },
    },
    Command {
        run: zrevrangebylex,
        subcommands: &[],
        spec: Spec {
            name: "ZREVRANGEBYLEX",
            summary: "Returns the members in a range of members, from the last one on, all scores being equal.",
            since: "2.8.9",
            args: &[Arg::key("key"), Arg::string("max"), Arg::string("min"), LIMIT],
            deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments")),
            ..ZRANGE
        },
    },
];

const ZRANGE: Spec = Spec {
    since: "1.2.0",
    complexity: "O(log(N)+M), N being the size of the set and M that of the part.",
    group: Group::SortedSet,
    arity: Arity::AtLeast(4),
    flags: READONLY,
    keys: &[KeySpec::at(1).ro().access()],
    ..Spec::NEW
};

const SORT_BY: Arg = Arg::one_of("sortby", &[Arg::token("byscore", "BYSCORE"), Arg::token("bylex", "BYLEX")])
    .optional()
    .since("6.2.0");
const REVERSE: Arg = Arg::token("rev", "REV").optional().since("6.2.0");
const LIMIT: Arg =
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).after("LIMIT").optional();
const WITH_SCORES: Arg = Arg::token("withscores", "WITHSCORES").optional();

fn zrange(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed::default())
}

fn zrevrange(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed { by: Some(By::Position), reversed: Some(true), stores: false })
}

fn zrangebyscore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed { by: Some(By::Score), reversed: Some(false), stores: false })
}

fn zrevrangebyscore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed { by: Some(By::Score), reversed: Some(true), stores: false })
}

fn zrangebylex(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed { by: Some(By::Member), reversed: Some(false), stores: false })
}

fn zrevrangebylex(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    read(ctx, args, Fixed { by: Some(By::Member), reversed: Some(true), stores: false })
}

fn read(ctx: &mut Context<'_>, mut args: Args<'_>, fixed: Fixed) -> Result<(), Stop> {
    let key = args.next()?;
    let wanted = Wanted::parse(&mut args, fixed)?;
    let Some(set) = ctx.keys.sorted_set(key)? else {
        ctx.reply.array(0);
        return Ok(());
    };
    let ranks = wanted.ranks(set);
    let elements = Elements::new(wanted.with_scores);
    elements.open(&mut ctx.reply, ranks.len());
    let mut show = |member: &[u8], score: f64| elements.element(&mut ctx.reply, member, score);
    if wanted.reversed {
        set.descend(ranks, &mut show);
    } else {
        set.ascend(ranks, &mut show);
    }
    Ok(())
}

fn zrangestore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (to, from) = (args.next()?, args.next()?);
    let wanted = Wanted::parse(&mut args, Fixed { stores: true, ..Fixed::default() })?;
    let limits = ctx.keys.limits().sorted_set;
    let mut elements = Vec::new();
    if let Some(set) = ctx.keys.sorted_set(from)? {
        set.ascend(wanted.ranks(set), &mut |member, score| elements.push((member.to_vec(), score)));
    }
    let set = SortedSet::from_elements(elements, limits);
    reply::store(ctx, to, set, Event::ZRANGESTORE);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn by_position() {
        check(
            r#"ZADD z 1 a 2 b 3 c | ZRANGE z 0 -1 -> ["a", "b", "c"] | ZRANGE z 1 5 WITHSCORES -> ["b", "2", "c", "3"]
            ZRANGE z 0 0 REV -> ["c"] | ZREVRANGE z 0 1 WITHSCORES -> ["c", "3", "b", "2"] | ZRANGE z 2 1 -> []
            ZRANGE none 0 -1 -> [] | ZRANGE z a 1 -> ERR value is not an integer or out of range
            ZRANGE z 0 1 LIMIT 0 1 -> ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
            ZRANGE z 0 1 FOO -> ERR syntax error | ZREVRANGE z 0 1 REV -> ERR syntax error"#,
        );
        check_resp3(
            "ZADD z 1 a 2 b | ZRANGE z 0 -1 WITHSCORES -> [[\"a\", ,1], [\"b\", ,2]] | ZRANGE z 0 0 -> [\"a\"]",
        );
    }

    #[test]
    fn by_score() {
        check(
            r#"ZADD z 1 a 2 b 3 c 4 d | ZRANGEBYSCORE z (1 3 -> ["b", "c"] | ZREVRANGEBYSCORE z 3 -inf -> ["c", "b", "a"]
            ZRANGEBYSCORE z -inf +inf WITHSCORES LIMIT 1 2 -> ["b", "2", "c", "3"]
            ZRANGE z 4 1 BYSCORE REV LIMIT 1 2 -> ["c", "b"] | ZRANGE z 1 4 BYSCORE LIMIT -1 2 -> []
            ZRANGEBYSCORE z 1 4 LIMIT 2 -1 -> ["c", "d"] | ZRANGEBYSCORE z x 4 -> ERR min or max is not a float
            ZRANGEBYSCORE z 1 4 LIMIT 0 -> ERR syntax error | ZRANGEBYSCORE z 9 1 -> []"#,
        );
    }

    #[test]
    fn by_member() {
        check(
            r#"ZADD z 0 a 0 b 0 c 0 d | ZRANGEBYLEX z - + -> ["a", "b", "c", "d"] | ZRANGEBYLEX z [b (d -> ["b", "c"]
            ZREVRANGEBYLEX z + [b LIMIT 1 2 -> ["c", "b"] | ZRANGE z + (c BYLEX REV -> ["d"] | ZRANGEBYLEX z + - -> []
            ZRANGEBYLEX z a + -> ERR min or max not valid string range item
            ZRANGE z - + BYLEX WITHSCORES -> ERR syntax error, WITHSCORES not supported in combination with BYLEX"#,
        );
    }

    #[test]
    fn stores_a_part() {
        check(
            r#"ZADD z 1 a 2 b 3 c | SET to v | ZRANGESTORE to z 0 1 -> 2 | ZRANGE to 0 -1 WITHSCORES -> ["a", "1", "b", "2"]
            ZRANGESTORE to z (1 +inf BYSCORE LIMIT 1 1 -> 1 | ZRANGE to 0 -1 -> ["c"] | ZRANGESTORE to z 5 9 -> 0 | EXISTS to -> 0
            ZRANGESTORE to none 0 -1 -> 0 | ZRANGESTORE z z 0 0 REV -> 1 | ZRANGE z 0 -1 -> ["c"]
            ZRANGESTORE to z 0 1 WITHSCORES -> ERR syntax error"#,
        );
        notifies(
            "ZADD z 1 a | ZRANGESTORE to z 0 -1 -> new to, zrangestore to | ZRANGESTORE to z 7 9 -> del to",
        );
        propagates(
            "ZADD z 1 a | ZRANGESTORE to z 0 -1 -> ZRANGESTORE to z 0 -1 | ZRANGESTORE n z 7 9 -> nothing",
        );
    }
}
