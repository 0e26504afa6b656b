//! SRANDMEMBER: members of a set by chance.

use crate::grammar::element;
use crate::grammar::repeats::Room;
use crate::prelude::*;
use stdx::random::Random;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: srandmember,
    subcommands: &[],
    spec: Spec {
        name: "SRANDMEMBER",
        summary: "Returns members of a set by chance.",
        since: "1.0.0",
        complexity: "O(N) with N the number of members to be returned.",
        group: Group::Set,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::integer("count").since("2.6.0").optional()],
        history: &[("2.6.0", "The argument `count`.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

const OUT_OF_RANGE: &str =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

fn srandmember(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    if args.is_empty() {
        return reply_one(ctx, key);
    }
    if args.len() > 1 {
        return Err(Stop::SYNTAX);
    }
    let count = args.integer_in(-i64::MAX, i64::MAX, OUT_OF_RANGE)?;
    let room = Room::of(ctx);
    let Some(set) = ctx.keys.set(key)?.filter(|_| count != 0) else {
        ctx.reply.array(0);
        return Ok(());
    };
    let mut random = Random::fresh();
    if count < 0 {
        ctx.reply.array(count.unsigned_abs() as usize);
        set.draw(count.unsigned_abs(), &mut random, &mut |member| {
            element::bulk(&mut ctx.reply, member);
            room.is_left(ctx.reply.written_bytes())
        });
        room.close_if_full(ctx);
    } else {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(set.len());
        ctx.reply.array(count);
        set.sample(count, &mut random, &mut |member| element::bulk(&mut ctx.reply, member));
    }
    Ok(())
}

fn reply_one(ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Stop> {
    let member = ctx.keys.set(key)?.and_then(|set| set.random(&mut Random::fresh()));
    element::bulk_or_null(&mut ctx.reply, member);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn leaves_the_set_as_it_is() {
        check(
            r#"SADD s a | SRANDMEMBER s -> "a" | SRANDMEMBER s 5 -> ["a"] | SRANDMEMBER s -3 -> ["a", "a", "a"]
            SRANDMEMBER s 0 -> [] | SCARD s -> 1 | SRANDMEMBER x -> nil | SRANDMEMBER x 2 -> [] | SRANDMEMBER x -2 -> []
            SADD n 1 2 | SRANDMEMBER n 2 -> ["1", "2"]"#,
        );
        check_resp3("SADD s a | SRANDMEMBER s 1 -> [\"a\"]");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "SRANDMEMBER s x -> ERR value is not an integer or out of range | SRANDMEMBER s x 2 -> ERR syntax error
            SRANDMEMBER s -9223372036854775808 -> ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            SET k v | SRANDMEMBER k -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
