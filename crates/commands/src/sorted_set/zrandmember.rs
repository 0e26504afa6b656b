//! ZRANDMEMBER: members by chance.

use crate::grammar::repeats::Room;
use crate::prelude::*;
use crate::sorted_set::reply::Elements;
use datatypes::sorted_set::SortedSet;
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: zrandmember,
    subcommands: &[],
    spec: Spec {
        name: "ZRANDMEMBER",
        summary: "Returns members of a sorted set by chance.",
        since: "6.2.0",
        complexity: "O(N*log(M)), N being the number of members returned and M the size of the set.",
        group: Group::SortedSet,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::block(
                "options",
                &[Arg::integer("count"), Arg::token("withscores", "WITHSCORES").optional()],
            )
            .optional(),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn zrandmember(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    if args.is_empty() {
        let drawn = ctx.keys.sorted_set(key)?.and_then(|set| set.at(fastrand::usize(..set.len().max(1))));
        ctx.reply.bulk_or_null(drawn.as_ref().map(|(member, _)| member.as_slice()));
        return Ok(());
    }
    let count = args.integer_in(
        -i64::MAX,
        i64::MAX,
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    )?;
    let with_scores = !args.is_empty();
    if args.len() > 1 || with_scores && !args.keyword("WITHSCORES") {
        return Err(Stop::SYNTAX);
    }
    if with_scores && count.unsigned_abs() > i64::MAX.unsigned_abs() / 2 {
        return Err(Stop::error("ERR value is out of range"));
    }
    let room = Room::of(ctx);
    let Some(set) = ctx.keys.sorted_set(key)? else {
        ctx.reply.array(0);
        return Ok(());
    };
    let elements = Elements::new(with_scores);
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        elements.open(&mut ctx.reply, wanted);
        draw_with_repeats(set, wanted, &room, &mut ctx.reply, elements);
        room.close_if_full(ctx);
        return Ok(());
    }
    let ranks = different_ranks(set, wanted);
    elements.open(&mut ctx.reply, ranks.len());
    for rank in ranks {
        set.ascend(rank..rank + 1, &mut |member, score| elements.element(&mut ctx.reply, member, score));
    }
    Ok(())
}

/// So many ranks of the set by chance, each once; all of them when more are wanted.
fn different_ranks(set: &SortedSet, wanted: usize) -> Vec<usize> {
    if wanted >= set.len() {
        return (0..set.len()).collect();
    }
    fastrand::choose_multiple(0..set.len(), wanted)
}

/// Replies so many elements by chance, or as many as there is room for.
fn draw_with_repeats(set: &SortedSet, count: usize, room: &Room, reply: &mut Reply<'_>, elements: Elements) {
    for _ in 0..count {
        let rank = fastrand::usize(..set.len());
        set.ascend(rank..rank + 1, &mut |member, score| elements.element(reply, member, score));
        if !room.is_left(reply.written_bytes()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_resp3};

    #[test]
    fn one_or_many() {
        check(
            r#"ZADD z 1 a | ZRANDMEMBER z -> "a" | ZRANDMEMBER z 5 -> ["a"] | ZRANDMEMBER z -3 WITHSCORES -> ["a", "1", "a", "1", "a", "1"]
            ZRANDMEMBER none -> nil | ZRANDMEMBER none 2 -> [] | ZRANDMEMBER z 0 -> [] | ZRANDMEMBER z 1 FOO -> ERR syntax error
            ZRANDMEMBER z x -> ERR value is not an integer or out of range"#,
        );
        check_resp3("ZADD z 1 a | ZRANDMEMBER z -2 WITHSCORES -> [[\"a\", ,1], [\"a\", ,1]]");
    }

    #[test]
    fn different_members_while_there_are_some() {
        let mut bench = Bench::new();
        bench.run("ZADD z 1 a 2 b 3 c 4 d");
        for _ in 0..50 {
            let shown = bench.run("ZRANDMEMBER z 3");
            let mut members: Vec<&str> = shown.trim_matches(['[', ']']).split(", ").collect();
            members.sort_unstable();
            members.dedup();
            assert_eq!(members.len(), 3, "{shown}");
        }
    }
}
