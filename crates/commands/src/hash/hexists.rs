//! HEXISTS: whether a field is there.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hexists,
    subcommands: &[],
    spec: Spec {
        name: "HEXISTS",
        summary: "Tells whether a field of a hash is there.",
        since: "2.0.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(3),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key"), Arg::string("field")],
        ..Spec::NEW
    },
}];

fn hexists(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name) = (args.next()?, args.next()?);
    let is_there = ctx.keys.hash(key)?.is_some_and(|fields| fields.get(name).is_some());
    ctx.reply.integer(i64::from(is_there));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn tells_whether_it_is_there() {
        check(
            "HEXISTS h a -> 0 | HSET h a 1 | HEXISTS h a -> 1 | HEXISTS h b -> 0
            SET s x | HEXISTS s a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
