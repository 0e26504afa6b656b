//! ZPOPMIN, ZPOPMAX and ZMPOP: take the lowest or the highest members out.

use crate::grammar::pop_many::PopMany;
use crate::prelude::*;
use crate::sorted_set::reply::Elements;
use crate::sorted_set::zremrange;
use datatypes::sorted_set::{Scored, SortedSet};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zpopmin,
        subcommands: &[],
        spec: Spec {
            name: "ZPOPMIN",
            summary: "Removes the members with the lowest scores from a sorted set and returns them.",
            ..ZPOP
        },
    },
    Command {
        run: zpopmax,
        subcommands: &[],
        spec: Spec {
            name: "ZPOPMAX",
            summary: "Removes the members with the highest scores from a sorted set and returns them.",
            ..ZPOP
        },
    },
    Command {
        run: zmpop,
        subcommands: &[],
        spec: Spec {
            name: "ZMPOP",
            summary: "Removes the lowest or highest members from the first of several sorted sets that is there.",
            since: "7.0.0",
            complexity: "O(K)+O(M*log(N)), K being the number of keys, N the size of the set and M the number of members.",
            group: Group::SortedSet,
            arity: Arity::AtLeast(4),
            flags: WRITE.and(MOVABLEKEYS),
            keys: &[KeySpec::counted(1, 1).rw().access().delete()],
            args: &[
                Arg::integer("numkeys"),
                Arg::key("key").multiple(),
                Arg::one_of("where", End::WORDS),
                Arg::integer("count").after("COUNT").optional(),
            ],
            ..Spec::NEW
        },
    },
];

const ZPOP: Spec = Spec {
    since: "5.0.0",
    complexity: "O(M*log(N)), N being the size of the set and M the number of members.",
    group: Group::SortedSet,
    arity: Arity::AtLeast(2),
    flags: WRITE.and(FAST),
    keys: &[KeySpec::at(1).rw().access().delete()],
    args: &[Arg::key("key"), Arg::integer("count").optional()],
    ..Spec::NEW
};

/// Which end of a sorted set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Lowest,
    Highest,
}

impl End {
    /// How the ends are called in requests.
    pub(super) const WORDS: &'static [Arg] = &[Arg::token("min", "MIN"), Arg::token("max", "MAX")];

    /// Reads `MIN` or `MAX`.
    pub(super) fn parse(args: &mut Args<'_>) -> Result<End, Stop> {
        if args.keyword("MIN") {
            Ok(End::Lowest)
        } else if args.keyword("MAX") {
            Ok(End::Highest)
        } else {
            Err(Stop::SYNTAX)
        }
    }

    fn event(self) -> Event {
        if self == End::Lowest { Event::ZPOPMIN } else { Event::ZPOPMAX }
    }

    /// The command that takes from this end.
    pub(super) fn command(self) -> &'static [u8] {
        if self == End::Lowest { b"ZPOPMIN" } else { b"ZPOPMAX" }
    }
}

/// Takes up to `count` elements out of a set that is there; none if the key holds nothing.
pub(super) fn take(
    ctx: &mut Context<'_>,
    key: &[u8],
    end: End,
    count: usize,
) -> Result<Option<Vec<Scored>>, Stop> {
    let Some(mut set) = ctx.keys.sorted_set_mut(key)? else { return Ok(None) };
    let count = count.min(set.len());
    let ranks = if end == End::Lowest { 0..count } else { set.len() - count..set.len() };
    let mut taken = Vec::with_capacity(count);
    let mut take = |member: &[u8], score| taken.push((member.to_vec(), score));
    zremrange::remove_ranks(&mut set, ranks, Some(&mut take));
    if end == End::Highest {
        taken.reverse();
    }
    set.modified(end.event());
    set.add_dirty(count as u64 - 1);
    Ok(Some(taken))
}

fn zpopmin(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    pop(ctx, args, End::Lowest)
}

fn zpopmax(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    pop(ctx, args, End::Highest)
}

