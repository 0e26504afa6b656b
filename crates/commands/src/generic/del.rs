//! DEL and UNLINK: delete keys.

use crate::prelude::*;
use keyspace::Deferral;

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
        run: |ctx, args| delete(ctx, args, true),
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

fn del(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let is_lazy = ctx.engine.config.lazy_free.lazyfree_lazy_user_del;
    delete(ctx, args, is_lazy)
}

fn delete(ctx: &mut Context<'_>, args: Args<'_>, is_lazy: bool) -> Result<(), Stop> {
    let deferral = ctx.keys.keyspace().deferral();
    ctx.keys.keyspace().defer(Deferral { removed: is_lazy, ..deferral });
    let mut deleted = 0;
    for key in args.rest() {
        if ctx.keys.remove(key) {
            ctx.keys.modified(key, Event::DEL);
            deleted += 1;
        }
    }
    ctx.keys.keyspace().defer(deferral);
    ctx.reply.integer(deleted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, notifies, propagates};

    #[test]
    fn counts_what_was_there() {
        check("MSET a 1 b 2 | DEL a a x -> 1 | UNLINK b x b -> 1 | DEL a b -> 0");
        check("SET k v PX 10 | @11 | DEL k -> 0");
    }

    #[test]
    fn large_values_are_freed_in_the_background_as_the_options_say() {
        let mut bench = Bench::new();
        let large = "x".repeat(8 << 20);
        for (request, user, server, expected) in [
            ("DEL k", false, true, 0),
            ("DEL k", true, false, 1),
            ("UNLINK k", false, false, 1),
            ("SET k v", true, false, 0),
            ("SET k v", false, true, 1),
        ] {
            bench.run(&format!("SET k {large}"));
            bench.node.engine.config.lazy_free.lazyfree_lazy_user_del = user;
            bench.node.engine.config.lazy_free.lazyfree_lazy_server_del = server;
            let lazy = &bench.node.engine.lazy_free;
            let before = lazy.pending() + lazy.freed();
            bench.run(request);
            let lazy = &bench.node.engine.lazy_free;
            // Being freed counts as pending first: the sum may count it twice, never not at all.
            let after = lazy.freed() + lazy.pending();
            assert_eq!(after > before, expected > 0, "{request} {user} {server}");
            while bench.node.engine.lazy_free.pending() > 0 {
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("MSET a 1 b 2 | DEL a x -> DEL a x | UNLINK b -> UNLINK b | DEL a -> nothing");
        propagates("SET k v PX 10 | @11 | DEL k -> DEL k | DEL k -> nothing");
        notifies("MSET a 1 b 2 | DEL a b x -> del a, del b");
        changes("MSET a 1 b 2 -> 2 | DEL a b x -> 2");
    }
}
