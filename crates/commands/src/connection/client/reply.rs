//! CLIENT REPLY: fewer replies for those who do not read them.

use crate::prelude::*;
use engine::client::session::ReplyMode;
pub(super) const COMMAND: Command = Command {
    run: reply,
    spec: Spec {
        name: "REPLY",
        summary: "Chooses whether requests are answered.",
        since: "3.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::one_of(
            "on_off_skip",
            &[Arg::token("on", "ON"), Arg::token("off", "OFF"), Arg::token("skip", "SKIP")],
        )],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn reply(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    // What is not wanted is withheld where the reply ends.
    let mode = if args.keyword("ON") {
        ReplyMode::On
    } else if args.keyword("OFF") {
        ReplyMode::Off
    } else if args.keyword("SKIP") {
        match ctx.client.reply_mode {
            ReplyMode::Off => ReplyMode::Off,
            _ => ReplyMode::SkipNext,
        }
    } else {
        return Err(Stop::SYNTAX);
    };
    ctx.client.reply_mode = mode;
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    fn replies(requests: &[&str]) -> Vec<String> {
        let mut bench = Bench::new();
        requests.iter().map(|request| bench.run(request)).collect()
    }

    #[test]
    fn off_until_on() {
        let requests = ["CLIENT REPLY OFF", "PING", "CLIENT REPLY SKIP", "PING", "CLIENT REPLY ON", "PING"];
        assert_eq!(replies(&requests), ["", "", "", "", "OK", "PONG"]);
    }

    #[test]
    fn skip_is_for_one_request() {
        assert_eq!(replies(&["CLIENT REPLY SKIP", "PING", "PING"]), ["", "", "PONG"]);
        assert_eq!(replies(&["CLIENT REPLY maybe"]), ["ERR syntax error"]);
    }
}
