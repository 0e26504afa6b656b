//! SDIFF: the members of a set that some others do not have.

use super::{reply_members, sets};
use crate::prelude::*;
use datatypes::set::difference;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sdiff,
    subcommands: &[],
    spec: Spec {
        name: "SDIFF",
        summary: "Returns the members of the first set that none of the others has.",
        since: "1.0.0",
        complexity: "O(N) with N the number of members of all sets together.",
        group: Group::Set,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::range(1, -1, 1).ro().access()],
        args: &[Arg::key("key").multiple()],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
}];

fn sdiff(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let limits = ctx.keys.limits().set;
    let result = difference(&sets(ctx, args.rest())?, limits);
    reply_members(ctx, &result);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn gives_what_only_the_first_has() {
        check(
            r#"SADD a x y 1 2 | SADD b 1 y | SDIFF a b -> ["x", "2"] | SDIFF b a -> [] | SDIFF a missing b -> ["x", "2"]
            SDIFF missing a -> [] | SDIFF a a -> [] | SDIFF b -> ["1", "y"] | SET k v
            SDIFF missing k -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }
}
