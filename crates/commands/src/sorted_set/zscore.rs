//! ZSCORE and ZMSCORE: read scores.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zscore,
        subcommands: &[],
        spec: Spec {
            name: "ZSCORE",
            summary: "Returns the score of a member of a sorted set.",
            since: "1.2.0",
            complexity: "O(1)",
            group: Group::SortedSet,
            arity: Arity::Exactly(3),
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::string("member")],
            ..Spec::NEW
        },
    },
    Command {
        run: zmscore,
        subcommands: &[],
        spec: Spec {
            name: "ZMSCORE",
            summary: "Returns the scores of several members of a sorted set.",
            since: "6.2.0",
            complexity: "O(N), N being the number of members.",
            group: Group::SortedSet,
            arity: Arity::AtLeast(3),
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::string("member").multiple()],
            ..Spec::NEW
        },
    },
];

fn zscore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, member) = (args.next()?, args.next()?);
    match ctx.keys.sorted_set(key)?.and_then(|set| set.score(member)) {
        Some(score) => ctx.reply.double(score),
        None => ctx.reply.null(),
    }
    Ok(())
}

fn zmscore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let set = ctx.keys.sorted_set(args.next()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        match set.and_then(|set| set.score(member)) {
            Some(score) => ctx.reply.double(score),
            None => ctx.reply.null(),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn scores_as_texts_or_doubles() {
        check(
            r#"ZADD z 1.5 a 3 b -inf c | ZSCORE z a -> "1.5" | ZSCORE z x -> nil | ZSCORE none a -> nil
            ZMSCORE z a x c -> ["1.5", nil, "-inf"] | ZMSCORE none a b -> [nil, nil]
            SET s v | ZMSCORE s a -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3("ZADD z 1.5 a | ZSCORE z a -> ,1.5 | ZMSCORE z a x -> [,1.5, nil]");
    }
}
