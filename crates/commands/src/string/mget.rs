//! MGET: read several strings.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: mget,
    subcommands: &[],
    spec: Spec {
        name: "MGET",
        summary: "Returns the strings of several keys, nil for each that is missing or holds something else.",
        since: "1.0.0",
        complexity: "O(N) with N the number of keys.",
        group: Group::String,
        arity: Arity::AtLeast(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::range(1, -1, 1).ro().access()],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard"],
        ..Spec::NEW
    },
}];

fn mget(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.reply.array(args.len());
    ctx.keys.strings(args.rest(), |found| ctx.reply.bulk_or_null(found));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_nil_for_each_missing_key() {
        check("MSET a 1 b 2 | MGET a x b a -> [\"1\", nil, \"2\", \"1\"] | MGET x -> [nil]");
        check("MGET -> ERR wrong number of arguments for 'mget' command");
    }
}
