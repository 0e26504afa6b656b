//! LATENCY HISTOGRAM: how many runs of a command took how long at most.

use super::LATENCY;
use crate::prelude::*;
use engine::command::index::Indexed;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "HISTOGRAM",
        summary: "Returns how many runs of commands took how long at most.",
        since: "7.0.0",
        complexity: "O(N) with N the number of commands that are told of.",
        arity: Arity::AtLeast(2),
        args: &[Arg::string("command").optional().multiple()],
        ..LATENCY
    },
};

fn run(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let table = ctx.engine.table;
    let wanted: Vec<&Indexed> = if args.is_empty() {
        table.all().iter().collect()
    } else {
        args.rest()
            .filter_map(|name| table.find_full(name))
            .flat_map(|command| family(ctx, command))
            .collect()
    };
    let latencies = &ctx.engine.stats.latencies;
    let measured: Vec<_> = wanted
        .into_iter()
        .filter_map(|one| Some((one, latencies[usize::from(one.id.0)].as_ref()?)))
        .collect();
    ctx.reply.map(measured.len());
    for (command, histogram) in measured {
        let steps = histogram.cumulative();
        ctx.reply.bulk(command.full_name.as_bytes());
        ctx.reply.map(2);
        ctx.reply.bulk(b"calls");
        ctx.reply.integer(steps.last().map_or(0, |step| step.1.cast_signed()));
        ctx.reply.bulk(b"histogram_usec");
        ctx.reply.map(steps.len());
        for (us, runs) in steps {
            ctx.reply.integer(us.cast_signed());
            ctx.reply.integer(runs.cast_signed());
        }
    }
    Ok(())
}

/// A command and its subcommands.
fn family(ctx: &Context<'_>, command: &'static Indexed) -> Vec<&'static Indexed> {
    let table = ctx.engine.table;
    let subcommands = command.subcommands.iter().map(|&id| table.get(id));
    std::iter::once(command).chain(subcommands).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn counts_runs_of_commands_and_of_all_in_a_container() {
        let mut bench = Bench::new();
        for request in ["GET k", "CLIENT ID", "CLIENT GETNAME", "CLIENT ID"] {
            bench.run(request);
        }
        for histogram in bench.node.engine.stats.latencies.iter_mut().flatten() {
            *histogram = Default::default();
            [3_000, 50_000, 3_500].into_iter().for_each(|ns| histogram.record(ns));
        }
        check_on(
            &mut bench,
            r#"LATENCY HISTOGRAM get nosuch -> ["get", ["calls", 3, "histogram_usec", [4, 2, 66, 3]]]
               LATENCY HISTOGRAM client|id -> ["client|id", ["calls", 3, "histogram_usec", [4, 2, 66, 3]]]
               RESP3 | LATENCY HISTOGRAM GET -> {"get": {"calls": 3, "histogram_usec": {4: 2, 66: 3}}}"#,
        );
        let text = bench.run("LATENCY HISTOGRAM client");
        assert_eq!(text.matches("\"calls\"").count(), 2, "{text}");
        assert!(bench.run("LATENCY HISTOGRAM").matches("\"calls\"").count() > 3);
    }
}
