//! CLIENT UNBLOCK: another client waits no longer.

use crate::prelude::*;
use engine::client::card::{ClientId, flag};
use engine::client::session::WaitEnd;

pub(super) const COMMAND: Command = Command {
    run: unblock,
    spec: Spec {
        name: "UNBLOCK",
        summary: "Ends the waiting of another client.",
        since: "5.0.0",
        complexity: "O(log N) in the number of clients",
        group: Group::Connection,
        arity: Arity::AtLeast(3),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE).and(RUNS_WHEN_PAUSED),
        args: &[
            Arg::integer("client-id"),
            Arg::one_of("timeout_error", &[Arg::token("timeout", "TIMEOUT"), Arg::token("error", "ERROR")])
                .optional(),
        ],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn unblock(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let id = args.next()?;
    if args.len() > 1 {
        return Err(Stop::error(
            "ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.",
        ));
    }
    let how = if args.is_empty() || args.keyword("TIMEOUT") {
        flag::UNBLOCK_TIMEOUT
    } else if args.keyword("ERROR") {
        flag::UNBLOCK_ERROR
    } else {
        return Err(Stop::error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
    };
    let id = stdx::number::parse_i64(id).ok_or(Stop::NOT_AN_INTEGER)?;
    let is_ended = u64::try_from(id).is_ok_and(|id| end_wait(ctx, id, how));
    ctx.reply.integer(i64::from(is_ended));
    Ok(())
}

/// Ends the waiting of a client; false if it does not wait.
fn end_wait(ctx: &mut Context<'_>, client: ClientId, how: u32) -> bool {
    let why = if how == flag::UNBLOCK_ERROR { WaitEnd::Error } else { WaitEnd::TimedOut };
    if ctx.engine.blocking.end(client, why) {
        return true;
    }
    let clients = &ctx.engine.clients;
    let found = clients.find(client).filter(|card| card.has(flag::BLOCKED));
    if let Some(card) = found {
        card.set(how, true);
        clients.wake(card.worker);
    }
    found.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::test_bench::bench_with_clients;
    use crate::testing::{check, check_on};
    use engine::client::card::flag;

    #[test]
    fn only_those_who_wait() {
        let mut bench = bench_with_clients();
        check_on(&mut bench, "CLIENT UNBLOCK 2 -> 0 | CLIENT UNBLOCK 99 -> 0");
        let card = bench.node.engine.clients.find(2).expect("there").clone();
        card.set(flag::BLOCKED, true);
        check_on(&mut bench, "CLIENT UNBLOCK 2 ERROR -> 1");
        assert!(card.has(flag::UNBLOCK_ERROR) && !card.has(flag::UNBLOCK_TIMEOUT));
    }

    #[test]
    fn refusals() {
        check(
            "CLIENT UNBLOCK x -> ERR value is not an integer or out of range
             CLIENT UNBLOCK 1 why -> ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
        );
    }
}
