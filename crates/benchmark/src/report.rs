//! The figures of a test as text: in full, in a line, as CSV or as JSON.

use std::fmt::Write;

use hdrhistogram::Histogram;

use crate::args::Options;
use crate::connect;
use crate::load::{LoadError, Measured};
use crate::workload::Workload;

/// The columns of `--csv`.
const CSV_HEADING: &str = "\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\",\"p95_latency_ms\",\"p99_latency_ms\",\"max_latency_ms\"\n";

/// Up to here the distribution goes in steps of a tenth of a millisecond, beyond in whole ones. In microseconds.
const FINE_STEPS_UNTIL_US: u64 = 2_000;

/// What the server says of how it keeps its keys.
pub struct ServerSettings {
    save: String,
    appendonly: String,
}

impl ServerSettings {
    /// Asks the server; `None` when it does not tell.
    pub fn fetch(options: &Options) -> Result<Option<ServerSettings>, LoadError> {
        if !options.reports_in_full() {
            return Ok(None);
        }
        let mut stream = connect::open(options)?;
        let mut setting = |name: &str| -> Result<Option<String>, LoadError> {
            let reply = connect::ask(&mut stream, &["CONFIG", "GET", name])?;
            let value = reply.as_pairs().and_then(|pairs| pairs.first()?.1.as_bytes().map(<[u8]>::to_vec));
            Ok(value.map(|value| String::from_utf8_lossy(&value).into_owned()))
        };
        let (save, appendonly) = (setting("save")?, setting("appendonly")?);
        Ok(save.zip(appendonly).map(|(save, appendonly)| ServerSettings { save, appendonly }))
    }
}

/// How to print.
pub struct Report<'a> {
    options: &'a Options,
    settings: Option<ServerSettings>,
}

impl<'a> Report<'a> {
    /// A report in the form that the options ask for.
    pub fn new(options: &'a Options, settings: Option<ServerSettings>) -> Self {
        Report { options, settings }
    }

    /// What stands before the first test.
    pub fn heading(&self) -> &'static str {
        if self.options.csv { CSV_HEADING } else { "" }
    }

    /// What stands behind the last test.
    pub fn ending(&self) -> &'static str {
        if self.options.csv || self.options.json { "" } else { "\n" }
    }

    /// What stands for one test.
    pub fn section(&self, workload: &Workload, measured: &Measured) -> String {
        let figures = Figures::of(measured);
        if self.options.csv {
            self.csv(&workload.title, &figures)
        } else if self.options.json {
            self.json(&workload.title, measured, &figures)
        } else if self.options.quiet {
            let (rate, p50, decimals) = (figures.rate, figures.p50, self.options.precision);
            format!("{}: {rate:.2} requests per second, p50={p50:.decimals$} msec\n", workload.title)
        } else {
            self.full(&workload.title, measured, &figures)
        }
    }

    fn csv(&self, title: &str, figures: &Figures) -> String {
        let decimals = self.options.precision;
        let mut line = format!("\"{}\",\"{:.2}\"", title.replace('"', "\"\""), figures.rate);
        for latency in [figures.average, figures.least, figures.p50, figures.p95, figures.p99, figures.most] {
            push(&mut line, format_args!(",\"{latency:.decimals$}\""));
        }
        line.push('\n');
        line
    }

    fn json(&self, title: &str, measured: &Measured, figures: &Figures) -> String {
        let title: String = title.escape_default().to_string().replace("\\'", "'");
        let (seconds, options) = (measured.elapsed.as_secs_f64(), self.options);
        let mut line =
            format!("{{\"test\":\"{title}\",\"requests\":{},\"seconds\":{seconds:.3}", measured.requests);
        push(&mut line, format_args!(",\"clients\":{},\"pipeline\":{}", options.clients, options.pipeline));
        push(&mut line, format_args!(",\"threads\":{},\"rps\":{:.2}", options.threads.max(1), figures.rate));
        let latencies = [
            ("avg", figures.average),
            ("min", figures.least),
            ("p50", figures.p50),
            ("p95", figures.p95),
            ("p99", figures.p99),
            ("p999", figures.p999),
            ("max", figures.most),
        ];
        for (name, latency) in latencies {
            push(&mut line, format_args!(",\"{name}_latency_ms\":{latency:.3}"));
        }
        line.push_str("}\n");
        line
    }

    fn full(&self, title: &str, measured: &Measured, figures: &Figures) -> String {
        let decimals = self.options.precision;
        let mut text = self.circumstances(title, measured);
        text.push_str("\nLatency by percentile distribution:\n");
        push_percentiles(&mut text, &measured.latencies, decimals);
        text.push_str("\nCumulative distribution of latencies:\n");
        push_distribution(&mut text, &measured.latencies, decimals);
        push(
            &mut text,
            format_args!("\nSummary:\n  throughput summary: {:.2} requests per second\n", figures.rate),
        );
        text.push_str("  latency summary (msec):\n          avg       min       p50       p95       p99       max\n    ");
        for latency in [figures.average, figures.least, figures.p50, figures.p95, figures.p99, figures.most] {
            push(&mut text, format_args!("{latency:>9.decimals$} "));
        }
        text.pop();
        text.push_str("\n\n");
        text
    }

    fn circumstances(&self, title: &str, measured: &Measured) -> String {
        let options = self.options;
        let seconds = measured.elapsed.as_secs_f64();
        let mut text = format!(
            "====== {title} ======\n  {} requests completed in {seconds:.2} seconds\n",
            measured.requests
        );
        push(&mut text, format_args!("  {} parallel clients\n", options.clients));
        push(&mut text, format_args!("  {} bytes payload\n", options.value_bytes));
        push(&mut text, format_args!("  keep alive: {}\n", u8::from(options.keeps_alive)));
        if let Some(settings) = &self.settings {
            push(&mut text, format_args!("  host configuration \"save\": {}\n", settings.save));
            push(&mut text, format_args!("  host configuration \"appendonly\": {}\n", settings.appendonly));
        }
        let threaded = if options.threads > 0 { "yes" } else { "no" };
        push(&mut text, format_args!("  multi-thread: {threaded}\n"));
        if options.threads > 0 {
            push(&mut text, format_args!("  threads: {}\n", options.threads));
        }
        text
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to memory cannot fail");
}

