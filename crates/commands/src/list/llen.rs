//! LLEN: the length of a list.

use crate::prelude::*;
use datatypes::list::List;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: llen,
    subcommands: &[],
    spec: Spec {
        name: "LLEN",
        summary: "Returns the number of elements of a list.",
        group: Group::List,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn llen(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let len = ctx.keys.list(args.next()?)?.map_or(0, List::len);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts() {
        check(
            "LLEN l -> 0 | RPUSH l a b c | LLEN l -> 3 | SET s x
            LLEN s -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
