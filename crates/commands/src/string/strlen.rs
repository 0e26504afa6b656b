//! STRLEN: the length of a string.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: strlen,
    subcommands: &[],
    spec: Spec {
        name: "STRLEN",
        summary: "Returns the length of the string that a key holds, 0 for a missing key.",
        since: "2.2.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn strlen(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let len = ctx.keys.string(args.next()?)?.map_or(0, <[u8]>::len);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_bytes() {
        check(r#"STRLEN k -> 0 | SET k "a\x00\xff" | STRLEN k -> 3 | SET n 12345 | STRLEN n -> 5"#);
    }
}
