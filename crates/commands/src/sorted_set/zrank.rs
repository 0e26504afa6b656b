//! ZRANK and ZREVRANK: how many members stand before one.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zrank,
        subcommands: &[],
        spec: Spec {
            name: "ZRANK",
            summary: "Returns how many members of a sorted set stand before one, from the lowest score up.",
            ..ZRANK
        },
    },
    Command {
        run: zrevrank,
        subcommands: &[],
        spec: Spec {
            name: "ZREVRANK",
            summary: "Returns how many members of a sorted set stand before one, from the highest score down.",
            ..ZRANK
        },
    },
];

const ZRANK: Spec = Spec {
    since: "2.0.0",
    complexity: "O(log(N)), N being the size of the set.",
    group: Group::SortedSet,
    arity: Arity::AtLeast(3),
    flags: READONLY.and(FAST),
    keys: &[KeySpec::at(1).ro().access()],
    args: &[
        Arg::key("key"),
        Arg::string("member"),
        Arg::token("withscore", "WITHSCORE").optional().since("7.2.0"),
    ],
    history: &[("7.2.0", "The option `WITHSCORE`.")],
    ..Spec::NEW
};

fn zrank(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    rank(ctx, args, false)
}

fn zrevrank(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    rank(ctx, args, true)
}

fn rank(ctx: &mut Context<'_>, mut args: Args<'_>, reversed: bool) -> Result<(), Stop> {
    let request_name = args.request().word(0);
    let (key, member) = (args.next()?, args.next()?);
    if args.len() > 1 {
        let name = String::from_utf8_lossy(request_name).to_lowercase();
        return Err(Stop::from(format!("ERR wrong number of arguments for '{name}' command")));
    }
    let with_score = !args.is_empty();
    if with_score && !args.keyword("WITHSCORE") {
        return Err(Stop::SYNTAX);
    }
    let found = ctx.keys.sorted_set(key)?.and_then(|set| {
        let (rank, score) = set.rank(member)?;
        Some((if reversed { set.len() - 1 - rank } else { rank }, score))
    });
    match found {
        Some((rank, score)) if with_score => {
            ctx.reply.array(2);
            ctx.reply.integer(rank as i64);
            ctx.reply.double(score);
        }
        Some((rank, _)) => ctx.reply.integer(rank as i64),
        None if with_score => ctx.reply.null_array(),
        None => ctx.reply.null(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn counts_from_either_end() {
        check(
            r#"ZADD z 1 a 2 b 3 c | ZRANK z a -> 0 | ZREVRANK z a -> 2 | ZRANK z x -> nil | ZRANK none a -> nil
            ZRANK z b WITHSCORE -> [1, "2"] | ZREVRANK z c WITHSCORE -> [0, "3"] | ZRANK z x WITHSCORE -> nil[]
            ZRANK z a FOO -> ERR syntax error
            ZRANK z a WITHSCORE b -> ERR wrong number of arguments for 'zrank' command"#,
        );
        check_resp3("ZADD z 1 a | ZRANK z a WITHSCORE -> [0, ,1] | ZRANK z x WITHSCORE -> nil");
    }
}
