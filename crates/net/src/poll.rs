//! Readiness: which of many sockets can be read or written, and a way to be woken from waiting for it.

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

/// The token of the waker: never that of a socket.
const WAKER: Token = Token(usize::MAX);

/// How many events one call reports at most.
const EVENTS: usize = 1024;

/// One socket that became ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The token it was registered with.
    pub token: usize,
    /// Bytes, a connection or the end can be read.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer sends nothing more: behind the bytes that it sent the end waits to be read.
    pub closed: bool,
}

/// Waits for sockets. Readiness is told once, when it begins: read and write until it would block.
pub struct Poller {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
}

impl Poller {
    /// A poller without sockets.
    pub fn new() -> io::Result<Poller> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Poller { poll, events: Events::with_capacity(EVENTS), waker })
    }

    /// Something that ends [`Poller::wait`] from another thread.
    pub fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let waker = Arc::clone(&self.waker);
        Arc::new(move || {
            // It can only fail when the poller is gone: then nobody needs waking.
            let _ = waker.wake();
        })
    }

    /// Watches a socket for bytes to read (and for room to write, if asked).
    pub fn add(&self, socket: RawFd, token: usize, writes: bool) -> io::Result<()> {
        let interest = if writes { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        self.poll.registry().register(&mut SourceFd(&socket), Token(token), interest)
    }

    /// Watches a socket no longer.
    pub fn remove(&self, socket: RawFd) -> io::Result<()> {
        self.poll.registry().deregister(&mut SourceFd(&socket))
    }

    /// Waits until something is ready, somebody wakes us or the time is over; appends what is ready to `ready`.
    pub fn wait(&mut self, at_most: Option<Duration>, ready: &mut Vec<Ready>) -> io::Result<()> {
        match self.poll.poll(&mut self.events, at_most) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            ready.push(Ready {
                token: event.token().0,
                readable: event.is_readable() || event.is_read_closed() || event.is_error(),
                writable: event.is_writable(),
                closed: event.is_read_closed() || event.is_error(),
            });
        }
        Ok(())
    }
}
