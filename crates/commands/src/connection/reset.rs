//! RESET: the connection is as if it had just been made.

use crate::prelude::*;
use engine::client::card::{ClientKind, flag};
use engine::client::session::ReplyMode;
use resp::reply::Version;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: reset,
    spec: Spec {
        name: "RESET",
        summary: "Makes the connection as it was when it was new.",
        since: "6.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(1),
        flags: NOSCRIPT
            .and(LOADING)
            .and(STALE)
            .and(FAST)
            .and(NO_AUTH)
            .and(ALLOW_BUSY)
            .and(RUNS_IN_MULTI)
            .and(RUNS_WHEN_SUBSCRIBED),
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn reset(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.client.kind != ClientKind::Normal {
        return Err(Stop::error("ERR can only reset normal client connections"));
    }
    let needs_password = !ctx.engine.acl.default_needs_no_password();
    ctx.engine.notify.end_all(ctx.client);
    ctx.forget_watched();
    let client = &mut *ctx.client;
    client.set_transaction(None);
    client.select(0);
    client.speak(Version::Resp2);
    client.reply_mode = ReplyMode::On;
    client.no_touch = false;
    (client.follows_redirects, client.reads_anywhere) = (false, false);
    client.card.set(flag::NO_EVICT | flag::NO_TOUCH, false);
    client.card.texts.lock().name.clear();
    client.authenticate_as("default");
    client.is_authenticated = !needs_password;
    ctx.reply.set_version(Version::Resp2);
    ctx.reply.simple("RESET");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::client::card::ClientKind;

    #[test]
    fn forgets_transaction_database_name_and_version() {
        check(
            "HELLO 3 SETNAME me | SELECT 5 | WATCH k | MULTI | RESET -> RESET | EXEC -> ERR EXEC without MULTI
             CLIENT GETNAME -> nil | SET k v | SELECT 0 | GET k -> \"v\"",
        );
    }

    #[test]
    fn the_password_is_asked_for_again() {
        let mut bench = Bench::new();
        bench.node.engine.acl.set_default_password(b"secret");
        check_on(&mut bench, "AUTH secret -> OK | RESET -> RESET | PING -> NOAUTH Authentication required.");
    }

    #[test]
    fn only_for_ordinary_clients() {
        let mut bench = Bench::new();
        bench.client(1).kind = ClientKind::Replica;
        check_on(&mut bench, "RESET -> ERR can only reset normal client connections");
    }
}
