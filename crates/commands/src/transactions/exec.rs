//! EXEC: run a transaction.

use crate::prelude::*;
use engine::execute::call::call_nested;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: exec,
    subcommands: &[],
    spec: Spec {
        name: "EXEC",
        summary: "Runs the queued commands of a transaction with nothing in between.",
        since: "1.2.0",
        complexity: "That of the queued commands together.",
        group: Group::Transactions,
        arity: Arity::Exactly(1),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(SKIP_SLOWLOG).and(RUNS_IN_MULTI).and(RUNS_QUEUE),
        ..Spec::NEW
    },
}];

fn exec(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let Some(transaction) = ctx.client.transaction.take() else {
        return Err(Stop::error("ERR EXEC without MULTI"));
    };
    ctx.client.set_transaction(None);
    let was_changed = ctx.watched_was_changed();
    ctx.forget_watched();
    if transaction.is_broken {
        return Err(Stop::error("EXECABORT Transaction discarded because of previous errors."));
    }
    if was_changed {
        ctx.reply.null_array();
        return Ok(());
    }
    // Each command passes on its own change; the unit frames them.
    ctx.propagate_nothing();
    ctx.reply.array(transaction.queue.len());
    let table = ctx.engine.table;
    for (id, request) in &transaction.queue {
        call_nested(ctx, table.get(*id), request.as_request());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on, check_resp3, propagates, propagates_on};
    use engine::client::card::ClientKind;
    use engine::client::session::Session;

    #[test]
    fn replies_are_in_order_and_errors_stop_nothing() {
        check(
            r#"EXEC -> ERR EXEC without MULTI | MULTI | EXEC -> []
            MULTI | INCR k | SET t abc | INCR t | INCR k | EXEC -> [1, OK, ERR value is not an integer or out of range, 2]
            MULTI | SELECT 1 | SET k x | SELECT 0 | GET k | EXEC -> [OK, OK, OK, "2"]"#,
        );
    }

    #[test]
    fn a_command_that_was_not_queued_spoils_all() {
        check(
            "MULTI | SET k -> ERR wrong number of arguments for 'set' command | SET k v -> QUEUED
            EXEC -> EXECABORT Transaction discarded because of previous errors. | EXISTS k -> 0
            MULTI | SET k v | EXEC -> [OK]",
        );
    }

    #[test]
    fn a_refused_exec_ends_the_transaction() {
        check(
            "MULTI | SET k v
            EXEC x -> EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command
            EXEC -> ERR EXEC without MULTI",
        );
    }

    #[test]
    fn the_gates_ask_what_is_queued() {
        let mut bench = Bench::new();
        check_on(&mut bench, "MULTI | SET k v | #2 MULTI | #2 GET k");
        bench.node.engine.follow("127.0.0.1", 1);
        check_on(
            &mut bench,
            "EXEC -> EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.
            EXEC -> ERR EXEC without MULTI | #2 EXEC -> [nil]",
        );
    }

    #[test]
    fn several_changes_are_framed_in_the_log() {
        propagates(
            "MULTI | SET k 1 | SET l 2 EX 10 | INCRBYFLOAT k 0.5 | GET k
            EXEC -> MULTI; SET k 1; SET l 2 PXAT {ms+10000}; SET k 1.5 KEEPTTL; EXEC
            MULTI | INCR n | GET k | EXEC -> INCR n | MULTI | GET k | EXEC -> nothing",
        );
    }

    #[test]
    fn the_transaction_of_a_primary_is_applied() {
        let mut bench = Bench::new();
        *bench.client(1) = Session::internal(ClientKind::Primary);
        propagates_on(&mut bench, "MULTI | SET k v | SET l w PXAT 1 | EXEC -> nothing");
        check_on(&mut bench, "GET k -> \"v\" | GET l -> \"w\" | #2 GET l -> nil");
    }

    #[test]
    fn null_in_resp3() {
        check_resp3("WATCH k | SET k v | MULTI | EXEC -> nil");
    }
}
