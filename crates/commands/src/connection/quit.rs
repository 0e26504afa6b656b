//! QUIT: close the connection when everything is answered.

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: quit,
    spec: Spec {
        name: "QUIT",
        summary: "Closes the connection.",
        since: "1.0.0",
        group: Group::Connection,
        arity: Arity::AtLeast(1),
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

fn quit(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.ok();
    ctx.client.close_after_reply();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn closes_after_its_reply_even_in_a_transaction() {
        let mut bench = Bench::new();
        assert_eq!([bench.run("MULTI"), bench.run("QUIT")], ["OK", "OK"]);
        assert!(bench.client(1).close_after_reply);
    }
}
