//! `--latency` and `--latency-history`: how long PING takes.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::args::Options;
use crate::format::Form;
use crate::modes::{connection, open};
use crate::run::print;

/// Between two samples.
const PAUSE: Duration = Duration::from_millis(10);

/// What was measured since the start. Shown in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Samples {
    count: u64,
    least_ms: u64,
    most_ms: u64,
    sum_us: u64,
}

impl Samples {
    fn add(&mut self, latency_us: u64) {
        let latency_ms = latency_us / 1000;
        self.least_ms = if self.count == 0 { latency_ms } else { self.least_ms.min(latency_ms) };
        self.most_ms = self.most_ms.max(latency_ms);
        self.sum_us += latency_us;
        self.count += 1;
    }

    fn show(&self, form: Form) -> String {
        let Samples { count, least_ms: least, most_ms: most, sum_us } = *self;
        let average = sum_us as f64 / 1e3 / count.max(1) as f64;
        match form {
            Form::Tty => format!("min: {least}, max: {most}, avg: {average:.2} ({count} samples)"),
            Form::Csv => format!("{least},{most},{average:.2},{count}\n"),
            Form::Raw => format!("{least} {most} {average:.2} {count}\n"),
            Form::Json | Form::QuotedJson => {
                format!("{{\"min\": {least}, \"max\": {most}, \"avg\": {average:.2}, \"count\": {count}}}\n")
            }
        }
    }
}

/// Measures until stopped; for programs, one interval only. `restarts` begins anew after each interval.
pub fn run(options: &Options, restarts: bool) -> Result<(), Failure> {
    let form = options.formatter.form;
    let is_single = !restarts && (form != Form::Tty || !crate::is_watched());
    let default = if restarts { 15 } else { 1 };
    let interval = if options.interval.is_zero() { Duration::from_secs(default) } else { options.interval };
    let mut session = open(options)?;
    let (mut samples, mut started) = (Samples::default(), Instant::now());
    loop {
        let asked = Instant::now();
        let reply = connection(&mut session)?.ask(&["PING"])?;
        if reply.is_error() {
            let text = String::from_utf8_lossy(reply.as_bytes().unwrap_or_default()).into_owned();
            return Err(Failure::Message(format!("ERROR: {text}")));
        }
        samples.add(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
        let is_over = started.elapsed() > interval;
        match form {
            _ if is_single && is_over => return Ok(print(samples.show(form).as_bytes())?),
            _ if is_single => {}
            Form::Tty => print(format!("\x1b[0G\x1b[2K{}", samples.show(form)).as_bytes())?,
            _ => print(samples.show(form).as_bytes())?,
        }
        if restarts && is_over {
            print(format!(" -- {:.2} seconds range\n", started.elapsed().as_secs_f64()).as_bytes())?;
            (samples, started) = (Samples::default(), Instant::now());
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_samples_in_every_form() {
        let mut samples = Samples::default();
        [3_200, 10, 800].into_iter().for_each(|latency| samples.add(latency));
        assert_eq!(samples.show(Form::Tty), "min: 0, max: 3, avg: 1.34 (3 samples)");
        assert_eq!(samples.show(Form::Raw), "0 3 1.34 3\n");
        assert_eq!(samples.show(Form::Csv), "0,3,1.34,3\n");
        assert_eq!(samples.show(Form::Json), "{\"min\": 0, \"max\": 3, \"avg\": 1.34, \"count\": 3}\n");
    }
}
