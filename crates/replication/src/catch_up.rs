//! The threads that feed replicas from files until they are so near to the end of the log that memory holds the rest.
//!
//! Near the end a reader of memory is pinned there, the files are read up to that place, and the replica's worker goes on.
//! A replica that does not keep up meanwhile loses the pin again: it costs the primary no more memory than
//! [`memory_limit_bytes`](crate::stream_start::memory_limit_bytes), however slow it is.

use crate::stream_start::{StreamStart, memory_limit_bytes};
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::facts::replication_events::Cause;
use engine::shared::Shared;
use log::Offset;
use log::reader::StreamSource;
use log::tail::ReaderId;
use net::poll::Poller;
use net::stream::Stream;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many bytes are read and sent at once.
const CHUNK_BYTES: usize = 256 * 1024;
/// So near to the end memory takes over.
const NEAR_BYTES: u64 = 1 << 20;
/// How often the facts are looked at while nothing moves.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The wait for bytes that are handed over and not yet written to the file.
const PAUSE: Duration = Duration::from_millis(1);
/// How long nothing may come out of the files that must hold more.
const STALL_MAX: Duration = Duration::from_secs(10);

/// Why a replica can be fed no longer.
#[derive(Clone, Debug)]
pub struct Failed {
    /// For the events.
    pub cause: Cause,
    /// What was seen.
    pub evidence: String,
}

/// A replica that memory can feed from here on.
#[derive(Clone, Copy, Debug)]
pub struct CaughtUp {
    /// Where its stream goes on.
    pub reader: ReaderId,
    /// Bytes that were sent from files.
    pub bytes: u64,
}

/// The end of a thread's work.
pub struct Finished {
    /// The replica.
    pub client: ClientId,
    /// Its worker.
    pub worker: u16,
    /// What became of it.
    pub outcome: Result<CaughtUp, Failed>,
}

/// Tells a worker that a replica was fed.
pub type Report = Box<dyn Fn(Finished) + Send + Sync>;

/// A replica to be fed.
pub struct Replica {
    /// Its connection.
    pub client: ClientId,
    /// Its worker.
    pub worker: u16,
    /// Its socket, to which nobody else writes meanwhile.
    pub stream: Stream,
    /// What it is still to get before the stream.
    pub before: Vec<u8>,
    /// Where the stream begins.
    pub start: StreamStart,
}

/// Starts the threads.
pub struct CatchUps {
    shared: Arc<Shared<Node>>,
    report: Arc<Report>,
}

impl CatchUps {
    /// For the replicas of this node.
    pub fn new(shared: Arc<Shared<Node>>, report: Report) -> CatchUps {
        CatchUps { shared, report: Arc::new(report) }
    }

    /// Feeds a replica until it has caught up. Its socket must not block; `timeout` is how long it may take nothing.
    pub fn start(&self, replica: Replica, timeout: Duration) -> io::Result<()> {
        let (shared, report) = (Arc::clone(&self.shared), Arc::clone(&self.report));
        let poller = Poller::new()?;
        poller.add(replica.stream.as_raw_fd(), 0, true)?;
        let feeding = Feeding { shared, replica, poller, timeout, pin: None, sent: 0, counted: 0 };
        stdx::thread::spawn("catch-up", move || feeding.run(&report)).map(drop)
    }
}

/// One replica being fed.
struct Feeding {
    shared: Arc<Shared<Node>>,
    replica: Replica,
    poller: Poller,
    timeout: Duration,
    /// The reader of memory, and where it stands.
    pin: Option<(ReaderId, Offset)>,
    sent: u64,
    /// How much of that is in the statistics.
    counted: u64,
}

impl Feeding {
    fn run(mut self, report: &Report) {
        let outcome = self.feed();
        let mut node = self.shared.lock();
        let unpin = self.pin.filter(|_| outcome.is_err());
        if let Some((reader, _)) = unpin {
            node.engine.propagation.tail.unpin(reader);
        }
        node.engine.stats.replication_output_bytes += self.sent - self.counted;
        drop(node);
        let Replica { client, worker, .. } = self.replica;
        let bytes = self.sent;
        report(Finished { client, worker, outcome: outcome.map(|reader| CaughtUp { reader, bytes }) });
    }

