//! HLEN: how many fields there are.

use crate::prelude::*;
use datatypes::hash::Fields;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hlen,
    subcommands: &[],
    spec: Spec {
        name: "HLEN",
        summary: "Returns the number of fields of a hash.",
        since: "2.0.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn hlen(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let len = ctx.keys.hash(args.next()?)?.map_or(0, Fields::len);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_what_has_not_expired() {
        check(
            "HLEN h -> 0 | HSET h a 1 b 2 | HLEN h -> 2 | HPEXPIRE h 10 FIELDS 1 a | @11 | HLEN h -> 1
            SET s x | HLEN s -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
