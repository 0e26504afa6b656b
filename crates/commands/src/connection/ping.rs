//! PING: is somebody there?

use crate::prelude::*;
use resp::reply::Version;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: ping,
    spec: Spec {
        name: "PING",
        summary: "Asks whether the server is there.",
        since: "1.0.0",
        group: Group::Connection,
        arity: Arity::AtLeast(1),
        flags: FAST.and(RUNS_WHEN_SUBSCRIBED),
        args: &[Arg::string("message").optional()],
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn ping(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if ctx.client.is_subscriber && ctx.reply.version() == Version::Resp2 && args.len() < 2 {
        // A subscriber expects messages: this one looks like them.
        ctx.reply.array(2);
        ctx.reply.bulk(b"pong");
        ctx.reply.bulk(args.peek().unwrap_or_default());
        return Ok(());
    }
    match args.len() {
        0 => ctx.reply.simple("PONG"),
        1 => ctx.reply.bulk(args.next()?),
        _ => return Err(Stop::error("ERR wrong number of arguments for 'ping' command")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn with_and_without_a_text() {
        check(
            "PING -> PONG | PING hello -> \"hello\" | PING a b -> ERR wrong number of arguments for 'ping' command",
        );
    }
}
