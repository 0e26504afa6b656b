//! LATENCY GRAPH: the spikes of an event as columns of characters, each with its age below.

use super::{LATENCY, no_samples};
use crate::prelude::*;
use engine::observability::latency_events::Series;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "GRAPH",
        summary: "Draws the spikes of an event.",
        arity: Arity::Exactly(3),
        args: &[Arg::string("event")],
        ..LATENCY
    },
};

/// Columns of a drawing: the latest spikes.
const COLUMNS: usize = 80;
/// Lines of a drawing without the ages.
const LINES: u64 = 4;
/// What a column's highest line shows, from low to high.
const HEIGHTS: [char; 3] = ['_', 'o', '#'];

fn run(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let event = args.next()?;
    let (name, series) = ctx.engine.latency_events.find(event).ok_or_else(|| no_samples(event))?;
    let text = draw(name, series, ctx.now_ms() / 1000);
    ctx.reply.verbatim("txt", text.as_bytes());
    Ok(())
}

fn draw(event: &str, series: &Series, now_s: i64) -> String {
    let spikes = series.spikes();
    let hidden = spikes.len().saturating_sub(COLUMNS);
    let shown: Vec<_> = spikes.skip(hidden).collect();
    let low = shown.iter().map(|spike| spike.ms).min().unwrap_or(0);
    let high = shown.iter().map(|spike| spike.ms).max().unwrap_or(0);
    let mut text =
        format!("{event} - high {high} ms, low {low} ms (all time high {} ms)\n", series.longest_ms());
    text.extend(std::iter::repeat_n('-', COLUMNS));
    text.push('\n');
    let steps = LINES * HEIGHTS.len() as u64;
    let height = |ms: u64| (ms - low) * (steps - 1) / (high - low).max(1);
    for line in (0..LINES).rev() {
        text.extend(shown.iter().map(|spike| column(height(spike.ms), line)));
        text.push('\n');
    }
    let ages: Vec<String> = shown.iter().map(|spike| age(now_s - spike.time_s)).collect();
    for place in 0..ages.iter().map(String::len).max().unwrap_or(0) {
        text.push('\n');
        text.extend(ages.iter().map(|age| age.chars().nth(place).unwrap_or(' ')));
    }
    text.push('\n');
    text
}

/// What a column of some height shows in a line, counted from below.
fn column(height: u64, line: u64) -> char {
    let steps = HEIGHTS.len() as u64;
    match (height / steps).cmp(&line) {
        std::cmp::Ordering::Less => ' ',
        std::cmp::Ordering::Equal => HEIGHTS[(height % steps) as usize],
        std::cmp::Ordering::Greater => '|',
    }
}

/// How long ago, with one unit: `5s`, `3m`, `2h`, `9d`.
fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3600 => format!("{}m", s / 60),
        s @ 3600..86_400 => format!("{}h", s / 3600),
        s => format!("{}d", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::super::spikes::tests::bench;
    use crate::testing::check_on;

    #[test]
    fn columns_with_their_ages() {
        let text = bench().run("LATENCY GRAPH command");
        let dashes = "-".repeat(80);
        let expected = format!(
            "\"command - high 30 ms, low 12 ms (all time high 30 ms)\\n{dashes}\\n# \\n| \\n| \\n|_\\n\\n82\\nss\\n\""
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn nothing_to_draw() {
        check_on(&mut bench(), "LATENCY GRAPH nosuch -> ERR No samples available for event 'nosuch'");
    }
}
