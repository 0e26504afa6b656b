//! The thread that follows a primary: it does what the [machine](crate::follower::machine) says, with sockets and locks.

mod connecting;
mod copy_reader;
mod copying;
mod outcomes;
mod streaming;

use crate::follower::ended::Ended;
use crate::follower::machine::{Action, Actions, Input, Machine};
use copying::Taken;
use engine::engine::Node;
use engine::facts::replication::{LinkState, PrimaryLink};
use engine::shared::{Shared, Signal};
use net::stream::Stream;
use persistence::Persistence;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;
use streaming::InStep;

/// How much is read from the primary at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Waits for the primary's bytes, in milliseconds: one of two, so that the socket is seldom told another.
const READ_WAITS_MS: (u64, u64) = (100, 1000);
/// How long a link with nothing to do waits before it looks whether it is still wanted, in milliseconds.
const LOOK_EVERY_MS: u64 = 1000;

/// Starts and ends the link to the primary as the node's role changes.
pub struct Follower {
    shared: Arc<Shared<Node>>,
    persistence: Persistence,
    link: Arc<Link>,
}

/// What a running link can be ended by.
#[derive(Default)]
struct Link {
    socket: Shared<Option<Stream>>,
    changed: Signal,
}

impl Follower {
    /// A follower of nobody.
    pub fn new(shared: Arc<Shared<Node>>, persistence: Persistence) -> Follower {
        Follower { shared, persistence, link: Arc::default() }
    }

    /// The node follows somebody else or nobody: the old link ends, a new one begins.
    pub fn role_changed(&self, node: &mut Node) {
        self.stop();
        if node.engine.replication.primary.is_none() {
            return;
        }
        let thread = LinkThread {
            shared: Arc::clone(&self.shared),
            persistence: self.persistence.clone(),
            link: Arc::clone(&self.link),
            order: node.engine.replication.order,
            stream: None,
            read_wait_ms: 0,
            copy: None,
            in_step: None,
            peer: String::new(),
            is_over: false,
        };
        if let Err(error) = stdx::thread::spawn("replica-link", move || thread.run()) {
            stdx::logging::warning!("Starting the link to the primary: {error}");
        }
    }

    /// Ends the link's connection; its thread sees that its order was withdrawn.
    pub fn stop(&self) {
        let mut socket = self.link.socket.lock();
        if let Some(socket) = socket.take() {
            let _ = socket.shutdown();
        }
        self.link.changed.notify_all();
    }
}

/// The thread of one order to follow.
struct LinkThread {
    shared: Arc<Shared<Node>>,
    persistence: Persistence,
    link: Arc<Link>,
    order: u64,
    stream: Option<Stream>,
    /// The wait that the socket was told, in milliseconds.
    read_wait_ms: u64,
    copy: Option<Taken>,
    in_step: Option<InStep>,
    /// The primary's address in texts.
    peer: String,
    /// The order to follow was withdrawn.
    is_over: bool,
}

/// Monotonic time in milliseconds.
fn now_ms() -> u64 {
    stdx::clock::monotonic_us() / 1000
}

impl LinkThread {
    fn run(mut self) {
        let mut machine = Machine::new(now_ms());
        let mut chunk = vec![0; CHUNK_BYTES];
        while !self.is_over {
            let mut actions = Actions::new();
            let input = self.next_input(&machine, &mut chunk);
            machine.step(now_ms(), input, &mut actions);
            while let Some(action) = actions.pop_front() {
                if let Some(outcome) = self.carry_out(action, &mut machine) {
                    machine.step(now_ms(), outcome, &mut actions);
                }
            }
        }
    }

