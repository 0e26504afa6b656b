//! MULTI: begin a transaction.

use crate::prelude::*;
use engine::client::transaction::Transaction;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: multi,
    subcommands: &[],
    spec: Spec {
        name: "MULTI",
        summary: "Begins a transaction: the commands that follow are queued.",
        since: "1.2.0",
        complexity: "O(1)",
        group: Group::Transactions,
        arity: Arity::Exactly(1),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(ALLOW_BUSY).and(RUNS_IN_MULTI),
        ..Spec::NEW
    },
}];

fn multi(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.client.transaction.is_some() {
        return Err(Stop::error("ERR MULTI calls can not be nested"));
    }
    ctx.client.set_transaction(Some(Box::new(Transaction::default())));
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn queues_what_follows() {
        check("MULTI -> OK | SET k v -> QUEUED | GET k -> QUEUED | EXEC -> [OK, \"v\"] | GET k -> \"v\"");
    }

    #[test]
    fn cannot_be_nested_and_goes_on() {
        check("MULTI | MULTI -> ERR MULTI calls can not be nested | SET k v -> QUEUED | EXEC -> [OK]");
    }

    #[test]
    fn takes_no_words() {
        check("MULTI x -> ERR wrong number of arguments for 'multi' command");
    }
}
