//! DISCARD: forget a transaction.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: discard,
    subcommands: &[],
    spec: Spec {
        name: "DISCARD",
        summary: "Forgets the queued commands of a transaction and ends it.",
        since: "2.0.0",
        complexity: "O(N) with N the number of queued commands",
        group: Group::Transactions,
        arity: Arity::Exactly(1),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(ALLOW_BUSY).and(RUNS_IN_MULTI),
        ..Spec::NEW
    },
}];

fn discard(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.client.transaction.is_none() {
        return Err(Stop::error("ERR DISCARD without MULTI"));
    }
    ctx.client.set_transaction(None);
    ctx.forget_watched();
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn nothing_is_run() {
        check(
            "MULTI | SET k v -> QUEUED | DISCARD -> OK | EXISTS k -> 0 | DISCARD -> ERR DISCARD without MULTI",
        );
        check("MULTI | FOO -> ERR unknown command 'FOO', with args beginning with: | DISCARD -> OK");
        check("MULTI | DISCARD x -> ERR wrong number of arguments for 'discard' command | DISCARD -> OK");
    }

    #[test]
    fn watched_keys_are_forgotten() {
        check("WATCH k | #2 SET k v | MULTI | DISCARD -> OK | MULTI | GET k | EXEC -> [\"v\"]");
    }
}