fn pop(ctx: &mut Context<'_>, mut args: Args<'_>, end: End) -> Result<(), Stop> {
    let key = args.next()?;
    if args.len() > 1 {
        return Err(Stop::SYNTAX);
    }
    let has_count = !args.is_empty();
    let count = if has_count { count(&mut args)? } else { 1 };
    // Another type is complained about even when nothing is wanted.
    let is_there = ctx.keys.collection::<SortedSet>(key, Lookup::Write)?.is_some();
    let taken = if is_there && count > 0 { take(ctx, key, end, count)? } else { None }.unwrap_or_default();
    let reply = &mut ctx.reply;
    if has_count || taken.is_empty() {
        let elements = Elements::new(true);
        elements.open(reply, taken.len());
        taken.iter().for_each(|(member, score)| elements.element(reply, member, *score));
        return Ok(());
    }
    reply.array(2);
    for (member, score) in taken {
        reply.bulk(&member);
        reply.double(score);
    }
    Ok(())
}

fn count(args: &mut Args<'_>) -> Result<usize, Stop> {
    const ERROR: &str = "ERR value is out of range, must be positive";
    usize::try_from(args.integer_or(ERROR)?).map_err(|_| Stop::error(ERROR))
}

/// Takes from the first of several sorted sets that is there, and replies its key and what was taken; false if none is.
pub(super) fn pop_many_replying(ctx: &mut Context<'_>, wanted: &PopMany<'_, End>) -> Result<bool, Stop> {
    for key in &wanted.keys {
        let Some(taken) = take(ctx, key, wanted.from, wanted.count)? else { continue };
        let number = taken.len().to_string();
        ctx.propagate_as(&[wanted.from.command(), key, number.as_bytes()]);
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        ctx.reply.array(taken.len());
        for (member, score) in taken {
            ctx.reply.array(2);
            ctx.reply.bulk(&member);
            ctx.reply.double(score);
        }
        return Ok(true);
    }
    Ok(false)
}

fn zmpop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let wanted = PopMany::parse(&mut args, End::parse)?;
    if !pop_many_replying(ctx, &wanted)? {
        ctx.reply.null_array();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn takes_from_either_end() {
        check(
            r#"ZADD z 1 a 2 b 3 c 4 d | ZPOPMIN z -> ["a", "1"] | ZPOPMAX z 2 -> ["d", "4", "c", "3"] | ZPOPMIN z 0 -> []
            ZPOPMIN z 9 -> ["b", "2"] | EXISTS z -> 0 | ZPOPMAX z -> [] | ZPOPMAX z 3 -> []
            ZPOPMIN z -1 -> ERR value is out of range, must be positive | ZPOPMIN z 1 2 -> ERR syntax error
            SET s v | ZPOPMIN s -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3(
            "ZADD z 1 a 2 b 3 c | ZPOPMIN z -> [\"a\", ,1] | ZPOPMIN z 2 -> [[\"b\", ,2], [\"c\", ,3]]",
        );
    }

    #[test]
    fn takes_from_the_first_that_is_there() {
        check(
            r#"ZADD z 1 a 2 b | ZMPOP 2 none z MIN -> ["z", [["a", "1"]]] | ZMPOP 1 z MAX COUNT 5 -> ["z", [["b", "2"]]]
            ZMPOP 1 z MAX -> nil[] | ZMPOP 0 z MIN -> ERR numkeys should be greater than 0 | ZMPOP 2 z MIN -> ERR syntax error
            ZMPOP 1 z MID -> ERR syntax error | ZMPOP 1 z MIN COUNT 0 -> ERR count should be greater than 0
            ZMPOP 1 z MIN COUNT 1 COUNT 1 -> ERR syntax error | ZMPOP a z MIN -> ERR numkeys should be greater than 0"#,
        );
    }

    #[test]
    fn is_passed_on_as_what_it_did() {
        propagates(
            "ZADD z 1 a 2 b 3 c | ZMPOP 2 none z MIN COUNT 2 -> ZPOPMIN z 2 | ZPOPMAX z 5 -> ZPOPMAX z 5
            ZMPOP 1 z MIN -> nothing | ZPOPMIN z -> nothing",
        );
        notifies("ZADD z 1 a 2 b | ZPOPMIN z -> zpopmin z | ZMPOP 1 z MAX COUNT 9 -> zpopmax z, del z");
    }
}
