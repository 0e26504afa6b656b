//! One thread's clients and their loop: wait, read, count, send the next batch.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;

use hdrhistogram::Histogram;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use net::stream::Stream;
use resp::value::{Counted, ReplyCounter};

use crate::args::Options;
use crate::batch::Batch;
use crate::connect;
use crate::load::{Ledger, LoadError, new_histogram};
use crate::workload::Workload;

/// Read at once, in bytes; small enough for the second cache, large enough for a deep pipeline's replies.
const INPUT_BYTES: usize = 64 << 10;

/// Readiness reports taken at once.
const EVENTS: usize = 1024;

/// The clients of one thread.
pub struct Worker<'a> {
    options: &'a Options,
    poll: Poll,
    clients: Vec<Client>,
    active: usize,
    batch: Batch,
    input: Vec<u8>,
    /// Latencies in microseconds.
    pub latencies: Histogram<u64>,
}

struct Client {
    stream: Stream,
    counter: ReplyCounter,
    /// The start of a line whose end has not come.
    partial: Vec<u8>,
    /// What the socket did not take yet of the last batch.
    unsent: Vec<u8>,
    awaited: usize,
    sent_at_us: u64,
}

/// What a read brought.
enum Progress {
    Waiting,
    BatchDone,
}

impl<'a> Worker<'a> {
    /// Connects `clients`; `thread` makes the random numbers differ between threads.
    pub fn open(
        options: &'a Options,
        workload: &Workload,
        clients: usize,
        thread: u64,
    ) -> Result<Self, LoadError> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..)).wrapping_add(thread);
        let mut worker = Worker {
            options,
            poll: Poll::new().map_err(LoadError::Io)?,
            clients: Vec::with_capacity(clients),
            active: 0,
            batch: Batch::new(workload, options.pipeline, options.key_range.unwrap_or(1), seed),
            input: vec![0; INPUT_BYTES],
            latencies: new_histogram(),
        };
        for index in 0..clients {
            let client = worker.connect(index)?;
            worker.clients.push(client);
        }
        Ok(worker)
    }

    fn connect(&self, index: usize) -> Result<Client, LoadError> {
        let stream = connect::open(self.options)?;
        stream.set_nonblocking(true).map_err(LoadError::Io)?;
        // mio reports edges: writability is told only after a socket was full, so asking for it always costs nothing.
        let interest = Interest::READABLE | Interest::WRITABLE;
        let mut source = SourceFd(&stream.as_raw_fd());
        self.poll.registry().register(&mut source, Token(index), interest).map_err(LoadError::Io)?;
        Ok(Client::new(stream))
    }

    /// Sends until the ledger grants no more and all replies are in.
    pub fn run(&mut self, ledger: &Ledger) -> Result<(), LoadError> {
        self.active = self.clients.len();
        for index in 0..self.clients.len() {
            self.send_batch(index, ledger, ledger.now_us())?;
        }
        let mut events = Events::with_capacity(EVENTS);
        while self.active > 0 {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(LoadError::Io)?,
            }
            for event in &events {
                self.serve(event.token().0, ledger)?;
            }
        }
        Ok(())
    }

    fn serve(&mut self, index: usize, ledger: &Ledger) -> Result<(), LoadError> {
        let Some(client) = self.clients.get_mut(index) else { return Ok(()) };
        if client.awaited == 0 {
            return Ok(());
        }
        client.flush()?;
        let mut now_us = 0;
        let progress = client.receive(&mut self.input, |replies, sent_at_us| {
            now_us = ledger.now_us();
            let latency_us = now_us.saturating_sub(sent_at_us);
            self.latencies.saturating_record_n(latency_us.max(1), replies as u64);
            ledger.note(replies, latency_us);
        })?;
        match progress {
            Progress::Waiting => Ok(()),
            Progress::BatchDone if self.options.keeps_alive => self.send_batch(index, ledger, now_us),
            Progress::BatchDone => self.reconnect(index, ledger),
        }
    }

    fn reconnect(&mut self, index: usize, ledger: &Ledger) -> Result<(), LoadError> {
        let client = self.connect(index)?;
        // Closing the old connection takes it out of the poll.
        self.clients[index] = client;
        self.send_batch(index, ledger, ledger.now_us())
    }

    fn send_batch(&mut self, index: usize, ledger: &Ledger, now_us: u64) -> Result<(), LoadError> {
        let granted = ledger.grant(self.options.pipeline, now_us);
        if granted == 0 {
            self.active -= 1;
            return Ok(());
        }
        let client = &mut self.clients[index];
        client.awaited = granted;
        client.sent_at_us = now_us;
        client.send(self.batch.refresh(granted))
    }
}

impl Client {
    fn new(stream: Stream) -> Client {
        let counter = ReplyCounter::default();
        Client { stream, counter, partial: Vec::new(), unsent: Vec::new(), awaited: 0, sent_at_us: 0 }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        let sent = unless_blocked(self.stream.write(bytes))?.unwrap_or(0);
        self.unsent.extend_from_slice(bytes.get(sent..).unwrap_or_default());
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LoadError> {
        while !self.unsent.is_empty() {
            let Some(sent) = unless_blocked(self.stream.write(&self.unsent))? else { break };
            self.unsent.drain(..sent);
        }
        Ok(())
    }

    /// Reads until the batch is answered or nothing more is there; calls `note` with how many replies each read ended.
    fn receive(&mut self, input: &mut [u8], mut note: impl FnMut(usize, u64)) -> Result<Progress, LoadError> {
        loop {
            let held = self.partial.len();
            let (front, space) = input.split_at_mut_checked(held).ok_or(LoadError::Closed)?;
            front.copy_from_slice(&self.partial);
            let room = space.len();
            let Some(length) = unless_blocked(self.stream.read(space))? else { return Ok(Progress::Waiting) };
            if length == 0 {
                return Err(LoadError::Closed);
            }
            let arrived = input.get(..held + length).unwrap_or_default();
            let counted = self.counter.count(arrived).map_err(LoadError::Protocol)?;
            refuse_errors(arrived, &counted)?;
            self.partial.clear();
            self.partial.extend_from_slice(arrived.get(counted.consumed..).unwrap_or_default());
            if counted.replies > 0 {
                note(counted.replies, self.sent_at_us);
                self.awaited = self.awaited.saturating_sub(counted.replies);
            }
            if self.awaited == 0 {
                return Ok(Progress::BatchDone);
            }
            // A short read drained the socket: the next bytes make a new edge.
            if length < room {
                return Ok(Progress::Waiting);
            }
        }
    }
}

fn refuse_errors(input: &[u8], counted: &Counted) -> Result<(), LoadError> {
    match counted.error.and_then(|(start, end)| input.get(start..end)) {
        Some(text) => Err(LoadError::Reply(String::from_utf8_lossy(text).into_owned())),
        None => Ok(()),
    }
}

fn unless_blocked(result: io::Result<usize>) -> Result<Option<usize>, LoadError> {
    match result {
        Ok(length) => Ok(Some(length)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(LoadError::Io(error)),
    }
}
