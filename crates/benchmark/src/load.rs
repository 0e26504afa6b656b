//! One test from start to end: spreads the connections over threads, watches them, adds their figures up.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use resp::value::ProtocolError;

use crate::args::Options;
use crate::connect;
use crate::progress::Counted;
use crate::worker::Worker;
use crate::workload::Workload;

/// How often the progress line is redrawn.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// The longest latency that is told apart, in microseconds: a minute.
const LONGEST_LATENCY_US: u64 = 60_000_000;

/// Why a test ended early.
#[derive(Debug)]
pub enum LoadError {
    /// No connection to the server.
    Connect(String, io::Error),
    /// The server refused AUTH, HELLO or SELECT.
    Refused(String, String),
    /// An error reply amid the test: a figure with errors in it means nothing.
    Reply(String),
    /// What came is not RESP.
    Protocol(ProtocolError),
    /// The server hung up.
    Closed,
    /// The connection failed.
    Io(io::Error),
    /// Standard input failed.
    Input(io::Error),
    /// Standard output failed.
    Output(io::Error),
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Connect(address, error) => {
                write!(formatter, "Could not connect to server at {address}: {error}")
            }
            LoadError::Refused(address, text) => {
                write!(formatter, "Node {address} replied with error:\n{text}")
            }
            LoadError::Reply(text) => write!(formatter, "Error from server: {text}"),
            LoadError::Protocol(error) => write!(formatter, "Error: {error}"),
            LoadError::Closed => formatter.write_str("Error: Server closed the connection"),
            LoadError::Io(error) => write!(formatter, "Error: {error}"),
            LoadError::Input(error) => write!(formatter, "Error reading standard input: {error}"),
            LoadError::Output(error) => write!(formatter, "Error writing: {error}"),
        }
    }
}

/// The figures of one test.
pub struct Measured {
    /// Latencies in microseconds.
    pub latencies: Histogram<u64>,
    /// Replies that came.
    pub requests: u64,
    /// From the first request to the last reply.
    pub elapsed: Duration,
}

/// How much is left to send, and what came back: shared by the threads of a test.
pub struct Ledger {
    started: Instant,
    stop_after_us: u64,
    limit: u64,
    issued: AtomicU64,
    finished: AtomicU64,
    latency_sum_us: AtomicU64,
    stopped: AtomicBool,
}

impl Ledger {
    fn new(options: &Options) -> Ledger {
        let in_micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Ledger {
            started: Instant::now(),
            stop_after_us: options.duration.map_or(u64::MAX, in_micros),
            limit: if options.duration.is_some() { u64::MAX } else { options.requests },
            issued: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            latency_sum_us: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    /// Microseconds since the test began.
    pub fn now_us(&self) -> u64 {
        let elapsed = self.started.elapsed();
        elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros())
    }

    /// How many of `wanted` requests may still be sent.
    pub fn grant(&self, wanted: usize, now_us: u64) -> usize {
        if now_us >= self.stop_after_us || self.stopped.load(Ordering::Relaxed) {
            return 0;
        }
        let before = self.issued.fetch_add(wanted as u64, Ordering::Relaxed);
        usize::try_from(self.limit.saturating_sub(before)).unwrap_or(usize::MAX).min(wanted)
    }

    /// Notes `replies` that took `latency_us` each.
    pub fn note(&self, replies: usize, latency_us: u64) {
        self.finished.fetch_add(replies as u64, Ordering::Relaxed);
        self.latency_sum_us.fetch_add(latency_us * replies as u64, Ordering::Relaxed);
    }

    /// Grants nothing any more, so that the other threads end when one has failed.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn counted(&self) -> Counted {
        Counted {
            elapsed_us: self.now_us(),
            requests: self.finished.load(Ordering::Relaxed),
            latency_sum_us: self.latency_sum_us.load(Ordering::Relaxed),
        }
    }
}

/// A histogram of microseconds with three significant digits.
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_LATENCY_US, 3).expect("the bounds are in order")
}

/// Runs `workload` to its end; `watch` is called now and then.
pub fn run(
    options: &Options,
    workload: &Workload,
    mut watch: impl FnMut(Counted),
) -> Result<Measured, LoadError> {
    let mut workers = open_workers(options, workload)?;
    let ledger = Ledger::new(options);
    let (sender, results) = mpsc::channel();
    let mut latencies = new_histogram();
    std::thread::scope(|scope| {
        let running = workers.len();
        for mut worker in workers.drain(..) {
            let (sender, ledger) = (sender.clone(), &ledger);
            // The receiver outlives the threads unless one of them failed; the others' figures are void then.
            scope.spawn(move || {
                let result = worker.run(ledger).inspect_err(|_| ledger.stop());
                sender.send(result.map(|()| worker.latencies)).unwrap_or_default();
            });
        }
        drop(sender);
        let mut done = 0;
        while done < running {
            match results.recv_timeout(PROGRESS_INTERVAL) {
                Ok(result) => {
                    latencies.add(&result?).expect("the histograms have the same bounds");
                    done += 1;
                }
                Err(RecvTimeoutError::Timeout) => watch(ledger.counted()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(())
    })?;
    let counted = ledger.counted();
    Ok(Measured { latencies, requests: counted.requests, elapsed: Duration::from_micros(counted.elapsed_us) })
}

/// Connects everybody before the clock starts.
fn open_workers<'a>(options: &'a Options, workload: &Workload) -> Result<Vec<Worker<'a>>, LoadError> {
    let threads = options.threads.clamp(1, options.clients);
    let mut workers = Vec::with_capacity(threads);
    for thread in 0..threads {
        let clients = options.clients / threads + usize::from(thread < options.clients % threads);
        workers.push(Worker::open(options, workload, clients, thread as u64)?);
    }
    Ok(workers)
}

/// Opens the connections and waits for ever.
pub fn hold_idle(options: &Options) -> Result<(), LoadError> {
    let held = (0..options.clients).map(|_| connect::open(options)).collect::<Result<Vec<_>, _>>()?;
    while !held.is_empty() {
        std::thread::park();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
