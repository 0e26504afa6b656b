//! WATCH and UNWATCH: let EXEC run only if keys were not changed meanwhile.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: watch,
        subcommands: &[],
        spec: Spec {
            name: "WATCH",
            summary: "Watches keys: the next transaction is run only if none of them was changed until then.",
            since: "2.2.0",
            complexity: "O(1) for every key.",
            group: Group::Transactions,
            arity: Arity::AtLeast(2),
            flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(ALLOW_BUSY).and(RUNS_IN_MULTI),
            keys: &[KeySpec::range(1, -1, 1).ro()],
            args: &[Arg::key("key").multiple()],
            ..Spec::NEW
        },
    },
    Command {
        run: unwatch,
        subcommands: &[],
        spec: Spec {
            name: "UNWATCH",
            summary: "Watches no key any more.",
            since: "2.2.0",
            complexity: "O(1)",
            group: Group::Transactions,
            arity: Arity::Exactly(1),
            flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(ALLOW_BUSY),
            ..Spec::NEW
        },
    },
];

fn watch(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    if ctx.client.transaction.is_some() {
        return Err(Stop::error("ERR WATCH inside MULTI is not allowed"));
    }
    for key in args.rest() {
        ctx.watch(key);
    }
    ctx.reply.ok();
    Ok(())
}

fn unwatch(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.forget_watched();
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_change_stops_the_transaction() {
        check("SET k 1 | WATCH k | #2 SET k 1 | MULTI | SET k 2 | EXEC -> nil[] | GET k -> \"1\"");
        check("WATCH k | SET k 1 | MULTI | SET k 2 | EXEC -> nil[] | MULTI | SET k 2 | EXEC -> [OK]");
        check("WATCH a k | #2 SET k 1 | MULTI | EXEC -> nil[]");
        check("SET a 1 | WATCH k | #2 RENAME a k | MULTI | EXEC -> nil[]");
        check("SET a 1 | WATCH k | #2 COPY a k | MULTI | EXEC -> nil[]");
        check("SET k 1 | WATCH k | #2 EXPIRE k 100 | MULTI | EXEC -> nil[]");
        check("SET k 1 | WATCH k | #2 MOVE k 3 | MULTI | EXEC -> nil[]");
        check("SET k 1 | WATCH k | #2 DEL k | MULTI | EXEC -> nil[]");
        check("WATCH k | #2 MULTI | #2 SET k 1 | #2 EXEC | MULTI | EXEC -> nil[]");
    }

    #[test]
    fn what_changes_nothing_stops_nothing() {
        check("SET k 1 | WATCH k | #2 SET k 2 NX | #2 GET k | #2 DEL x | #2 PERSIST k | MULTI | EXEC -> []");
        check("SET k 1 | WATCH k | #2 RENAME k k | #2 SETRANGE k 0 \"\" | #2 COPY k l | MULTI | EXEC -> []");
        check("WATCH k | #2 GET k | MULTI | EXEC -> []");
    }

    #[test]
    fn expiry_counts_only_for_what_was_there() {
        check("SET k 1 PX 10 | @11 | WATCH k | #2 GET k | MULTI | GET k | EXEC -> [nil]");
        check("SET k 1 PX 10 | WATCH k | @11 | MULTI | GET k | EXEC -> nil[]");
        check("SET k 1 PX 10 | @11 | WATCH k | MULTI | GET k | EXEC -> [nil]");
        check("SET k 1 PX 10 | WATCH k | @11 | #2 GET k | MULTI | GET k | EXEC -> nil[]");
    }

    #[test]
    fn unwatch_and_every_end_of_a_transaction_forget() {
        check("WATCH k | #2 SET k 1 | UNWATCH -> OK | MULTI | EXEC -> [] | UNWATCH -> OK");
        check("WATCH k | MULTI | EXEC -> [] | #2 SET k 1 | MULTI | EXEC -> []");
        check(
            "WATCH k | MULTI | SET -> ERR wrong number of arguments for 'set' command
            EXEC -> EXECABORT Transaction discarded because of previous errors. | #2 SET k 1 | MULTI | EXEC -> []",
        );
    }

    #[test]
    fn databases_that_are_emptied_or_exchanged() {
        for request in ["FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "SWAPDB 1 0"] {
            check(&format!("SET k 1 | WATCH k | #2 {request} | MULTI | EXEC -> nil[]"));
            check(&format!("WATCH k | #2 {request} | MULTI | EXEC -> []"));
        }
        check("SELECT 1 | SET k 1 | SELECT 0 | WATCH k | #2 SWAPDB 0 1 | MULTI | EXEC -> nil[]");
        check("SET k 1 | WATCH k | #2 SELECT 1 | #2 FLUSHDB | #2 SET k 1 | MULTI | EXEC -> []");
        check("SELECT 1 | WATCH k | SELECT 0 | SET k 1 | MULTI | EXEC -> []");
        check("WATCH k | RESET | #2 SET k 1 | MULTI | EXEC -> []");
    }

    #[test]
    fn inside_a_transaction() {
        check("MULTI | WATCH k -> ERR WATCH inside MULTI is not allowed | UNWATCH -> QUEUED | EXEC -> [OK]");
        check("WATCH -> ERR wrong number of arguments for 'watch' command");
    }
}
