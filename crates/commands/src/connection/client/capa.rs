//! CLIENT CAPA: what the client says it can do. A command of Valkey.

use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run: capa,
    spec: Spec {
        name: "CAPA",
        summary: "Says what the client can do.",
        since: "8.0.0",
        group: Group::Connection,
        arity: Arity::AtLeast(3),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(ALLOW_BUSY),
        args: &[Arg::string("capability").multiple()],
        ..Spec::NEW
    },
    subcommands: &[],
};

/// What is not known is left to later versions.
fn capa(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    while !args.is_empty() {
        if args.keyword("REDIRECT") {
            ctx.client.follows_redirects = true;
        } else {
            args.next()?;
        }
    }
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn a_replica_sends_who_follows_to_its_primary() {
        let mut bench = Bench::new();
        bench.node.engine.follow("10.0.0.1", 6379);
        bench.node.engine.config.replication.replica_serve_stale_data = true;
        check_on(
            &mut bench,
            "GET k -> nil | CLIENT CAPA foo -> OK | GET k -> nil | CLIENT CAPA foo Redirect -> OK
             GET k -> REDIRECT 10.0.0.1:6379 | SET k v -> REDIRECT 10.0.0.1:6379 | PING -> PONG
             READONLY -> OK | GET k -> nil | SET k v -> REDIRECT 10.0.0.1:6379 | READWRITE -> OK
             MULTI -> OK | GET k -> REDIRECT 10.0.0.1:6379
             EXEC -> EXECABORT Transaction discarded because of previous errors. | RESET | GET k -> nil",
        );
    }

    #[test]
    fn a_primary_serves_everybody() {
        let mut bench = Bench::new();
        check_on(&mut bench, "CLIENT CAPA redirect -> OK | GET k -> nil | SET k v -> OK");
    }
}
