//! PSYNC and SYNC: a replica asks for our data and what changes it. The answer is the replication side's.

use crate::prelude::*;
use engine::client::session::SyncRequest;
use engine::facts::replication_events::Cause;
use engine::facts::requests::ProcessRequest;
use log::Offset;
use stdx::logging;

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: psync,
        spec: Spec {
            name: "PSYNC",
            summary: "Asks for the stream of changes from an offset on.",
            since: "2.8.0",
            complexity: "",
            group: Group::Server,
            arity: Arity::AtLeast(3),
            flags: ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING).and(NO_MULTI),
            args: &[Arg::string("replicationid"), Arg::integer("offset")],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: sync,
        spec: Spec {
            name: "SYNC",
            summary: "Asks for a copy of the data and the changes since.",
            since: "1.0.0",
            complexity: "",
            group: Group::Server,
            arity: Arity::Exactly(1),
            flags: ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING).and(NO_MULTI),
            ..Spec::NEW
        },
        subcommands: &[],
    },
];

fn psync(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if ctx.engine.replication.replica_mut(ctx.client.card.id).is_some() {
        return Ok(());
    }
    let id = args.next()?;
    let takes_over = args.rest().nth(1).is_some_and(|word| word.eq_ignore_ascii_case(b"FAILOVER"));
    if takes_over {
        take_over(ctx, id)?;
    } else if ctx.engine.replication.failover.is_some() {
        return Err(Stop::error("NOMASTERLINK Can't SYNC while failing over"));
    }
    let offset = args.integer()?;
    let wanted =
        u64::try_from(offset).ok().filter(|_| id != b"?").map(|offset| (id.to_vec(), Offset(offset)));
    ctx.client.sync_request = Some(SyncRequest::Partial(wanted));
    Ok(())
}

/// Our primary tells us to become the primary in its place: it is about to follow us.
fn take_over(ctx: &mut Context<'_>, id: &[u8]) -> Result<(), Stop> {
    logging::notice!("Failover request received for replid {}.", String::from_utf8_lossy(id));
    let Some(link) = &ctx.engine.replication.primary else {
        return Err(Stop::error("ERR PSYNC FAILOVER can't be sent to a master."));
    };
    if id != ctx.engine.propagation.history.id.as_str().as_bytes() {
        return Err(Stop::error("ERR PSYNC FAILOVER replid must match my replid."));
    }
    let old_primary = format!("{}:{}", link.host, link.port);
    ctx.engine.promote();
    let who = crate::connection::describe_client(ctx, &ctx.client.card);
    logging::notice!("MASTER MODE enabled (failover request from '{who}')");
    ctx.engine.note_role(&old_primary, Cause::FailedOver, "we are the primary now");
    ctx.leave(ProcessRequest::RoleChanged);
    Ok(())
}

fn sync(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.engine.replication.failover.is_some() {
        return Err(Stop::error("NOMASTERLINK Can't SYNC while failing over"));
    }
    if ctx.engine.replication.replica_mut(ctx.client.card.id).is_none() {
        ctx.client.sync_request = Some(SyncRequest::Full);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use engine::client::session::SyncRequest;
    use log::Offset;

    fn request_after(line: &str) -> Option<SyncRequest> {
        let mut bench = Bench::new();
        assert_eq!(bench.run(line), "");
        bench.client(1).sync_request.clone()
    }

    #[test]
    fn the_wish_is_kept_for_the_replication_side() {
        assert_eq!(request_after("PSYNC ? -1"), Some(SyncRequest::Partial(None)));
        let known = Some((b"abc".to_vec(), Offset(17)));
        assert_eq!(request_after("PSYNC abc 17"), Some(SyncRequest::Partial(known)));
        assert_eq!(request_after("SYNC"), Some(SyncRequest::Full));
    }

    #[test]
    fn refusals() {
        check(
            "PSYNC a b -> ERR value is not an integer or out of range | PSYNC a -> ERR wrong number of arguments for 'psync' command",
        );
    }
}
