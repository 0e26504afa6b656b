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
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(NO_AUTH).and(ALLOW_BUSY).and(RUNS_IN_MULTI),
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn reset(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.client.kind != ClientKind::Normal {
        return Err(Stop::error("ERR can only reset normal client connections"));
    }
    let needs_password = !ctx.engine.acl.default_needs_no_password();
    ctx.forget_watched();
    let client = &mut *ctx.client;
    client.set_transaction(None);
    client.select(0);
    client.speak(Version::Resp2);
    client.reply_mode = ReplyMode::On;
    client.no_touch = false;
    client.card.set(flag::NO_EVICT | flag::NO_TOUCH, false);
    client.card.texts.lock().name.clear();
    client.authenticate_as("default");
    client.is_authenticated = !needs_password;
    ctx.reply.set_version(Version::Resp2);
    ctx.reply.simple("RESET");
    Ok(())
}
