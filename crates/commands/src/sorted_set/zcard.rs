//! ZCARD, ZCOUNT and ZLEXCOUNT: count members.

use crate::grammar::bounds;
use crate::prelude::*;
use datatypes::sorted_set::SortedSet;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zcard,
        subcommands: &[],
        spec: Spec {
            name: "ZCARD",
            summary: "Returns the number of members of a sorted set.",
            since: "1.2.0",
            complexity: "O(1)",
            group: Group::SortedSet,
            arity: Arity::Exactly(2),
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro()],
            args: &[Arg::key("key")],
            ..Spec::NEW
        },
    },
    Command {
        run: zcount,
        subcommands: &[],
        spec: Spec {
            name: "ZCOUNT",
            summary: "Counts the members of a sorted set whose scores lie in a range.",
            since: "2.0.0",
            complexity: "O(log(N)), N being the size of the set.",
            group: Group::SortedSet,
            arity: Arity::Exactly(4),
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::double("min"), Arg::double("max")],
            ..Spec::NEW
        },
    },
    Command {
        run: zlexcount,
        subcommands: &[],
        spec: Spec {
            name: "ZLEXCOUNT",
            summary: "Counts the members of a sorted set that lie in a range of members, all scores being equal.",
            since: "2.8.9",
            complexity: "O(log(N)), N being the size of the set.",
            group: Group::SortedSet,
            arity: Arity::Exactly(4),
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::string("min"), Arg::string("max")],
            ..Spec::NEW
        },
    },
];

fn zcard(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let count = ctx.keys.sorted_set(args.next()?)?.map_or(0, SortedSet::len);
    ctx.reply.integer(count as i64);
    Ok(())
}

fn zcount(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let (lower, upper) = bounds::scores(args.next()?, args.next()?)?;
    let count = ctx.keys.sorted_set(key)?.map_or(0, |set| set.ranks_of_scores(lower, upper).len());
    ctx.reply.integer(count as i64);
    Ok(())
}

fn zlexcount(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let ends = bounds::members(args.next()?, args.next()?)?;
    let set = ctx.keys.sorted_set(key)?;
    let count = set.zip(ends).map_or(0, |(set, (lower, upper))| set.ranks_of_members(lower, upper).len());
    ctx.reply.integer(count as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_all_or_a_range() {
        check(
            "ZADD z 1 a 2 b 3 c | ZCARD z -> 3 | ZCARD none -> 0 | ZCOUNT z (1 3 -> 2 | ZCOUNT z -inf +inf -> 3
            ZCOUNT z 3 1 -> 0 | ZCOUNT none 0 1 -> 0 | ZCOUNT z x 1 -> ERR min or max is not a float
            ZADD l 0 a 0 b 0 c | ZLEXCOUNT l - + -> 3 | ZLEXCOUNT l (a [c -> 2 | ZLEXCOUNT l + - -> 0
            ZLEXCOUNT l a b -> ERR min or max not valid string range item | ZLEXCOUNT none - + -> 0",
        );
    }

    #[test]
    fn refuses_other_types() {
        check(
            "SET s v | ZCARD s -> WRONGTYPE Operation against a key holding the wrong kind of value
            ZCOUNT s 1 2 -> WRONGTYPE Operation against a key holding the wrong kind of value
            ZCOUNT s x 2 -> ERR min or max is not a float",
        );
    }
}
