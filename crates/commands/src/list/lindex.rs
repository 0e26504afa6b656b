//! LINDEX: one element of a list.

use crate::grammar::element;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lindex,
    subcommands: &[],
    spec: Spec {
        name: "LINDEX",
        summary: "Returns the element of a list at a position, which counts from the end when it is negative.",
        complexity: "O(log N) with N the number of elements.",
        group: Group::List,
        arity: Arity::Exactly(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::integer("index")],
        ..Spec::NEW
    },
}];

fn lindex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    // A key that is not there is told before an index that is no number.
    let Some(list) = ctx.keys.list(args.next()?)? else {
        ctx.reply.null();
        return Ok(());
    };
    let position = list.position(args.integer()?);
    let mut walk = list.walk(position.unwrap_or(usize::MAX), false);
    element::bulk_or_null(&mut ctx.reply, walk.next_element());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_from_both_ends() {
        check(
            r#"RPUSH l a b 3 | LINDEX l 0 -> "a" | LINDEX l 2 -> "3" | LINDEX l 3 -> nil | LINDEX l -1 -> "3"
            LINDEX l -3 -> "a" | LINDEX l -4 -> nil | LINDEX l -9223372036854775808 -> nil | LINDEX none x -> nil
            LINDEX l x -> ERR value is not an integer or out of range"#,
        );
    }
}
