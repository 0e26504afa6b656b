//! UNSUBSCRIBE, PUNSUBSCRIBE and SUNSUBSCRIBE: the client gets messages no longer.

use super::subscribe::{FLAGS, confirm};
use crate::prelude::*;
use engine::notify::pubsub::Scope;

const NEW: Spec = Spec { group: Group::PubSub, arity: Arity::AtLeast(1), flags: FLAGS, ..Spec::NEW };

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| unsubscribe(ctx, args, Scope::Channel),
        spec: Spec {
            name: "UNSUBSCRIBE",
            summary: "Wants no more messages of some channels, or of all.",
            since: "2.0.0",
            complexity: "O(N) in the number of channels",
            args: &[Arg::string("channel").optional().multiple()],
            ..NEW
        },
        subcommands: &[],
    },
    Command {
        run: |ctx, args| unsubscribe(ctx, args, Scope::Pattern),
        spec: Spec {
            name: "PUNSUBSCRIBE",
            summary: "Gives up some patterns, or all.",
            since: "2.0.0",
            complexity: "O(N) in the number of patterns",
            args: &[Arg::pattern("pattern").optional().multiple()],
            ..NEW
        },
        subcommands: &[],
    },
    Command {
        run: |ctx, args| unsubscribe(ctx, args, Scope::Shard),
        spec: Spec {
            name: "SUNSUBSCRIBE",
            summary: "Wants no more messages of some shard channels, or of all.",
            since: "7.0.0",
            complexity: "O(N) in the number of channels",
            keys: &[KeySpec::range(1, -1, 1).not_key()],
            args: &[Arg::string("shardchannel").optional().multiple()],
            ..NEW
        },
        subcommands: &[],
    },
];

fn unsubscribe(ctx: &mut Context<'_>, args: Args<'_>, scope: Scope) -> Result<(), Stop> {
    let word = match scope {
        Scope::Channel => "unsubscribe",
        Scope::Pattern => "punsubscribe",
        Scope::Shard => "sunsubscribe",
    };
    let all =
        if args.is_empty() { ctx.engine.notify.pubsub.names_of(&ctx.client.card, scope) } else { Vec::new() };
    if args.is_empty() && all.is_empty() {
        confirm(&mut ctx.reply, ctx.client, scope, word, None);
    }
    for name in args.rest().chain(all.iter().map(|name| &**name)) {
        ctx.engine.notify.pubsub.unsubscribe(ctx.client, scope, name);
        confirm(&mut ctx.reply, ctx.client, scope, word, Some(name));
    }
    ctx.client.answer_anyway();
    ctx.update_interest();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn some_or_all() {
        check(
            r#"UNSUBSCRIBE -> ["unsubscribe", nil, 0] | SUNSUBSCRIBE x -> ["sunsubscribe", "x", 0]
               SUBSCRIBE a b | PSUBSCRIBE p | UNSUBSCRIBE zz b -> ["unsubscribe", "zz", 3] & ["unsubscribe", "b", 2]
               UNSUBSCRIBE -> ["unsubscribe", "a", 1] | PUNSUBSCRIBE -> ["punsubscribe", "p", 0] | GET k -> nil"#,
        );
        check_resp3("PUNSUBSCRIBE -> >[\"punsubscribe\", nil, 0]");
    }

    #[test]
    fn nothing_comes_after_it() {
        check(
            "#2 SUBSCRIBE a | PUBLISH a x -> 1 | #2 UNSUBSCRIBE -> [\"message\", \"a\", \"x\"] & [\"unsubscribe\", \"a\", 0] | PUBLISH a x -> 0",
        );
    }
}
