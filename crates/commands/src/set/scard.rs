//! SCARD: the number of members of a set.

use crate::prelude::*;
use datatypes::set::Set;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: scard,
    subcommands: &[],
    spec: Spec {
        name: "SCARD",
        summary: "Returns the number of members of a set.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Set,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn scard(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let len = ctx.keys.set(args.next()?)?.map_or(0, Set::len);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts() {
        check(
            "SADD s a b | SCARD s -> 2 | SCARD x -> 0 | SET k v
            SCARD k -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
