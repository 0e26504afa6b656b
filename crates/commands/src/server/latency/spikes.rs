//! LATENCY LATEST, HISTORY and RESET: the spikes of each event.

use super::LATENCY;
use crate::prelude::*;

pub(super) const LATEST: Command = Command {
    run: latest,
    subcommands: &[],
    spec: Spec { name: "LATEST", summary: "Returns the latest spike of each event.", ..LATENCY },
};

pub(super) const HISTORY: Command = Command {
    run: history,
    subcommands: &[],
    spec: Spec {
        name: "HISTORY",
        summary: "Returns the spikes of an event.",
        arity: Arity::Exactly(3),
        args: &[Arg::string("event")],
        ..LATENCY
    },
};

pub(super) const RESET: Command = Command {
    run: reset,
    subcommands: &[],
    spec: Spec {
        name: "RESET",
        summary: "Forgets the spikes of events, or of all.",
        arity: Arity::AtLeast(2),
        args: &[Arg::string("event").optional().multiple()],
        tips: &["request_policy:all_nodes", "response_policy:agg_sum"],
        ..LATENCY
    },
};

fn latest(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let events = ctx.engine.latency_events.all();
    ctx.reply.array(events.len());
    for (event, series) in events {
        let Some(spike) = series.spikes().last() else { continue };
        ctx.reply.array(4);
        ctx.reply.bulk(event.as_bytes());
        ctx.reply.integer(spike.time_s);
        ctx.reply.integer(spike.ms.cast_signed());
        ctx.reply.integer(series.longest_ms().cast_signed());
    }
    Ok(())
}

fn history(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let Some((_, series)) = ctx.engine.latency_events.find(args.next()?) else {
        ctx.reply.array(0);
        return Ok(());
    };
    let spikes = series.spikes();
    ctx.reply.array(spikes.len());
    for spike in spikes {
        ctx.reply.array(2);
        ctx.reply.integer(spike.time_s);
        ctx.reply.integer(spike.ms.cast_signed());
    }
    Ok(())
}

fn reset(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let events = &mut ctx.engine.latency_events;
    let forgotten = if args.is_empty() {
        events.clear()
    } else {
        args.rest().filter(|event| events.remove(event)).count()
    };
    ctx.reply.integer(forgotten as i64);
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use crate::testing::{Bench, check, check_on};

    /// A bench on which something took long.
    pub(in crate::server::latency) fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.node.engine.config.statistics.latency_monitor_threshold = 10;
        for (event, ms) in [("command", 30), ("expire-cycle", 15), ("command", 9), ("command", 12)] {
            bench.node.engine.note_latency(event, ms * 1000);
            bench.advance(2000);
        }
        bench
    }

    #[test]
    fn tells_of_every_event() {
        check_on(
            &mut bench(),
            r#"LATENCY LATEST -> [["command", 1700000006, 12, 30], ["expire-cycle", 1700000002, 15, 15]]
               LATENCY HISTORY command -> [[1700000000, 30], [1700000006, 12]] | LATENCY HISTORY nosuch -> []
               LATENCY RESET command command nosuch -> 1 | LATENCY HISTORY command -> [] | LATENCY RESET -> 1
               LATENCY LATEST -> []"#,
        );
    }

    #[test]
    fn slow_commands_are_remembered_by_their_kind() {
        let mut bench = Bench::new();
        let options = &mut bench.node.engine.config;
        options.security.enable_debug_command = engine::config::options::Permission::Everybody;
        options.statistics.latency_monitor_threshold = 1;
        bench.run("DEBUG SLEEP 0.002");
        let text = bench.run("LATENCY LATEST");
        assert!(text.starts_with("[[\"command\", 1700000000, "), "{text}");
        bench.node.engine.config.statistics.latency_monitor_threshold = 0;
        check_on(&mut bench, "LATENCY RESET | DEBUG SLEEP 0.002 | LATENCY LATEST -> []");
    }

    #[test]
    fn is_a_container() {
        check(
            "LATENCY FOO -> ERR unknown subcommand 'FOO'. Try LATENCY HELP.
             LATENCY HISTORY -> ERR wrong number of arguments for 'latency|history' command",
        );
    }
}