/// The rate per second; latencies in milliseconds.
struct Figures {
    rate: f64,
    average: f64,
    least: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    p999: f64,
    most: f64,
}

impl Figures {
    fn of(measured: &Measured) -> Figures {
        let latencies = &measured.latencies;
        let at = |quantile: f64| in_ms(latencies.value_at_quantile(quantile));
        Figures {
            rate: measured.requests as f64 / measured.elapsed.as_secs_f64().max(1e-6),
            average: latencies.mean() / 1e3,
            least: in_ms(latencies.min()),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            most: in_ms(latencies.max()),
        }
    }
}

fn in_ms(microseconds: u64) -> f64 {
    microseconds as f64 / 1e3
}

/// Each line halves what is left above it.
fn push_percentiles(text: &mut String, latencies: &Histogram<u64>, decimals: usize) {
    for step in latencies.iter_quantiles(1) {
        let percent = step.quantile_iterated_to() * 100.0;
        let below = latencies.count_between(0, step.value_iterated_to());
        let latency = in_ms(step.value_iterated_to());
        push(
            text,
            format_args!("{percent:.3}% <= {latency:.decimals$} milliseconds (cumulative count {below})\n"),
        );
    }
}

fn push_distribution(text: &mut String, latencies: &Histogram<u64>, decimals: usize) {
    let total = latencies.len();
    let (mut limit, mut below, mut shown) = (100, 0, None);
    let mut recorded = latencies.iter_recorded().peekable();
    while below < total {
        while let Some(step) = recorded.next_if(|step| step.value_iterated_to() <= limit) {
            below += step.count_since_last_iteration();
        }
        if shown != Some(below) {
            let (percent, latency) = (below as f64 * 100.0 / total as f64, in_ms(limit));
            push(
                text,
                format_args!(
                    "{percent:.3}% <= {latency:.decimals$} milliseconds (cumulative count {below})\n"
                ),
            );
            shown = Some(below);
        }
        limit += if limit >= FINE_STEPS_UNTIL_US { 1_000 } else { 100 };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::new_histogram;

    fn measured() -> Measured {
        let mut latencies = new_histogram();
        latencies.record_n(80, 2).expect("in bounds");
        latencies.record_n(400, 7).expect("in bounds");
        latencies.record_n(2_500, 1).expect("in bounds");
        Measured { latencies, requests: 10, elapsed: Duration::from_millis(500) }
    }

    fn section(options: &Options) -> String {
        let workload = Workload { title: "SET".into(), request: Vec::new(), random_offsets: Vec::new() };
        let settings = ServerSettings { save: "60 1".into(), appendonly: "no".into() };
        Report::new(options, Some(settings)).section(&workload, &measured())
    }

    #[test]
    fn prints_the_full_report() {
        let expected = "====== SET ======\n  10 requests completed in 0.50 seconds\n  50 parallel clients\n  3 bytes payload\n  keep alive: 1\n  host configuration \"save\": 60 1\n  host configuration \"appendonly\": no\n  multi-thread: no\n\nLatency by percentile distribution:\n";
        let text = section(&Options::default());
        assert!(text.starts_with(expected), "{text}");
        let distribution = "\nCumulative distribution of latencies:\n20.000% <= 0.100 milliseconds (cumulative count 2)\n90.000% <= 0.400 milliseconds (cumulative count 9)\n100.000% <= 3.000 milliseconds (cumulative count 10)\n\nSummary:\n  throughput summary: 20.00 requests per second\n  latency summary (msec):\n          avg       min       p50       p95       p99       max\n        0.546     0.080     0.400     2.501     2.501     2.501\n\n";
        assert!(text.ends_with(distribution), "{text}");
        assert!(text.contains("100.000% <= 2.501 milliseconds (cumulative count 10)\n"), "{text}");
    }

    #[test]
    fn prints_one_line_where_asked() {
        assert_eq!(
            section(&Options { quiet: true, precision: 1, ..Options::default() }),
            "SET: 20.00 requests per second, p50=0.4 msec\n"
        );
        assert_eq!(
            section(&Options { csv: true, ..Options::default() }),
            "\"SET\",\"20.00\",\"0.546\",\"0.080\",\"0.400\",\"2.501\",\"2.501\",\"2.501\"\n"
        );
        let json = section(&Options { json: true, pipeline: 16, ..Options::default() });
        assert!(
            json.starts_with(
                "{\"test\":\"SET\",\"requests\":10,\"seconds\":0.500,\"clients\":50,\"pipeline\":16,"
            ),
            "{json}"
        );
    }
}
