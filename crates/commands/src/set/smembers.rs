//! SMEMBERS: all members of a set.

use crate::grammar::element;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: smembers,
    subcommands: &[],
    spec: Spec {
        name: "SMEMBERS",
        summary: "Returns all members of a set.",
        since: "1.0.0",
        complexity: "O(N) with N the number of members.",
        group: Group::Set,
        arity: Arity::Exactly(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
}];

fn smembers(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let Some(set) = ctx.keys.set(args.next()?)? else {
        ctx.reply.set(0);
        return Ok(());
    };
    ctx.reply.set(set.len());
    for member in set.iter() {
        element::bulk(&mut ctx.reply, member);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn gives_all() {
        check(
            r#"SADD s b a 5 | SMEMBERS s -> ["b", "a", "5"] | SMEMBERS x -> [] | SADD n 9 -3 | SMEMBERS n -> ["-3", "9"]"#,
        );
        check_resp3(r#"SADD s b 5 | SMEMBERS s -> ~["b", "5"] | SMEMBERS x -> ~[]"#);
    }
}
