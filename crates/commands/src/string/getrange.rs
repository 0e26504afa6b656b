//! GETRANGE and its old name SUBSTR: read a part of a string.

use crate::grammar::range;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command { run: getrange, subcommands: &[], spec: Spec { name: "GETRANGE", since: "2.4.0", ..GETRANGE } },
    Command {
        run: getrange,
        subcommands: &[],
        spec: Spec { name: "SUBSTR", since: "1.0.0", deprecated: Some(("2.0.0", "`GETRANGE`")), ..GETRANGE },
    },
];

const GETRANGE: Spec = Spec {
    summary: "Returns the part of a string between two positions, both included.",
    complexity: "O(N) with N the length of the part; for short parts as good as O(1).",
    group: Group::String,
    arity: Arity::Exactly(4),
    flags: READONLY,
    keys: &[KeySpec::at(1).ro().access()],
    args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("end")],
    ..Spec::NEW
};

fn getrange(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, start, end) = (args.next()?, args.integer()?, args.integer()?);
    let value = ctx.keys.string(key)?.unwrap_or_default();
    let part = range::bytes(start, end, value.len());
    ctx.reply.bulk(value.get(part).unwrap_or_default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_from_both_ends() {
        check(
            r#"SET k vxyz | GETRANGE k 0 -1 -> "vxyz" | GETRANGE k 1 2 -> "xy" | GETRANGE k -3 -1 -> "xyz"
            GETRANGE k -1 -3 -> "" | GETRANGE k 3 100 -> "z" | GETRANGE k 100 200 -> "" | GETRANGE k -100 1 -> "vx"
            GETRANGE k -100 -200 -> "" | GETRANGE k -200 -100 -> "v" | SUBSTR k 0 1 -> "vx" | GETRANGE missing 0 -1 -> "" "#,
        );
    }

    #[test]
    fn refuses_what_is_no_number() {
        check("GETRANGE missing x 1 -> ERR value is not an integer or out of range");
    }
}
