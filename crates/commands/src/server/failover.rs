//! FAILOVER: exchange the roles of the primary and a replica of its, without losing a write.

use crate::prelude::*;
use engine::facts::replication::ReplicaState;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: failover,
    spec: Spec {
        name: "FAILOVER",
        summary: "Lets a replica take over, and follows it.",
        since: "6.2.0",
        complexity: "O(1)",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: ADMIN.and(NOSCRIPT).and(STALE),
        args: &[
            Arg::block(
                "target",
                &[Arg::string("host"), Arg::integer("port"), Arg::token("force", "FORCE").optional()],
            )
            .after("TO")
            .optional(),
            Arg::token("abort", "ABORT").optional(),
            Arg::integer("milliseconds").after("TIMEOUT").optional(),
        ],
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// What is asked for.
#[derive(Default)]
struct Order {
    target: Option<(String, i64)>,
    timeout_ms: Option<u64>,
    is_forced: bool,
}

fn failover(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if args.len() == 1 && args.keyword("ABORT") {
        if !ctx.engine.abort_failover("Failover manually aborted") {
            return Err(Stop::error("ERR No failover in progress."));
        }
        ctx.reply.ok();
        return Ok(());
    }
    let order = parse(args)?;
    may_begin(ctx, &order)?;
    let target = order.target.map(|(host, port)| online_replica(ctx, &host, port)).transpose()?;
    let now_ms = ctx.engine.clock.monotonic_ms;
    let deadline_ms = order.timeout_ms.map(|timeout_ms| now_ms.saturating_add(timeout_ms));
    ctx.engine.begin_failover(target, deadline_ms, order.is_forced);
    ctx.reply.ok();
    Ok(())
}

fn parse(mut args: Args<'_>) -> Result<Order, Stop> {
    let mut order = Order::default();
    while !args.is_empty() {
        if order.timeout_ms.is_none() && args.len() > 1 && args.keyword("TIMEOUT") {
            let timeout_ms = u64::try_from(args.integer()?).ok().filter(|&timeout_ms| timeout_ms > 0);
            order.timeout_ms =
                Some(timeout_ms.ok_or(Stop::error("ERR FAILOVER timeout must be greater than 0"))?);
        } else if order.target.is_none() && args.len() > 2 && args.keyword("TO") {
            let host = String::from_utf8_lossy(args.next()?).into_owned();
            order.target = Some((host, args.integer()?));
        } else if !order.is_forced && args.keyword("FORCE") {
            order.is_forced = true;
        } else {
            return Err(Stop::SYNTAX);
        }
    }
    Ok(order)
}

fn may_begin(ctx: &Context<'_>, order: &Order) -> Result<(), Stop> {
    let replication = &ctx.engine.replication;
    let refusal = if replication.failover.is_some() {
        "ERR FAILOVER already in progress."
    } else if replication.is_replica() {
        "ERR FAILOVER is not valid when server is a replica."
    } else if replication.replicas.is_empty() {
        "ERR FAILOVER requires connected replicas."
    } else if order.is_forced && (order.timeout_ms.is_none() || order.target.is_none()) {
        "ERR FAILOVER with force option requires both a timeout and target HOST and IP."
    } else {
        return Ok(());
    };
    Err(Stop::error(refusal))
}

fn online_replica(ctx: &Context<'_>, host: &str, port: i64) -> Result<(String, u16), Stop> {
    let mut replicas = ctx.engine.replication.replicas.iter();
    let replica = replicas
        .find(|replica| replica.address == host && i64::from(replica.port) == port)
        .ok_or(Stop::error("ERR FAILOVER target HOST and PORT is not a replica."))?;
    if replica.state != ReplicaState::Online {
        return Err(Stop::error("ERR FAILOVER target replica is not online."));
    }
    Ok((replica.address.clone(), replica.port))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::facts::replication::ReplicaState;

    fn with_replica() -> Bench {
        let mut bench = Bench::new();
        bench.add_replica(7);
        let replica = &mut bench.node.engine.replication.replicas[0];
        (replica.address, replica.port) = ("10.0.0.7".to_string(), 6380);
        bench
    }

    #[test]
    fn words() {
        check(
            "FAILOVER ABORT -> ERR No failover in progress. | FAILOVER x -> ERR syntax error
             FAILOVER TIMEOUT 0 -> ERR FAILOVER timeout must be greater than 0
             FAILOVER TIMEOUT x -> ERR value is not an integer or out of range | FAILOVER TIMEOUT -> ERR syntax error
             FAILOVER TO x -> ERR syntax error | FAILOVER TO h 1 TO h 1 -> ERR syntax error
             FAILOVER ABORT TIMEOUT 1 -> ERR syntax error | FAILOVER TIMEOUT 1 ABORT -> ERR syntax error
             FAILOVER -> ERR FAILOVER requires connected replicas.",
        );
    }

    #[test]
    fn targets() {
        let mut bench = with_replica();
        check_on(
            &mut bench,
            "FAILOVER FORCE -> ERR FAILOVER with force option requires both a timeout and target HOST and IP.
             FAILOVER TO 10.0.0.7 1 -> ERR FAILOVER target HOST and PORT is not a replica.",
        );
        bench.node.engine.replication.replicas[0].state = ReplicaState::SendSnapshot;
        check_on(&mut bench, "FAILOVER TO 10.0.0.7 6380 -> ERR FAILOVER target replica is not online.");
        bench.node.engine.follow("10.0.0.1", 1);
        check_on(&mut bench, "FAILOVER -> ERR FAILOVER is not valid when server is a replica.");
    }

    #[test]
    fn writes_wait_until_it_is_over() {
        let mut bench = with_replica();
        check_on(&mut bench, "SET k v | FAILOVER TO 10.0.0.7 6380 TIMEOUT 100 -> OK");
        assert_eq!(bench.propagated(), "SET k v; REPLCONF GETACK *; REPLCONF GETACK *");
        check_on(
            &mut bench,
            "SET k w -> waits | GET k -> \"v\" | CLIENT UNPAUSE -> OK | #2 SET k w -> waits
             FAILOVER -> ERR FAILOVER already in progress.
             REPLICAOF NO ONE -> ERR REPLICAOF not allowed while failing over.
             #3 PSYNC ? -1 -> NOMASTERLINK Can't SYNC while failing over
             #3 SYNC -> NOMASTERLINK Can't SYNC while failing over
             WAIT 1 10 -> waits",
        );
        assert_eq!(bench.propagated(), "nothing", "nothing follows the question");
        check_on(&mut bench, "#4 FAILOVER ABORT -> OK | #2 SET k w -> OK | #4 REPLICAOF NO ONE -> OK");
    }

    #[test]
    fn aborted_half_way_it_is_the_primary_again() {
        let mut bench = with_replica();
        check_on(&mut bench, "CLIENT CAPA REDIRECT | #2 FAILOVER -> OK");
        let before = bench.node.engine.propagation.history.id;
        bench.node.engine.hand_over("10.0.0.7", 6380);
        check_on(
            &mut bench,
            "SET k v -> waits | GET k -> waits | #2 SET k v -> READONLY You can't write against a read only replica.
             #2 FAILOVER ABORT -> OK | SET k v -> OK",
        );
        let history = bench.node.engine.propagation.history;
        assert_eq!(history.second_id.map(|(id, _)| id), Some(before), "the past stays known");
        let events: Vec<_> = bench.node.engine.replication.events.iter().map(ToString::to_string).collect();
        assert_eq!(events.len(), 1, "{events:?}");
    }
}
