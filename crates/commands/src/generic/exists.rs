//! EXISTS and TOUCH: count keys that are there.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| count(ctx, args, Lookup::Quiet),
        subcommands: &[],
        spec: Spec {
            name: "EXISTS",
            summary: "Counts how many of the keys exist.",
            since: "1.0.0",
            complexity: "O(N) with N the number of keys.",
            history: &[("3.0.3", "Takes several keys.")],
            ..EXISTS
        },
    },
    Command {
        run: |ctx, args| count(ctx, args, Lookup::Read),
        subcommands: &[],
        spec: Spec {
            name: "TOUCH",
            summary: "Counts how many of the keys exist and notes that they were used now.",
            since: "3.2.1",
            complexity: "O(N) with N the number of keys.",
            ..EXISTS
        },
    },
];

const EXISTS: Spec = Spec {
    group: Group::Generic,
    arity: Arity::AtLeast(2),
    flags: READONLY.and(FAST),
    keys: &[KeySpec::range(1, -1, 1).ro()],
    args: &[Arg::key("key").multiple()],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    ..Spec::NEW
};

fn count(ctx: &mut Context<'_>, args: Args<'_>, lookup: Lookup) -> Result<(), Stop> {
    let found = args.rest().filter(|key| ctx.keys.look_up(key, lookup).is_some()).count();
    ctx.reply.integer(found as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies};

    #[test]
    fn counts_a_key_as_often_as_it_is_named() {
        check("MSET a 1 b 2 | EXISTS a x a b -> 3 | TOUCH a a x -> 2 | SET k v PX 10 | @11 | EXISTS k -> 0");
        notifies("EXISTS a b -> keymiss a, keymiss b");
    }

    #[test]
    fn only_touch_uses_a_key() {
        check("SET k v | @5000 | EXISTS k | OBJECT IDLETIME k -> 5 | TOUCH k | OBJECT IDLETIME k -> 0");
    }
}
