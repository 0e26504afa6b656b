//! SINTER: the members that all of some sets have.

use super::sets;
use crate::grammar::element;
use crate::prelude::*;
use datatypes::set::{Set, intersect};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sinter,
    subcommands: &[],
    spec: Spec {
        name: "SINTER",
        summary: "Returns the members that all of some sets have.",
        since: "1.0.0",
        complexity: "O(N*M) at worst, with N the size of the smallest set and M the number of sets.",
        group: Group::Set,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::range(1, -1, 1).ro().access()],
        args: &[Arg::key("key").multiple()],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
}];

fn sinter(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    // A missing set counts as empty; the types of all are looked at first.
    let sets: Option<Vec<Set>> = sets(ctx, args.rest())?.into_iter().collect();
    let Some(sets) = sets else {
        ctx.reply.set(0);
        return Ok(());
    };
    let mut members = Vec::new();
    intersect(&sets, &mut |member| {
        members.push(member);
        true
    });
    ctx.reply.set(members.len());
    members.into_iter().for_each(|member| element::bulk(&mut ctx.reply, member));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn gives_what_all_have() {
        check(
            r#"SADD a x y 1 2 | SADD b 2 1 z y | SADD c 1 | SINTER a b -> ["y", "1", "2"] | SINTER a b c -> ["1"]
            SINTER a missing -> [] | SINTER c -> ["1"] | SINTER a a -> ["x", "y", "1", "2"] | SET k v
            SINTER missing k -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3("SADD a x | SINTER a a -> ~[\"x\"] | SINTER a b -> ~[]");
    }
}
