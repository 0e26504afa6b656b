//! PUBSUB NUMSUB, SHARDNUMSUB and NUMPAT: how many subscribe.

use super::NEW;
use crate::prelude::*;
use engine::notify::pubsub::Scope;

pub(super) const CHANNELS: Command = Command {
    run: |ctx, args| count(ctx, args, Scope::Channel),
    spec: Spec {
        name: "NUMSUB",
        summary: "Counts the subscribers of channels.",
        since: "2.8.0",
        complexity: "O(N) in the number of channels named",
        arity: Arity::AtLeast(2),
        args: &[Arg::string("channel").optional().multiple()],
        ..NEW
    },
    subcommands: &[],
};

pub(super) const SHARDS: Command = Command {
    run: |ctx, args| count(ctx, args, Scope::Shard),
    spec: Spec {
        name: "SHARDNUMSUB",
        summary: "Counts the subscribers of shard channels.",
        since: "7.0.0",
        complexity: "O(N) in the number of channels named",
        arity: Arity::AtLeast(2),
        args: &[Arg::string("shardchannel").optional().multiple()],
        ..NEW
    },
    subcommands: &[],
};

pub(super) const PATTERNS: Command = Command {
    run: count_patterns,
    spec: Spec {
        name: "NUMPAT",
        summary: "Counts the patterns that somebody subscribes to.",
        since: "2.8.0",
        arity: Arity::Exactly(2),
        ..NEW
    },
    subcommands: &[],
};

fn count(ctx: &mut Context<'_>, args: Args<'_>, scope: Scope) -> Result<(), Stop> {
    let topics = ctx.engine.notify.pubsub.topics(scope);
    // An array in RESP3 too.
    ctx.reply.array(args.len() * 2);
    for channel in args.rest() {
        ctx.reply.bulk(channel);
        ctx.reply.integer(topics.subscribers(channel).len() as i64);
    }
    Ok(())
}

fn count_patterns(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let patterns = ctx.engine.notify.pubsub.topics(Scope::Pattern).len();
    ctx.reply.integer(patterns as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn each_name_is_counted_for_itself() {
        check(
            r#"#2 SUBSCRIBE a b | #3 SUBSCRIBE a | #3 PSUBSCRIBE a* b* | #2 PSUBSCRIBE a* | #2 SSUBSCRIBE a
               PUBSUB NUMSUB a b c -> ["a", 2, "b", 1, "c", 0] | PUBSUB NUMSUB -> []
               PUBSUB SHARDNUMSUB a b -> ["a", 1, "b", 0] | PUBSUB NUMPAT -> 2
               PUBSUB NUMPAT x -> ERR wrong number of arguments for 'pubsub|numpat' command"#,
        );
    }
}
