//! REPLICAOF and SLAVEOF: follow a primary, or nobody.

use crate::prelude::*;
use engine::facts::replication_events::Cause;
use engine::facts::requests::ProcessRequest;
use stdx::logging;

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: replicaof,
        spec: Spec {
            name: "REPLICAOF",
            summary: "Follows a primary, or nobody any more.",
            since: "5.0.0",
            group: Group::Server,
            arity: Arity::Exactly(3),
            flags: ADMIN.and(NOSCRIPT).and(STALE).and(NO_ASYNC_LOADING),
            args: &[Arg::one_of(
                "args",
                &[
                    Arg::block("host-port", &[Arg::string("host"), Arg::integer("port")]),
                    Arg::block("no-one", &[Arg::token("no", "NO"), Arg::token("one", "ONE")]),
                ],
            )],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: replicaof,
        spec: Spec {
            name: "SLAVEOF",
            summary: "Follows a primary, or nobody any more.",
            since: "1.0.0",
            group: Group::Server,
            arity: Arity::Exactly(3),
            flags: ADMIN.and(NOSCRIPT).and(STALE).and(NO_ASYNC_LOADING),
            args: &[Arg::one_of(
                "args",
                &[
                    Arg::block("host-port", &[Arg::string("host"), Arg::integer("port")]),
                    Arg::block("no-one", &[Arg::token("no", "NO"), Arg::token("one", "ONE")]),
                ],
            )],
            deprecated: Some(("5.0.0", "`REPLICAOF`")),
            ..Spec::NEW
        },
        subcommands: &[],
    },
];

fn replicaof(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (host, port) = (args.next()?, args.next()?);
    if ctx.engine.replication.failover.is_some() {
        return Err(Stop::error("ERR REPLICAOF not allowed while failing over."));
    }
    if host.eq_ignore_ascii_case(b"NO") && port.eq_ignore_ascii_case(b"ONE") {
        return follow_nobody(ctx);
    }
    let invalid = Stop::error("ERR Invalid master port");
    let port = stdx::number::parse_i64(port).and_then(|port| u16::try_from(port).ok()).ok_or(invalid)?;
    let host = std::str::from_utf8(host).map_err(|_| Stop::error("ERR Invalid master host"))?;
    follow(ctx, host, port)
}

fn follow_nobody(ctx: &mut Context<'_>) -> Result<(), Stop> {
    if ctx.engine.replication.is_replica() {
        let old_primary = link_address(ctx);
        ctx.engine.promote();
        let evidence = format!("REPLICAOF NO ONE by {}", ctx.client.card.address);
        ctx.engine.note_role(&old_primary, Cause::Ordered, evidence);
        logging::notice!("MASTER MODE enabled (user request from '{}')", who(ctx));
        ctx.leave(ProcessRequest::RoleChanged);
    }
    ctx.reply.ok();
    Ok(())
}

fn follow(ctx: &mut Context<'_>, host: &str, port: u16) -> Result<(), Stop> {
    let same = |link: &engine::facts::replication::PrimaryLink| {
        link.host.eq_ignore_ascii_case(host) && link.port == port
    };
    // A primary that was refused is accepted by saying so again.
    let is_refused = |link: &engine::facts::replication::PrimaryLink| link.refusal.is_some();
    if ctx.engine.replication.primary.as_ref().is_some_and(|link| same(link) && !is_refused(link)) {
        logging::notice!(
            "REPLICAOF would result into synchronization with the master we are already connected with. No operation performed."
        );
        ctx.reply.simple("OK Already connected to specified master");
        return Ok(());
    }
    ctx.engine.follow(host, port);
    let evidence = format!("REPLICAOF {host} {port} by {}", ctx.client.card.address);
    ctx.engine.note_role(&format!("{host}:{port}"), Cause::Ordered, evidence);
    logging::notice!("REPLICAOF {host}:{port} enabled (user request from '{}')", who(ctx));
    ctx.leave(ProcessRequest::RoleChanged);
    ctx.reply.ok();
    Ok(())
}

/// The primary that we follow.
fn link_address(ctx: &Context<'_>) -> String {
    let link = ctx.engine.replication.primary.as_ref();
    link.map_or_else(String::new, |link| format!("{}:{}", link.host, link.port))
}

/// The client as the log shows it.
fn who(ctx: &Context<'_>) -> String {
    crate::connection::describe_client(ctx, &ctx.client.card)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn follows_and_is_promoted() {
        let mut bench = Bench::new();
        let before = bench.node.engine.propagation.history.id;
        check_on(
            &mut bench,
            "REPLICAOF 10.0.0.1 6379 -> OK
             SLAVEOF 10.0.0.1 6379 -> OK Already connected to specified master
             SET k v -> READONLY You can't write against a read only replica.
             REPLICAOF no one -> OK | SET k v -> OK | REPLICAOF NO ONE -> OK",
        );
        let requests: Vec<_> = bench.node.engine.requests.iter().map(|asked| asked.request.clone()).collect();
        assert_eq!(requests, [ProcessRequest::RoleChanged, ProcessRequest::RoleChanged]);
        let history = bench.node.engine.propagation.history;
        assert_eq!(history.second_id.map(|(id, _)| id), Some(before), "the past stays known");
    }

    #[test]
    fn a_primary_that_was_refused_is_accepted_by_saying_so_again() {
        let mut bench = Bench::new();
        bench.run("REPLICAOF 10.0.0.1 6379");
        let link = bench.node.engine.replication.primary.as_mut().unwrap();
        (link.has_consent, link.refusal) = (false, Some("it is empty".to_string()));
        let order = bench.node.engine.replication.order;
        assert_eq!(bench.run("REPLICAOF 10.0.0.1 6379"), "OK");
        let replication = &bench.node.engine.replication;
        let link = replication.primary.as_ref().unwrap();
        assert!(link.has_consent && link.refusal.is_none() && replication.order > order);
    }

    #[test]
    fn refusals() {
        check(
            "REPLICAOF h x -> ERR Invalid master port | REPLICAOF h 65536 -> ERR Invalid master port
             REPLICAOF no two -> ERR Invalid master port",
        );
    }
}
