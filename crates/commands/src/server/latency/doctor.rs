//! LATENCY DOCTOR: what took long, in words, and what may help.

use super::LATENCY;
use crate::prelude::*;
use engine::config::options::{AppendFsync, Config};
use engine::observability::latency_events::{LatencyEvents, Series};
use std::fmt::Write;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec { name: "DOCTOR", summary: "Tells in words of what took long.", ..LATENCY },
};

/// What may help against spikes of the events that begin so; none where it would not apply.
type Advice = fn(&Config) -> Option<&'static str>;

const ADVICE: &[(&str, Advice)] = &[
    ("command", |config| {
        (config.statistics.slowlog_log_slower_than < 0).then_some(
            "Let slowlog-log-slower-than be 0 or more: SLOWLOG GET then shows which requests take long.",
        )
    }),
    ("command", |_| Some("Look into SLOWLOG GET for the requests that take long.")),
    ("command", |config| {
        (!config.lazy_free.lazyfree_lazy_user_del)
            .then_some("Remove large values with UNLINK, or set lazyfree-lazy-user-del: they are freed in the background.")
    }),
    ("fast-command", |_| {
        Some(
            "Commands that should be quick were not: look for other load on this machine, swapping, or a slow host.",
        )
    }),
    ("expire-cycle", |config| {
        (config.general.active_expire_effort > 1)
            .then_some("Lower active-expire-effort: removing expired keys takes much time.")
    }),
    ("expire-cycle", |_| {
        Some("Many keys expire at the same moment: spread their times, by adding something random to each.")
    }),
    ("aof", |config| {
        (config.append_only.appendfsync == AppendFsync::Always)
            .then_some("With appendfsync everysec replies do not wait for the disk; up to a second of writes is at risk then.")
    }),
    ("aof", |_| Some("Look for other programs that write to the same disk, or give the files a faster one.")),
];

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let text = report(&ctx.engine.latency_events, &ctx.engine.config);
    ctx.reply.verbatim("txt", text.as_bytes());
    Ok(())
}

fn report(events: &LatencyEvents, config: &Config) -> String {
    if events.all().len() == 0 {
        let text = if config.statistics.latency_monitor_threshold == 0 {
            "The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on."
        } else {
            "Nothing took as long as latency-monitor-threshold. There is nothing to advise."
        };
        return format!("{text}\n");
    }
    let mut text = "What took long:\n\n".to_owned();
    for (number, (event, series)) in events.all().enumerate() {
        // Writing to a string cannot fail.
        let _ = describe(&mut text, number + 1, event, series);
    }
    text.push_str("\nWhat may help:\n\n");
    let has = |prefix: &str| events.all().any(|(event, _)| event.starts_with(prefix));
    for advice in ADVICE.iter().filter(|(prefix, _)| has(prefix)).filter_map(|(_, advice)| advice(config)) {
        let _ = writeln!(text, "- {advice}");
    }
    text
}

fn describe(text: &mut String, number: usize, event: &str, series: &Series) -> std::fmt::Result {
    let times: Vec<i64> = series.spikes().map(|spike| spike.time_s).collect();
    let count = times.len() as u64;
    let mean = series.spikes().map(|spike| spike.ms).sum::<u64>() / count.max(1);
    let deviation = series.spikes().map(|spike| spike.ms.abs_diff(mean)).sum::<u64>() / count.max(1);
    let span_s = times.last().unwrap_or(&0) - times.first().unwrap_or(&0);
    let period_s = span_s as f64 / count.saturating_sub(1).max(1) as f64;
    writeln!(
        text,
        "{number}. {event}: {count} spikes (mean {mean} ms, mean deviation {deviation} ms, one in {period_s:.2} s). The \
         longest of all took {} ms.",
        series.longest_ms()
    )
}

#[cfg(test)]
mod tests {
    use super::super::spikes::tests::bench;
    use crate::testing::Bench;

    #[test]
    fn tells_what_took_long_and_what_may_help() {
        let text = bench().run("LATENCY DOCTOR");
        for part in [
            "1. command: 2 spikes (mean 21 ms, mean deviation 9 ms, one in 6.00 s). The longest of all took 30 ms.",
            "2. expire-cycle: 1 spikes",
            "- Look into SLOWLOG GET",
            "- Many keys expire",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("disk"), "{text}");
    }

    #[test]
    fn nothing_to_tell() {
        let mut bench = Bench::new();
        assert!(bench.run("LATENCY DOCTOR").starts_with("\"The latency monitor is off."));
        bench.node.engine.config.statistics.latency_monitor_threshold = 1;
        assert!(bench.run("LATENCY DOCTOR").starts_with("\"Nothing took as long"));
    }
}
