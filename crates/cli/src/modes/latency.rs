//! `--latency` and `--latency-history`: how long PING takes.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::args::Options;
use crate::format::Form;
use crate::modes::{connection, open};
use crate::run::print;

/// Between two samples.
const PAUSE: Duration = Duration::from_millis(10);

/// What was measured since the start, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Samples {
    count: u64,
    least: u64,
    most: u64,
    sum: u64,
}

impl Samples {
    fn add(&mut self, latency_ms: u64) {
        self.least = if self.count == 0 { latency_ms } else { self.least.min(latency_ms) };
        self.most = self.most.max(latency_ms);
        self.sum += latency_ms;
        self.count += 1;
    }

    fn show(&self, form: Form) -> String {
        let Samples { count, least, most, .. } = *self;
        let average = self.sum as f64 / count.max(1) as f64;
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
        samples.add(u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX));
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
        [3, 0, 1].into_iter().for_each(|latency| samples.add(latency));
        assert_eq!(samples.show(Form::Tty), "min: 0, max: 3, avg: 1.33 (3 samples)");
        assert_eq!(samples.show(Form::Raw), "0 3 1.33 3\n");
        assert_eq!(samples.show(Form::Csv), "0,3,1.33,3\n");
        assert_eq!(samples.show(Form::Json), "{\"min\": 0, \"max\": 3, \"avg\": 1.33, \"count\": 3}\n");
    }
}
