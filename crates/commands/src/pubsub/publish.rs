//! PUBLISH and SPUBLISH: a message for everybody who subscribes to a channel.

use crate::prelude::*;
use engine::client::card::ClientKind;
use engine::notify::Notify;
use engine::notify::pubsub::Scope;

const FLAGS: Flags = PUBSUB.and(LOADING).and(STALE).and(FAST).and(MAY_REPLICATE);

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| publish(ctx, args, Scope::Channel),
        spec: Spec {
            name: "PUBLISH",
            summary: "Sends a message to the subscribers of a channel.",
            since: "2.0.0",
            complexity: "O(N+M), N the subscribers who get it, M the patterns that begin as the channel does",
            group: Group::PubSub,
            arity: Arity::Exactly(3),
            flags: FLAGS,
            args: &[Arg::string("channel"), Arg::string("message")],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: |ctx, args| publish(ctx, args, Scope::Shard),
        spec: Spec {
            name: "SPUBLISH",
            summary: "Sends a message to the subscribers of a shard channel.",
            since: "7.0.0",
            complexity: "O(N) in the number of subscribers",
            group: Group::PubSub,
            arity: Arity::Exactly(3),
            flags: FLAGS,
            keys: &[KeySpec::at(1).not_key()],
            args: &[Arg::string("shardchannel"), Arg::string("message")],
            ..Spec::NEW
        },
        subcommands: &[],
    },
];

fn publish(ctx: &mut Context<'_>, mut args: Args<'_>, scope: Scope) -> Result<(), Stop> {
    let (channel, text) = (args.next()?, args.next()?);
    // What a file holds was published long ago: who subscribes while it is being loaded must not get it again.
    let is_old = ctx.client.kind == ClientKind::Internal;
    let Notify { pubsub, inboxes, .. } = &mut ctx.engine.notify;
    let receivers = match scope {
        _ if is_old => 0,
        Scope::Shard => pubsub.publish_to_shard(inboxes, channel, text),
        Scope::Channel | Scope::Pattern => pubsub.publish(inboxes, channel, text),
    };
    // Replicas have subscribers of their own. For a file alone nothing is recorded: there it would mean nothing.
    if !ctx.engine.replication.replicas.is_empty() || !ctx.engine.propagation.has_file() {
        ctx.propagate_always();
    }
    ctx.reply.integer(receivers as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on, propagates_on};

    #[test]
    fn a_message_is_for_each_subscription() {
        check(
            "PUBLISH c x -> 0
             #2 SUBSCRIBE c | #3 PSUBSCRIBE c* * | #4 SSUBSCRIBE c
             PUBLISH c x -> 3 | SPUBLISH c y -> 1 | PUBLISH d z -> 1 | PUBLISH \"\" e -> 0",
        );
    }

    #[test]
    fn replicas_publish_as_well() {
        let mut bench = Bench::new();
        propagates_on(&mut bench, "PUBLISH c x -> PUBLISH c x | SPUBLISH c x -> SPUBLISH c x");
    }

    #[test]
    fn messages_to_oneself_follow_the_reply() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "RESP3 | SUBSCRIBE c | PUBLISH c x -> 1 & >[\"message\", \"c\", \"x\"]
             MULTI | PUBLISH c x | PING | EXEC -> [1, PONG] & >[\"message\", \"c\", \"x\"]
             PSUBSCRIBE [c] -> >[\"psubscribe\", \"[c]\", 2]
             PUBLISH c y -> 2 & >[\"message\", \"c\", \"y\"] & >[\"pmessage\", \"[c]\", \"c\", \"y\"]",
        );
    }
}
