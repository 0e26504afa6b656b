//! SUNION: the members that any of some sets has.

use super::{reply_members, sets};
use crate::prelude::*;
use datatypes::set::Set;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sunion,
    subcommands: &[],
    spec: Spec {
        name: "SUNION",
        summary: "Returns the members that any of some sets has.",
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

fn sunion(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let limits = ctx.keys.limits().set;
    let sets = sets(ctx, args.rest())?;
    let mut union = Set::default();
    sets.iter().flatten().for_each(|set| union.add_all(set, limits));
    reply_members(ctx, &union);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn gives_what_any_has() {
        check(
            r#"SADD a x 1 | SADD b 1 y | SUNION a b missing -> ["x", "1", "y"] | SUNION missing -> [] | SET k v
            SUNION a k -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3("SADD a x | SUNION a a -> ~[\"x\"]");
    }
}
