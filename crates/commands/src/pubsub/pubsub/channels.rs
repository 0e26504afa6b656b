//! PUBSUB CHANNELS and SHARDCHANNELS: the channels that have subscribers.

use super::NEW;
use crate::prelude::*;
use engine::notify::pubsub::Scope;
use stdx::glob;

pub(super) const CHANNELS: Command = Command {
    run: |ctx, args| list(ctx, args, Scope::Channel),
    spec: Spec {
        name: "CHANNELS",
        summary: "Lists the channels that have subscribers.",
        since: "2.8.0",
        complexity: "O(N) in the number of channels",
        arity: Arity::AtLeast(2),
        args: &[Arg::pattern("pattern").optional()],
        ..NEW
    },
    subcommands: &[],
};

pub(super) const SHARDS: Command = Command {
    run: |ctx, args| list(ctx, args, Scope::Shard),
    spec: Spec {
        name: "SHARDCHANNELS",
        summary: "Lists the shard channels that have subscribers.",
        since: "7.0.0",
        complexity: "O(N) in the number of channels",
        arity: Arity::AtLeast(2),
        args: &[Arg::pattern("pattern").optional()],
        ..NEW
    },
    subcommands: &[],
};

fn list(ctx: &mut Context<'_>, mut args: Args<'_>, scope: Scope) -> Result<(), Stop> {
    let pattern = if args.is_empty() { None } else { Some(args.next()?) };
    if !args.is_empty() {
        let before = "ERR unknown subcommand or wrong number of arguments for '";
        return Err(Stop::quoting(before, ctx.request.word(1), "'. Try PUBSUB HELP."));
    }
    let place = ctx.reply.open_array();
    let mut count = 0;
    for channel in ctx.engine.notify.pubsub.topics(scope).names() {
        if pattern.is_none_or(|pattern| glob::matches(pattern, channel, false)) {
            ctx.reply.bulk(channel);
            count += 1;
        }
    }
    ctx.reply.close_array(&place, count);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn with_and_without_a_pattern() {
        check(
            r#"PUBSUB CHANNELS -> [] | #2 SUBSCRIBE news | #3 SSUBSCRIBE shard | #4 PSUBSCRIBE p
               PUBSUB CHANNELS -> ["news"] | PUBSUB CHANNELS n* -> ["news"] | PUBSUB CHANNELS x* -> []
               PUBSUB SHARDCHANNELS -> ["shard"] | PUBSUB SHARDCHANNELS n* -> []
               PUBSUB Channels a b -> ERR unknown subcommand or wrong number of arguments for 'Channels'. Try PUBSUB HELP."#,
        );
    }
}
