//! SISMEMBER and SMISMEMBER: whether members are in a set.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: membership,
        subcommands: &[],
        spec: Spec {
            name: "SISMEMBER",
            summary: "Tells whether a member is in a set.",
            since: "1.0.0",
            complexity: "O(1)",
            arity: Arity::Exactly(3),
            keys: &[KeySpec::at(1).ro()],
            args: &[Arg::key("key"), Arg::string("member")],
            ..MEMBERSHIP
        },
    },
    Command {
        run: memberships,
        subcommands: &[],
        spec: Spec {
            name: "SMISMEMBER",
            summary: "Tells of each of some members whether it is in a set.",
            since: "6.2.0",
            complexity: "O(N) with N the number of members asked for.",
            arity: Arity::AtLeast(3),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::string("member").multiple()],
            ..MEMBERSHIP
        },
    },
];

const MEMBERSHIP: Spec = Spec { group: Group::Set, flags: READONLY.and(FAST), ..Spec::NEW };

fn membership(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, member) = (args.next()?, args.next()?);
    let is_in = ctx.keys.set(key)?.is_some_and(|set| set.contains(member));
    ctx.reply.integer(i64::from(is_in));
    Ok(())
}

fn memberships(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let set = ctx.keys.set(args.next()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        ctx.reply.integer(i64::from(set.is_some_and(|set| set.contains(member))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn tells_of_one_and_of_several() {
        check(
            "SADD s a 1 | SISMEMBER s a -> 1 | SISMEMBER s b -> 0 | SISMEMBER s 1 -> 1 | SISMEMBER s 01 -> 0
            SMISMEMBER s a b a -> [1, 0, 1] | SMISMEMBER x a b -> [0, 0] | SISMEMBER x a -> 0 | SET k v
            SISMEMBER k a -> WRONGTYPE Operation against a key holding the wrong kind of value
            SMISMEMBER k a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
