//! LRANGE: a part of a list.

use crate::grammar::{element, range};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lrange,
    subcommands: &[],
    spec: Spec {
        name: "LRANGE",
        summary: "Returns the elements of a list between two positions, both included.",
        complexity: "O(log N + M) with N the number of elements and M the number of those returned.",
        group: Group::List,
        arity: Arity::Exactly(4),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
        ..Spec::NEW
    },
}];

fn lrange(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, start, stop) = (args.next()?, args.integer()?, args.integer()?);
    let Some(list) = ctx.keys.list(key)? else {
        ctx.reply.array(0);
        return Ok(());
    };
    let part = range::elements(start, stop, list.len());
    ctx.reply.array(part.len());
    list.visit(part.start, part.len(), |element| element::bulk(&mut ctx.reply, element));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn both_ends_are_included() {
        check(
            r#"RPUSH l a b c 4 | LRANGE l 0 -1 -> ["a", "b", "c", "4"] | LRANGE l 1 2 -> ["b", "c"] | LRANGE l 2 1 -> []
            LRANGE l -100 0 -> ["a"] | LRANGE l 3 100 -> ["4"] | LRANGE l 4 5 -> [] | LRANGE l -100 -50 -> []
            LRANGE none 0 -1 -> [] | LRANGE none 0 x -> ERR value is not an integer or out of range"#,
        );
    }
}