    /// Waits for the primary, or for the time when the machine wants to go on.
    fn next_input<'c>(&mut self, machine: &Machine, chunk: &'c mut [u8]) -> Input<'c> {
        let wait_ms = machine.wakes_at_ms().map_or(LOOK_EVERY_MS, |at_ms| at_ms.saturating_sub(now_ms()));
        if wait_ms == 0 {
            return Input::Tick;
        }
        let Some(stream) = &mut self.stream else {
            let socket = self.link.socket.lock();
            drop(self.link.changed.wait(socket, Duration::from_millis(wait_ms)));
            self.is_over = self.shared.lock().engine.replication.order != self.order;
            return Input::Tick;
        };
        let (short_ms, long_ms) = READ_WAITS_MS;
        let read_wait_ms = if wait_ms <= short_ms { short_ms } else { long_ms };
        if read_wait_ms != self.read_wait_ms {
            self.read_wait_ms = read_wait_ms;
            if let Err(error) = stream.set_read_timeout(Some(Duration::from_millis(read_wait_ms))) {
                return Input::Ended(Ended::of_io(&error, "Waiting for the MASTER"));
            }
        }
        match stream.read(chunk) {
            Ok(0) => Input::Ended(connection_lost()),
            Ok(read) => Input::Received(&chunk[..read]),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Input::Tick,
                _ => Input::Ended(Ended::of_io(&error, "Reading from the MASTER")),
            },
        }
    }

    fn carry_out(&mut self, action: Action<'_>, machine: &mut Machine) -> Option<Input<'static>> {
        let outcome = match action {
            Action::Connect => self.connect().map(Some),
            Action::Send(bytes) => self.send(&bytes).map(|()| None),
            Action::Tell(state) => self.set_state(state).map(|()| None),
            Action::Continue(id) => self.continue_stream(id, machine).map(|()| Some(Input::Continued)),
            Action::ExpectCopy(from) => {
                self.expect_copy(from);
                Ok(None)
            }
            Action::BeginCopy(start) => self.take_copy(&start, machine).map(Some),
            Action::Adopt { keeps_old } => self.adopt(keeps_old, machine).map(|()| Some(Input::Adopted)),
            Action::DropCopy => {
                self.drop_copy();
                Ok(None)
            }
            Action::TookOver(answer) => {
                self.took_over(&answer);
                Ok(None)
            }
            Action::Stream => self.begin_stream().map(|()| None),
            Action::Apply(bytes) => self.apply(&bytes).map(|()| None),
            Action::Acknowledge => self.acknowledge().map(|is_all| Some(Input::Acknowledged { is_all })),
            Action::Close => {
                self.close();
                Ok(None)
            }
            Action::Refuse(refusal) => {
                self.refused(&refusal);
                Ok(None)
            }
            Action::Fail(what, ended) => {
                self.failed(what, &ended);
                Ok(None)
            }
            // A copy is taken as a whole while it is begun.
            Action::FeedCopy(_) | Action::EndCopy => Ok(None),
        };
        outcome.unwrap_or_else(|ended| Some(Input::Ended(ended)))
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let Some(stream) = &mut self.stream else { return Err(connection_lost()) };
        stream.write_all(bytes).map_err(|error| Ended::of_io(&error, "Sending to the MASTER"))
    }

    fn close(&mut self) {
        self.link.socket.lock().take();
        self.stream = None;
        self.drop_copy();
        if let Some(in_step) = self.in_step.take() {
            self.shared.lock().engine.clients.remove(in_step.client());
        }
    }

    /// The link's facts, if the order still stands.
    fn with_link<T>(&self, change: impl FnOnce(&mut PrimaryLink) -> T) -> Option<T> {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return None;
        }
        node.engine.replication.primary.as_mut().map(change)
    }

    fn set_state(&self, state: LinkState) -> Result<(), Ended> {
        self.with_link(|link| {
            link.state = state;
            link.last_io_ms = now_ms();
        })
        .ok_or_else(Ended::withdrawn)
    }
}

fn connection_lost() -> Ended {
    Ended::new(engine::facts::replication_events::Cause::ClosedByPeer, "Connection with master lost.")
}
