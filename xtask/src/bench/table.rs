//! Figures of both sides as a table of Markdown: the median of each, and the ratio.

use std::fmt::{self, Display, Formatter};

use super::contest::{SIDES, Side};

/// What is measured. The text is the row's name, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Commands a second.
    Throughput,
    /// The median latency.
    P50,
    /// The latency of the slowest hundredth.
    P99,
    /// The latency of the slowest thousandth.
    P999,
    /// The slowest of all.
    Slowest,
    /// The same without the work that is measured.
    P999Before,
    /// Processor time of the server for a command.
    CpuPerCommand,
    /// Processor time of the server for a message that reached a subscriber.
    CpuPerMessage,
    /// Processor time of the server for an element that a waiting client got: the wait and the push.
    CpuPerHandOver,
    /// Processor time of the server for a key that a walk met.
    CpuPerKey,
    /// Memory of the server for a key.
    RssPerKey,
    /// Memory of the server for an element of one large collection.
    RssPerElement,
    /// Memory of the server for a connection.
    RssPerConnection,
    /// Processor time of a server that has nothing to do.
    CpuAtRest,
    /// From the order to its completion.
    Seconds,
    /// Processor time of the server, or the primary.
    CpuSeconds,
    /// Processor time of the replica.
    ReplicaCpuSeconds,
    /// Processor time of the replica for a command of the primary's clients.
    ReplicaCpuPerCommand,
    /// From a write's acknowledgement until the replica showed it, the longest.
    WorstLag,
    /// From the last write that one primary acknowledged to the first of the next.
    WithoutWrites,
    /// Memory beyond what was held before.
    ExtraMemory,
    /// Of a hundred requests, those that found their key.
    HitRatio,
    /// The keys that had room.
    KeysHeld,
    /// The hits of a cache that always knows which key is to go, with room for as many keys.
    ExactHitRatio,
}

impl Display for Figure {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Throughput => "commands/s",
            Self::P50 => "p50, ms",
            Self::P99 => "p99, ms",
            Self::P999 => "p99.9, ms",
            Self::Slowest => "slowest, ms",
            Self::P999Before => "p99.9 in the second before, ms",
            Self::CpuPerCommand => "server CPU, µs a command",
            Self::CpuPerMessage => "server CPU, µs a delivered message",
            Self::CpuPerHandOver => "server CPU, µs a hand-over",
            Self::CpuPerKey => "server CPU, µs a key",
            Self::RssPerKey => "memory (RSS), bytes a key",
            Self::RssPerElement => "memory (RSS), bytes an element",
            Self::RssPerConnection => "memory (RSS), bytes a connection",
            Self::CpuAtRest => "server CPU, % of a core",
            Self::Seconds => "time, s",
            Self::CpuSeconds => "server CPU, s",
            Self::ReplicaCpuSeconds => "replica CPU, s",
            Self::ReplicaCpuPerCommand => "replica CPU, µs a command",
            Self::WorstLag => "worst lag, ms",
            Self::WithoutWrites => "without writes, ms",
            Self::ExtraMemory => "extra memory, MB",
            Self::HitRatio => "hits of 100 requests",
            Self::KeysHeld => "keys held",
            Self::ExactHitRatio => "hits of 100, exact choice of as many",
        })
    }
}

struct Row {
    case: String,
    figure: Figure,
    values: [Vec<f64>; SIDES.len()],
}

/// The rows of one case.
pub struct Table {
    names: [String; SIDES.len()],
    rows: Vec<Row>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(ochre: &str, peer: &str) -> Self {
        Self { names: [ochre.to_owned(), peer.to_owned()], rows: Vec::new() }
    }

    /// Adds what one turn measured.
    pub fn add(&mut self, case: &str, figure: Figure, side: Side, value: f64) {
        let at = self.rows.iter().position(|row| row.case == case && row.figure == figure);
        let at = at.unwrap_or_else(|| {
            self.rows.push(Row {
                case: case.to_owned(),
                figure,
                values: [const { Vec::new() }; SIDES.len()],
            });
            self.rows.len() - 1
        });
        self.rows[at].values[side as usize].push(value);
    }
}

impl Display for Table {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let [ochre, peer] = &self.names;
        writeln!(out, "| case | figure | {ochre} | {peer} | ratio |\n|---|---|---:|---:|---:|")?;
        for Row { case, figure, values } in &self.rows {
            let [ochre, peer] = values.each_ref().map(|values| median(values));
            let (left, right, ratio) = (rounded(ochre), rounded(peer), ochre / peer);
            writeln!(out, "| {case} | {figure} | {left} | {right} | {ratio:.2} |")?;
        }
        Ok(())
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN);
    f64::midpoint(lower, upper)
}

/// Three digits that mean something.
fn rounded(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_medians_and_ratios() {
        let mut table = Table::new("Ochre 0.1.0", "Valkey 9.1.2");
        for value in [9.0, 1.0, 2.0] {
            table.add("GET", Figure::P50, Side::Ochre, value);
        }
        table.add("GET", Figure::P50, Side::Peer, 4.0);
        let expected = "| case | figure | Ochre 0.1.0 | Valkey 9.1.2 | ratio |\n|---|---|---:|---:|---:|\n| GET | p50, ms | 2.00 | 4.00 | 0.50 |\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn the_median_of_two_lies_between() {
        assert_eq!(median(&[1.0, 4.0]), 2.5);
        assert_eq!([rounded(1234.5), rounded(0.0123), rounded(12.34)], ["1234", "0.012", "12.3"]);
    }
}
