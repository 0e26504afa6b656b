//! WAIT: wait until replicas have what the client wrote.

use crate::grammar::timeout;
use crate::prelude::*;
use engine::client::session::{DEMOTED, UNBLOCKED, WaitEnd};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: wait,
    subcommands: &[],
    spec: Spec {
        name: "WAIT",
        summary: "Waits until so many replicas have acknowledged all earlier writes of the connection.",
        since: "3.0.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(3),
        flags: BLOCKING,
        in_group_category: false,
        categories: Categories::CONNECTION,
        args: &[Arg::integer("numreplicas"), Arg::integer("timeout")],
        tips: &["request_policy:all_shards", "response_policy:agg_min"],
        ..Spec::NEW
    },
}];

fn wait(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    end_if_demoted(ctx)?;
    if ctx.engine.replication.is_replica() {
        return Err(Stop::error(
            "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is \
             configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
        ));
    }
    let wanted = args.integer()?;
    let deadline_ms = timeout::deadline_ms(args.next()?, ctx.engine.clock.monotonic_ms)?;
    let acknowledged = ctx.engine.replication.acknowledged_by(ctx.client.last_write) as i64;
    if acknowledged < wanted {
        wait_on(ctx, deadline_ms)?;
    }
    ctx.reply.integer(acknowledged);
    Ok(())
}

/// Whoever waited when we became a replica hears so, and is let go.
pub(super) fn end_if_demoted(ctx: &mut Context<'_>) -> Result<(), Stop> {
    if ctx.client.wait_end != Some(WaitEnd::Demoted) {
        return Ok(());
    }
    ctx.client.close_after_reply();
    Err(Stop::error(DEMOTED))
}

/// Waits for acknowledgements unless the time for that is over; asks for them at the first time.
pub(super) fn wait_on(ctx: &mut Context<'_>, deadline_ms: u64) -> Result<(), Stop> {
    if !ctx.may_wait() {
        return Ok(());
    }
    // The deadline is the one of the first time, when the request came.
    let earlier = ctx.client.waits_on.filter(|on| matches!(on, WaitOn::Acknowledgements { .. }));
    match (earlier, ctx.client.wait_end) {
        (Some(_), Some(WaitEnd::TimedOut)) => Ok(()),
        (Some(_), Some(WaitEnd::Error)) => Err(Stop::error(UNBLOCKED)),
        (Some(on), _) => Err(Stop::Wait(on)),
        (None, _) => {
            // A failover has asked already, and nothing may follow its question.
            if !ctx.engine.replication.replicas.is_empty() && ctx.engine.replication.failover.is_none() {
                ctx.engine.propagation.ask_acknowledgements();
            }
            Err(Stop::Wait(WaitOn::Acknowledgements { deadline_ms }))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::client::session::WaitEnd;
    use engine::command::WaitOn;

    #[test]
    fn nobody_to_wait_for() {
        check("WAIT 0 0 -> 0 | WAIT -1 100 -> 0 | SET k v | WAIT 0 100 -> 0");
    }

    #[test]
    fn refuses_bad_numbers() {
        check(
            "WAIT x 0 -> ERR value is not an integer or out of range
            WAIT 0 x -> ERR timeout is not an integer or out of range | WAIT 0 -1 -> ERR timeout is negative",
        );
    }

    #[test]
    fn waits_until_enough_have_acknowledged() {
        let mut bench = Bench::new();
        bench.add_replica(7);
        check_on(&mut bench, "SET k v");
        assert_eq!(bench.propagated(), "SET k v");
        check_on(&mut bench, "WAIT 1 0 -> waits");
        assert_eq!(bench.propagated(), "REPLCONF GETACK *");
        assert_eq!(bench.resume("WAIT 1 0", WaitEnd::Changed), "waits");
        let end = bench.node.engine.propagation.end();
        bench.node.engine.replication.replicas[0].acknowledged = end;
        assert_eq!(bench.resume("WAIT 1 0", WaitEnd::Changed), "1");
        assert_eq!(bench.propagated(), "nothing");
        check_on(&mut bench, "WAIT 1 0 -> 1 | WAIT 2 100 -> waits");
    }

    #[test]
    fn the_time_to_wait_begins_once() {
        let mut bench = Bench::new();
        check_on(&mut bench, "WAIT 1 100 -> waits");
        assert_eq!(bench.propagated(), "nothing");
        let wait = Some(WaitOn::Acknowledgements { deadline_ms: 1_100 });
        assert_eq!(bench.client(1).waits_on, wait);
        bench.advance(50);
        assert_eq!(bench.resume("WAIT 1 100", WaitEnd::Changed), "waits");
        assert_eq!(bench.client(1).waits_on, wait);
        assert_eq!(bench.resume("WAIT 1 100", WaitEnd::TimedOut), "0");
        assert_eq!(bench.client(1).waits_on, None);
        check_on(&mut bench, "WAIT 1 0 -> waits");
        let unblocked = bench.resume("WAIT 1 0", WaitEnd::Error);
        assert_eq!(unblocked, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    }

    #[test]
    fn a_new_replica_lets_go_of_those_who_wait() {
        let mut bench = Bench::new();
        check_on(&mut bench, "WAIT 1 0 -> waits");
        bench.node.engine.follow("127.0.0.1", 1);
        let reply = bench.resume("WAIT 1 0", WaitEnd::Demoted);
        assert!(reply.starts_with("UNBLOCKED force unblock from blocking operation"), "{reply}");
        assert!(bench.client(1).close_after_reply);
    }

    #[test]
    fn a_transaction_does_not_wait() {
        check("MULTI | WAIT 1 0 -> QUEUED | EXEC -> [0]");
    }

    #[test]
    fn a_replica_refuses() {
        let mut bench = Bench::new();
        bench.node.engine.follow("127.0.0.1", 1);
        let reply = bench.run("WAIT x 0");
        assert!(reply.starts_with("ERR WAIT cannot be used with replica instances. Please"), "{reply}");
        assert!(reply.ends_with("writes to replicas are just local and are not propagated."), "{reply}");
    }
}
