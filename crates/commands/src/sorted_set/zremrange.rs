//! ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX: take a part out.

use crate::grammar::bounds;
use crate::grammar::range;
use crate::prelude::*;
use datatypes::sorted_set::{SortedSet, Visit};
use keyspace::Edit;
use std::ops::Range;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zremrangebyrank,
        subcommands: &[],
        spec: Spec {
            name: "ZREMRANGEBYRANK",
            summary: "Removes the members between two positions of a sorted set.",
            since: "2.0.0",
            args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
            ..ZREMRANGE
        },
    },
    Command {
        run: zremrangebyscore,
        subcommands: &[],
        spec: Spec {
            name: "ZREMRANGEBYSCORE",
            summary: "Removes the members of a sorted set whose scores lie in a range.",
            since: "1.2.0",
            args: &[Arg::key("key"), Arg::double("min"), Arg::double("max")],
            ..ZREMRANGE
        },
    },
    Command {
        run: zremrangebylex,
        subcommands: &[],
        spec: Spec {
            name: "ZREMRANGEBYLEX",
            summary: "Removes the members of a sorted set in a range of members, all scores being equal.",
            since: "2.8.9",
            args: &[Arg::key("key"), Arg::string("min"), Arg::string("max")],
            ..ZREMRANGE
        },
    },
];

const ZREMRANGE: Spec = Spec {
    complexity: "O(log(N)+M), N being the size of the set and M that of the part.",
    group: Group::SortedSet,
    arity: Arity::Exactly(4),
    flags: WRITE,
    keys: &[KeySpec::at(1).rw().delete()],
    ..Spec::NEW
};

fn zremrangebyrank(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, start, stop) = (args.next()?, args.integer()?, args.integer()?);
    remove(ctx, key, Event::ZREMRANGEBYRANK, |set| range::elements(start, stop, set.len()))
}

fn zremrangebyscore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let (lower, upper) = bounds::scores(args.next()?, args.next()?)?;
    remove(ctx, key, Event::ZREMRANGEBYSCORE, |set| set.ranks_of_scores(lower, upper))
}

fn zremrangebylex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let ends = bounds::members(args.next()?, args.next()?)?;
    remove(ctx, key, Event::ZREMRANGEBYLEX, |set| {
        ends.map_or(0..0, |(lower, upper)| set.ranks_of_members(lower, upper))
    })
}

fn remove(
    ctx: &mut Context<'_>,
    key: &[u8],
    event: Event,
    ranks: impl FnOnce(&SortedSet) -> Range<usize>,
) -> Result<(), Stop> {
    let mut removed = 0;
    if let Some(mut set) = ctx.keys.sorted_set_mut(key)? {
        let ranks = ranks(&set);
        removed = ranks.len() as u64;
        if removed > 0 {
            remove_ranks(&mut set, ranks, None);
            set.modified(event);
            set.add_dirty(removed - 1);
        }
    }
    ctx.reply.integer(removed as i64);
    Ok(())
}

/// Takes the elements of these ranks out, showing each if anybody wants to see them. Where the larger part of a large set
/// goes, those that stay become a set of their own, and the old one is freed on another thread.
pub(super) fn remove_ranks(
    set: &mut Edit<'_, '_, SortedSet>,
    ranks: Range<usize>,
    removed: Option<&mut Visit<'_>>,
) {
    let Some(rest) = set.without(ranks.clone()) else {
        return set.remove_ranks(ranks, removed.unwrap_or(&mut |_, _| ()));
    };
    if let Some(removed) = removed {
        set.ascend(ranks, removed);
    }
    set.replace(rest);
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies};

    #[test]
    fn removes_parts() {
        check(
            r#"ZADD z 1 a 2 b 3 c 4 d 5 e | ZREMRANGEBYRANK z 0 0 -> 1 | ZREMRANGEBYRANK z -1 -1 -> 1 | ZREMRANGEBYSCORE z (2 3 -> 1
            ZRANGE z 0 -1 -> ["b", "d"] | ZREMRANGEBYSCORE z 7 9 -> 0 | ZREMRANGEBYSCORE z -inf inf -> 2 | EXISTS z -> 0
            ZADD l 0 a 0 b 0 c | ZREMRANGEBYLEX l (a + -> 2 | ZRANGE l 0 -1 -> ["a"] | ZREMRANGEBYLEX l + - -> 0
            ZREMRANGEBYLEX l a b -> ERR min or max not valid string range item | ZREMRANGEBYRANK none 0 -1 -> 0"#,
        );
        notifies(
            "ZADD z 1 a 2 b | ZREMRANGEBYRANK z 5 6 -> nothing | ZREMRANGEBYSCORE z 1 2 -> zremrangebyscore z, del z",
        );
    }
}
