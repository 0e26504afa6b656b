//! SETs at a steady rate, whatever the server does: each latency counts from when its request was due, so that a
//! stalled server cannot hide the requests that would have come meanwhile.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::{Connection, append, key, noise};
use super::server::Server;

/// Requests become due in groups, one each millisecond.
const TICK: Duration = Duration::from_millis(1);

/// When a request was due and how long its reply took from then.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// When it was due.
    pub due: Instant,
    /// In milliseconds.
    pub latency_ms: f64,
}

/// Which requests to send.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests a second, a multiple of 1000.
    pub rate: u64,
    /// Random keys below this number.
    pub keys: u64,
    /// Bytes of a value.
    pub value_bytes: usize,
}

/// Sends SETs while `work` runs, and tells what it found and how long each took.
///
/// # Errors
///
/// That of `work`, or a sentence about a lost connection.
pub fn during<T>(
    server: &Server,
    pace: Pace,
    work: impl FnOnce() -> Result<T, String>,
) -> Result<(T, Vec<Sample>), String> {
    let is_over = AtomicBool::new(false);
    let mut replies = server.connect()?;
    let requests = replies.second()?;
    thread::scope(|scope| {
        let (sender, due) = channel();
        let writer = scope.spawn(|| send(requests, pace, &is_over, sender));
        let reader = scope.spawn(move || receive(&mut replies, &due));
        let outcome = work();
        is_over.store(true, Relaxed);
        writer.join().map_err(|_| "the load's writer panicked")??;
        let samples = reader.join().map_err(|_| "the load's reader panicked")??;
        Ok((outcome?, samples))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "dropping the sender tells the reader that all is sent")]
fn send(
    mut connection: Connection,
    pace: Pace,
    is_over: &AtomicBool,
    due_times: Sender<(Instant, u64)>,
) -> Result<(), String> {
    let value = noise(1, pace.value_bytes);
    let group = pace.rate * TICK.as_millis() as u64 / 1000;
    let (mut due, mut number, mut requests) = (Instant::now(), 0_u64, Vec::new());
    while !is_over.load(Relaxed) {
        requests.clear();
        for _ in 0..group {
            // A step that shares no factor with the count visits the keys as if at random.
            number = (number + 7_368_787) % pace.keys.max(1);
            append(&mut requests, &[b"SET", key(number).as_bytes(), &value]);
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // A reader that has given up tells why when it is joined.
        if due_times.send((due, group)).is_err() {
            break;
        }
        connection.send(&requests)?;
        due += TICK;
    }
    Ok(())
}

fn receive(connection: &mut Connection, due_times: &Receiver<(Instant, u64)>) -> Result<Vec<Sample>, String> {
    let mut samples = Vec::new();
    for (due, count) in due_times {
        for _ in 0..count {
            connection.expect_ok()?;
            samples.push(Sample { due, latency_ms: due.elapsed().as_secs_f64() * 1e3 });
        }
    }
    Ok(samples)
}

/// The latency that a share of the samples between two times did not exceed, in milliseconds.
pub fn quantile_ms(samples: &[Sample], from: Instant, until: Instant, share: f64) -> f64 {
    let within = samples.iter().filter(|sample| (from..=until).contains(&sample.due));
    let mut latencies: Vec<f64> = within.map(|sample| sample.latency_ms).collect();
    latencies.sort_by(f64::total_cmp);
    let rank = (latencies.len() as f64 * share).ceil() as usize;
    latencies.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_quantiles_of_the_time_between() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let samples: Vec<Sample> =
            (0..1000).map(|ms| Sample { due: at(ms), latency_ms: ms as f64 }).collect();
        assert_eq!(quantile_ms(&samples, at(0), at(999), 0.999), 998.0);
        assert_eq!(quantile_ms(&samples, at(100), at(199), 0.5), 149.0);
        assert_eq!(quantile_ms(&[], at(0), at(1), 0.5), 0.0);
    }
}
