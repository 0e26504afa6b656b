//! WAITAOF: wait until what the client wrote is on disk, here and at replicas.

use crate::generic::wait::{end_if_demoted, wait_on};
use crate::grammar::timeout;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: waitaof,
    subcommands: &[],
    spec: Spec {
        name: "WAITAOF",
        summary: "Waits until all earlier writes of the connection are in the append-only files here, at replicas or both.",
        since: "7.2.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(4),
        flags: BLOCKING,
        in_group_category: false,
        categories: Categories::CONNECTION,
        args: &[Arg::integer("numlocal"), Arg::integer("numreplicas"), Arg::integer("timeout")],
        tips: &["request_policy:all_shards", "response_policy:agg_min"],
        ..Spec::NEW
    },
}];

fn waitaof(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    end_if_demoted(ctx)?;
    let local_wanted = args.integer_in(0, 1, "ERR value is out of range, value must between 0 and 1")? == 1;
    let must_be_positive = "ERR value is out of range, must be positive";
    let replicas_wanted = args.integer_or(must_be_positive)?;
    if replicas_wanted < 0 {
        return Err(Stop::error(must_be_positive));
    }
    let deadline_ms = timeout::deadline_ms(args.next()?, ctx.engine.clock.monotonic_ms)?;
    if ctx.engine.replication.is_replica() {
        return Err(Stop::error(
            "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local \
             and are not propagated.",
        ));
    }
    let writes_file = ctx.engine.propagation.has_file();
    if local_wanted && !writes_file {
        return Err(Stop::error(
            "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
        ));
    }
    let offset = ctx.client.last_write;
    let local = writes_file && ctx.engine.commit.durable() >= offset;
    let replicas = ctx.engine.replication.stored_by(offset) as i64;
    if local_wanted && !local || replicas < replicas_wanted {
        wait_on(ctx, deadline_ms)?;
    }
    ctx.reply.array(2);
    ctx.reply.integer(i64::from(local));
    ctx.reply.integer(replicas);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::client::session::WaitEnd;

    #[test]
    fn refuses_bad_requests() {
        check(
            "WAITAOF 2 0 0 -> ERR value is out of range, value must between 0 and 1
            WAITAOF x 0 0 -> ERR value is not an integer or out of range
            WAITAOF 0 x 0 -> ERR value is out of range, must be positive
            WAITAOF 0 -1 0 -> ERR value is out of range, must be positive
            WAITAOF 0 0 x -> ERR timeout is not an integer or out of range | WAITAOF 0 0 -1 -> ERR timeout is negative",
        );
    }

    #[test]
    fn without_a_file_nothing_is_local() {
        check(
            "WAITAOF 0 0 0 -> [0, 0]
            WAITAOF 1 0 0 -> ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
        );
    }

    #[test]
    fn waits_for_the_disks_of_replicas() {
        let mut bench = Bench::new();
        bench.add_replica(7);
        check_on(&mut bench, "SET k v | WAITAOF 0 1 0 -> waits");
        let end = bench.node.engine.propagation.end();
        bench.node.engine.replication.replicas[0].acknowledged = end;
        assert_eq!(bench.resume("WAITAOF 0 1 0", WaitEnd::Changed), "waits");
        bench.node.engine.replication.replicas[0].acknowledged_on_disk = end;
        assert_eq!(bench.resume("WAITAOF 0 1 0", WaitEnd::Changed), "[0, 1]");
    }
}
