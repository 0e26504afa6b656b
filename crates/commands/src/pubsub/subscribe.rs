//! SUBSCRIBE, PSUBSCRIBE and SSUBSCRIBE: the client gets messages from now on.

use crate::prelude::*;
use engine::client::session::Session;
use engine::notify::pubsub::Scope;
use resp::reply::Reply;
use std::sync::atomic::Ordering::Relaxed;

/// The flags of all that begins or ends a subscription.
pub(super) const FLAGS: Flags = PUBSUB.and(NOSCRIPT).and(LOADING).and(STALE).and(RUNS_WHEN_SUBSCRIBED);

const NEW: Spec = Spec { group: Group::PubSub, arity: Arity::AtLeast(2), flags: FLAGS, ..Spec::NEW };

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| subscribe(ctx, args, Scope::Channel),
        spec: Spec {
            name: "SUBSCRIBE",
            summary: "Asks for the messages of channels.",
            since: "2.0.0",
            complexity: "O(N) in the number of channels",
            args: &[Arg::string("channel").multiple()],
            ..NEW
        },
        subcommands: &[],
    },
    Command {
        run: |ctx, args| subscribe(ctx, args, Scope::Pattern),
        spec: Spec {
            name: "PSUBSCRIBE",
            summary: "Asks for the messages of all channels that match a pattern.",
            since: "2.0.0",
            complexity: "O(N) in the number of patterns",
            args: &[Arg::pattern("pattern").multiple()],
            ..NEW
        },
        subcommands: &[],
    },
    Command {
        run: subscribe_to_shards,
        spec: Spec {
            name: "SSUBSCRIBE",
            summary: "Asks for the messages of shard channels.",
            since: "7.0.0",
            complexity: "O(N) in the number of channels",
            keys: &[KeySpec::range(1, -1, 1).not_key()],
            args: &[Arg::string("shardchannel").multiple()],
            ..NEW
        },
        subcommands: &[],
    },
];

fn subscribe_to_shards(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    if !ctx.may_wait() {
        return Err(Stop::error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"));
    }
    subscribe(ctx, args, Scope::Shard)
}

fn subscribe(ctx: &mut Context<'_>, args: Args<'_>, scope: Scope) -> Result<(), Stop> {
    let notify = &mut ctx.engine.notify;
    let word = match scope {
        Scope::Channel => "subscribe",
        Scope::Pattern => "psubscribe",
        Scope::Shard => "ssubscribe",
    };
    for name in args.rest() {
        notify.pubsub.subscribe(&mut notify.inboxes, ctx.client, scope, name);
        confirm(&mut ctx.reply, ctx.client, scope, word, Some(name));
    }
    ctx.client.answer_anyway();
    ctx.update_interest();
    Ok(())
}

/// Says that a subscription began or ended, and how many there are now.
pub(super) fn confirm(
    reply: &mut Reply<'_>,
    client: &Session,
    scope: Scope,
    word: &str,
    name: Option<&[u8]>,
) {
    let [channels, patterns, shards] = &client.card.subscriptions;
    let count = match scope {
        Scope::Shard => shards.load(Relaxed),
        Scope::Channel | Scope::Pattern => channels.load(Relaxed) + patterns.load(Relaxed),
    };
    reply.push(3);
    reply.bulk(word.as_bytes());
    reply.bulk_or_null(name);
    reply.integer(i64::from(count));
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn each_name_is_confirmed() {
        check(
            r#"SUBSCRIBE a b a -> ["subscribe", "a", 1] & ["subscribe", "b", 2] & ["subscribe", "a", 2]
               PSUBSCRIBE a* -> ["psubscribe", "a*", 3] | SSUBSCRIBE s -> ["ssubscribe", "s", 1]"#,
        );
        check_resp3("SUBSCRIBE a -> >[\"subscribe\", \"a\", 1] | GET k -> nil | PING -> PONG");
    }

    #[test]
    fn a_subscriber_may_do_little_in_resp2() {
        check(
            r#"SUBSCRIBE a | PING -> ["pong", ""] | PING hi -> ["pong", "hi"]
               SET k -> ERR wrong number of arguments for 'set' command
               CLIENT ID -> ERR Can't execute 'client|id': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context
               UNSUBSCRIBE a | PING -> PONG | PSUBSCRIBE p | RESET -> RESET | GET k -> nil"#,
        );
    }

    #[test]
    fn in_a_transaction() {
        check(
            r#"MULTI | SUBSCRIBE a | SSUBSCRIBE s | PING
               EXEC -> [["subscribe", "a", 1], ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client, ["pong", ""]]"#,
        );
    }

    #[test]
    fn is_confirmed_to_those_who_want_no_replies() {
        check(
            r#"RESP3 | CLIENT REPLY OFF | SUBSCRIBE a -> >["subscribe", "a", 1] | PING -> | UNSUBSCRIBE a -> >["unsubscribe", "a", 0]"#,
        );
    }
}
