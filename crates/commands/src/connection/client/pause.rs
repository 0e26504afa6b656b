//! CLIENT PAUSE: clients wait, with everything or with writes.

use crate::prelude::*;
use engine::facts::pauses::Pause;
pub(super) const COMMAND: Command = Command {
    run: pause,
    spec: Spec {
        name: "PAUSE",
        summary: "Lets clients wait for some time.",
        since: "2.9.50",
        group: Group::Connection,
        arity: Arity::AtLeast(3),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[
            Arg::integer("timeout"),
            Arg::one_of("mode", &[Arg::token("write", "WRITE"), Arg::token("all", "ALL")])
                .since("6.2.0")
                .optional(),
        ],
        history: &[("6.2.0", "The modes, of which `WRITE` is new.")],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn pause(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let timeout = args.next()?;
    let all = args.is_empty() || args.keyword("ALL");
    if !all && !args.keyword("WRITE") {
        return Err(Stop::error("ERR CLIENT PAUSE mode must be WRITE or ALL"));
    }
    args.end()?;
    let timeout_ms = stdx::number::parse_i64(timeout)
        .ok_or(Stop::error("ERR timeout is not an integer or out of range"))?;
    let timeout_ms = u64::try_from(timeout_ms).map_err(|_| Stop::error("ERR timeout is negative"))?;
    if ctx.now_ms().unsigned_abs().checked_add(timeout_ms).is_none_or(|end_ms| end_ms > i64::MAX as u64) {
        return Err(Stop::error("ERR timeout is out of range"));
    }
    let now_ms = ctx.engine.clock.monotonic_ms;
    ctx.engine.health.pauses.begin_by_command(Pause { until_ms: now_ms + timeout_ms, all }, now_ms);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn everybody_waits_until_the_time_is_over() {
        check("CLIENT PAUSE 100 -> OK | #2 PING -> waits | @99 | #2 PING -> waits | @1 | #2 PING -> PONG");
    }

    #[test]
    fn writes_wait_and_reads_do_not() {
        check(
            "CLIENT PAUSE 100 WRITE -> OK | #2 PING -> PONG | #2 FLUSHALL -> waits | #2 CLIENT UNPAUSE -> OK | #2 FLUSHALL -> OK",
        );
    }

    #[test]
    fn a_second_pause_never_weakens_the_first() {
        check(
            "CLIENT PAUSE 100 WRITE -> OK | CLIENT PAUSE 10 ALL -> OK | @50 | #2 PING -> waits | @50 | #2 PING -> PONG
             CLIENT PAUSE 100 WRITE -> OK | CLIENT PAUSE 10 -> OK | #2 SET k v -> waits | @99 | #2 SET k v -> waits",
        );
    }

    #[test]
    fn nobody_is_let_through_while_all_wait() {
        let mut bench = Bench::new();
        check_on(&mut bench, "#2 MULTI -> OK | CLIENT PAUSE 100 -> OK");
        for request in ["CLIENT UNPAUSE", "CLIENT PAUSE 1", "CLIENT LIST", "REPLCONF ACK 5", "MULTI", "QUIT"]
        {
            assert_eq!(bench.run(request), "waits", "{request}");
            assert_eq!(bench.run(&format!("#2 {request}")), "waits", "{request} in a transaction");
        }
        check_on(
            &mut bench,
            "#2 GET k -> waits | #2 NOSUCH x -> ERR unknown command 'NOSUCH', with args beginning with: 'x'\x20
             #2 SAVE -> ERR Command not allowed inside a transaction",
        );
    }

    #[test]
    fn writes_wait_before_they_are_queued() {
        check(
            "#2 MULTI | CLIENT PAUSE 100 WRITE -> OK | #2 GET k -> QUEUED | #2 SET k v -> waits | @100 | #2 SET k v -> QUEUED",
        );
    }

    #[test]
    fn a_pause_that_is_over_hides_nothing() {
        check(
            "SET k v PX 10 | CLIENT PAUSE 20 WRITE -> OK | @11 | GET k -> nil | DBSIZE -> 1 | @9 | RANDOMKEY -> nil | DBSIZE -> 0",
        );
    }

    #[test]
    fn refusals() {
        check(
            "CLIENT PAUSE x -> ERR timeout is not an integer or out of range
             CLIENT PAUSE -1 -> ERR timeout is negative
             CLIENT PAUSE 9223372036854775807 -> ERR timeout is out of range
             CLIENT PAUSE 1 some -> ERR CLIENT PAUSE mode must be WRITE or ALL",
        );
    }
}
