//! DEL and UNLINK: delete keys.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: del,
        subcommands: &[],
        spec: Spec {
            name: "DEL",
            summary: "Deletes keys.",
            since: "1.0.0",
            complexity: "O(N) with N the number of keys; for a collection its number of elements comes on top.",
            flags: WRITE,
            ..DEL
        },
    },
    Command {
        run: del,
        subcommands: &[],
        spec: Spec {
            name: "UNLINK",
            summary: "Deletes keys and gives back the memory of large values later.",
            since: "4.0.0",
            complexity: "O(1) for each key, plus O(N) in another thread with N the number of allocations to give back.",
            flags: WRITE.and(FAST),
            ..DEL
        },
    },
];

const DEL: Spec = Spec {
    group: Group::Generic,
    arity: Arity::AtLeast(2),
    keys: &[KeySpec::range(1, -1, 1).rm().delete()],
    args: &[Arg::key("key").multiple()],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    ..Spec::NEW
};

/// The same for both: a string is one allocation, which is given back faster than it could be handed to another thread.
fn del(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let mut deleted = 0;
    for key in args.rest() {
        if ctx.keys.remove(key) {
            ctx.keys.modified(key, Event::DEL);
            deleted += 1;
        }
    }
    ctx.reply.integer(deleted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn counts_what_was_there() {
        check("MSET a 1 b 2 | DEL a a x -> 1 | UNLINK b x b -> 1 | DEL a b -> 0");
        check("SET k v PX 10 | @11 | DEL k -> 0");
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("MSET a 1 b 2 | DEL a x -> DEL a x | UNLINK b -> UNLINK b | DEL a -> nothing");
        propagates("SET k v PX 10 | @11 | DEL k -> DEL k | DEL k -> nothing");
        notifies("MSET a 1 b 2 | DEL a b x -> del a, del b");
        changes("MSET a 1 b 2 -> 2 | DEL a b x -> 2");
    }
}