    fn feed(&mut self) -> Result<ReaderId, Failed> {
        let before = std::mem::take(&mut self.replica.before);
        self.send(&before)?;
        self.sent = 0;
        let mut source = self.source()?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let mut looked = Instant::now();
        let mut moved = Instant::now();
        loop {
            let at = source.position();
            let is_near = self.replica.start.kept.end().bytes_since(at) <= NEAR_BYTES;
            if looked.elapsed() >= LOOK_EVERY || (is_near && self.pin.is_none()) {
                looked = Instant::now();
                self.look(at)?;
            }
            if let Some((reader, _)) = self.pin.filter(|(_, target)| *target == at) {
                return Ok(reader);
            }
            let left = self.pin.map_or(u64::MAX, |(_, target)| target.bytes_since(at));
            let most = CHUNK_BYTES.min(usize::try_from(left).unwrap_or(CHUNK_BYTES));
            chunk.clear();
            if source.read(&mut chunk, most).map_err(|error| disk_failed(&error))? > 0 {
                moved = Instant::now();
                self.send(&chunk)?;
            } else if moved.elapsed() > STALL_MAX {
                return Err(disk_failed(&"the log is not written on"));
            } else {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// What was handed over for the files when the replica asked may not be written yet.
    fn source(&self) -> Result<Box<dyn StreamSource>, Failed> {
        let StreamStart { from, kept } = &self.replica.start;
        let began = Instant::now();
        while kept.end() < *from && began.elapsed() < STALL_MAX {
            std::thread::sleep(PAUSE);
        }
        kept.source(*from).map_err(|error| disk_failed(&error))
    }

    /// Looks at the facts: whether the replica is still there, how much memory the pin holds, whether the end is near.
    fn look(&mut self, at: Offset) -> Result<(), Failed> {
        let mut node = self.shared.lock();
        let engine = &mut node.engine;
        engine.stats.replication_output_bytes += self.sent - self.counted;
        self.counted = self.sent;
        if engine.replication.replica_mut(self.replica.client).is_none() {
            let evidence = "its connection is gone".to_string();
            return Err(Failed { cause: Cause::ConnectionBroken, evidence });
        }
        let limit_bytes = memory_limit_bytes(engine);
        let propagation = &mut engine.propagation;
        if let Some((reader, _)) = self.pin {
            let is_lost = propagation.tail.position(reader).is_none();
            if is_lost || propagation.tail.bytes_behind(reader) > limit_bytes {
                propagation.tail.unpin(reader);
                self.pin = None;
            }
        } else if propagation.end().bytes_since(at) <= NEAR_BYTES {
            propagation.submit();
            let end = propagation.end();
            self.pin = propagation.tail.pin(end).map(|reader| (reader, end));
        }
        Ok(())
    }

    fn send(&mut self, mut bytes: &[u8]) -> Result<(), Failed> {
        let mut moved = Instant::now();
        let mut ready = Vec::new();
        while !bytes.is_empty() {
            match self.replica.stream.write(bytes) {
                Ok(0) => return Err(broken(&"the connection takes nothing")),
                Ok(sent) => {
                    bytes = bytes.get(sent..).unwrap_or_default();
                    self.sent += sent as u64;
                    moved = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if moved.elapsed() > self.timeout {
                        let evidence = format!("it took nothing for {} seconds", self.timeout.as_secs());
                        return Err(Failed { cause: Cause::Silence, evidence });
                    }
                    ready.clear();
                    self.poller.wait(Some(LOOK_EVERY), &mut ready).map_err(|error| broken(&error))?;
                    if ready.is_empty() {
                        self.look(Offset::ZERO)?;
                    }
                }
                Err(error) => return Err(broken(&net::listener::os_text(&error))),
            }
        }
        Ok(())
    }
}

fn broken(reason: &dyn std::fmt::Display) -> Failed {
    Failed { cause: Cause::ConnectionBroken, evidence: reason.to_string() }
}

fn disk_failed(reason: &dyn std::fmt::Display) -> Failed {
    Failed { cause: Cause::DiskFailed, evidence: reason.to_string() }
}

#[cfg(test)]
mod tests;
