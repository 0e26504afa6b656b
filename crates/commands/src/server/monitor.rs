//! MONITOR: see every request that is run, as it is run.

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: monitor,
    spec: Spec {
        name: "MONITOR",
        summary: "Shows every request that the server runs.",
        since: "1.0.0",
        complexity: "O(1), and then O(N) for each request in the length of its words",
        group: Group::Server,
        arity: Arity::Exactly(1),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn monitor(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if !ctx.may_wait() {
        return Err(Stop::error("ERR MONITOR isn't allowed for DENY BLOCKING client"));
    }
    if !ctx.client.is_monitor {
        let notify = &mut ctx.engine.notify;
        notify.monitors.add(&mut notify.inboxes, ctx.client);
        ctx.reply.ok();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// The lines that a monitor got with its next reply, from the database on.
    fn lines(bench: &mut Bench) -> Vec<String> {
        let text = bench.run("#2 PING");
        let lines =
            text.split(" & ").filter_map(|line| line.split_once(" [").map(|(_, line)| line.to_owned()));
        lines.filter(|line| !line.ends_with("\"PING\"")).collect()
    }

    #[test]
    fn shows_what_is_run() {
        let mut bench = Bench::new();
        assert_eq!(bench.run("#2 MONITOR"), "OK");
        for request in
            ["SELECT 5", "GET \"a b\"", "MULTI", "SET k v", "EXEC", "SET k", "CONFIG GET port", "AUTH a b"]
        {
            bench.run(request);
        }
        let expected = [
            "5 ] \"SELECT\" \"5\"",
            "5 ] \"GET\" \"a b\"",
            "5 ] \"MULTI\"",
            "5 ] \"SET\" \"k\" \"v\"",
            "5 ] \"EXEC\"",
            "5 ] \"AUTH\" \"(redacted)\" \"(redacted)\"",
        ];
        assert_eq!(lines(&mut bench), expected);
        bench.run("HELLO 2 AUTH default secret SETNAME me");
        assert_eq!(
            lines(&mut bench),
            ["5 ] \"HELLO\" \"2\" \"AUTH\" \"(redacted)\" \"(redacted)\" \"SETNAME\" \"me\""]
        );
    }

    #[test]
    fn a_monitor_only_looks() {
        let mut bench = Bench::new();
        let refusal = "ERR Replica can't interact with the keyspace";
        assert_eq!([bench.run("MONITOR"), bench.run("GET k"), bench.run("MONITOR")], ["OK", refusal, ""]);
        assert_eq!([bench.run("RESET"), bench.run("GET k")], ["RESET", "nil"]);
        let refusal = "[ERR MONITOR isn't allowed for DENY BLOCKING client]";
        assert_eq!(bench.run("MULTI"), "OK");
        assert_eq!([bench.run("MONITOR"), bench.run("EXEC")], ["QUEUED", refusal]);
    }
}
