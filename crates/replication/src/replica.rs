//! The thread that follows a primary: connect, greet, take a copy if needed, apply the stream, acknowledge.

mod copying;
mod streaming;

use crate::handshake::{Greeting, Handshake, Next, Outcome};
use crate::transfer::Buffered;
use engine::engine::Node;
use engine::facts::replication::{LinkState, PrimaryLink};
use engine::shared::{Shared, Signal};
use log::{Offset, ReplicationId};
use net::stream::{Address, Stream};
use persistence::Persistence;
use resp::request::append_multibulk;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The wait after the first failure; doubled after each further one.
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// The longest wait after a failure.
const LAST_RETRY: Duration = Duration::from_secs(1);

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
}

/// What the node knew when the link was begun.
struct Settings {
    address: Address,
    source: Option<std::net::IpAddr>,
    greeting: Greeting,
    timeout: Duration,
    no_delay: bool,
}

fn connect(settings: &Settings) -> io::Result<Stream> {
    match (settings.source, &settings.address) {
        (Some(source), Address::Tcp { host, port }) => {
            Stream::connect_from(host, *port, source, settings.timeout)
        }
        _ => Stream::connect(&settings.address, Some(settings.timeout)),
    }
}

impl LinkThread {
    fn run(self) {
        let mut wait = FIRST_RETRY;
        loop {
            let Some(settings) = self.begin() else { return };
            let began = Instant::now();
            if let Err(reason) = self.follow(&settings)
                && !self.failed(&reason)
            {
                return;
            }
            if began.elapsed() > LAST_RETRY * 2 {
                wait = FIRST_RETRY;
            }
            let socket = self.link.socket.lock();
            drop(self.link.changed.wait(socket, wait));
            wait = (wait * 2).min(LAST_RETRY);
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

    fn set_state(&self, state: LinkState) -> Result<(), String> {
        let now_ms = stdx::clock::monotonic_us() / 1000;
        self.with_link(|link| {
            link.state = state;
            link.last_io_ms = now_ms;
        })
        .ok_or_else(|| "the order to follow was withdrawn".to_string())
    }

    fn begin(&self) -> Option<Settings> {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return None;
        }
        let propagation = &node.engine.propagation;
        let has_past = propagation.end() > Offset::ZERO || propagation.tail.backlog_facts().active;
        let have = has_past.then(|| (propagation.history.id, propagation.end()));
        let port = node.engine.process.port;
        let config = &node.engine.config.replication;
        let secret = |bytes: &[u8]| (!bytes.is_empty()).then(|| bytes.to_vec());
        let greeting = Greeting {
            user: secret(config.masteruser.as_bytes()),
            password: secret(config.masterauth.as_bytes()),
            port: if config.replica_announce_port != 0 { config.replica_announce_port } else { port },
            address: (!config.replica_announce_ip.is_empty()).then(|| config.replica_announce_ip.clone()),
            have,
            version: rdb::version::VALKEY_READ.to_string(),
        };
        let timeout = Duration::from_secs(u64::from(config.repl_timeout));
        let no_delay = !config.repl_disable_tcp_nodelay;
        let source = node.engine.config.network.bind_source_addr.parse().ok();
        let link = node.engine.replication.primary.as_mut()?;
        link.state = LinkState::Connecting;
        let (host, port) = (link.host.clone(), link.port);
        stdx::logging::notice!("Connecting to MASTER {host}:{port}");
        Some(Settings { address: Address::Tcp { host, port }, source, greeting, timeout, no_delay })
    }

    /// Follows until something fails.
    fn follow(&self, settings: &Settings) -> Result<(), String> {
        stdx::logging::notice!("MASTER <-> REPLICA sync started");
        let stream = connect(settings).map_err(|error| {
            format!("Error condition on socket for SYNC: {}", net::listener::os_text(&error))
        })?;
        let text = |error: io::Error| error.to_string();
        stream.set_nodelay(settings.no_delay).map_err(text)?;
        stream.set_read_timeout(Some(settings.timeout)).map_err(text)?;
        stream.set_write_timeout(Some(settings.timeout)).map_err(text)?;
        self.link.socket.lock().replace(stream.try_clone().map_err(text)?);
        self.set_state(LinkState::Handshake)?;
        let mut reader = Buffered::new(stream);
        match self.greet(&mut reader, settings)? {
            Outcome::Continue(id) => self.continue_stream(id, settings)?,
            Outcome::FullCopy(id, offset) => self.take_copy(&mut reader, Some((id, offset)))?,
            Outcome::OldFullCopy => {
                let mut sync = Vec::new();
                append_multibulk(&mut sync, [b"SYNC".as_slice()]);
                reader.inner().write_all(&sync).map_err(text)?;
                self.take_copy(&mut reader, None)?;
            }
        }
        self.apply(reader, settings)
    }

    fn greet(&self, reader: &mut Buffered<Stream>, settings: &Settings) -> Result<Outcome, String> {
        let io_error = |error: io::Error| format!("Failed to talk to the MASTER: {error}");
        match &settings.greeting.have {
            Some((id, offset)) => {
                stdx::logging::notice!(
                    "Trying a partial resynchronization (request {id}:{}).",
                    offset.next_byte()
                );
            }
            None => stdx::logging::notice!("Partial resynchronization not possible (no cached master)"),
        }
        let (mut handshake, first) = Handshake::begin(settings.greeting.clone());
        reader.inner().write_all(&first).map_err(io_error)?;
        loop {
            let line = reader.line().map_err(io_error)?;
            match handshake.line(&line).map_err(|error| error.to_string())? {
                Next::Send(bytes) => reader.inner().write_all(&bytes).map_err(io_error)?,
                Next::Read => self.set_state(LinkState::Handshake)?,
                Next::Done(outcome) => return Ok(outcome),
            }
        }
    }

    fn continue_stream(&self, id: Option<ReplicationId>, settings: &Settings) -> Result<(), String> {
        stdx::logging::notice!("Successful partial resynchronization with master.");
        let mut node = self.shared.lock();
        let propagation = &mut node.engine.propagation;
        if settings.greeting.have.as_ref().map(|(_, offset)| *offset) != Some(propagation.end()) {
            return Err("the log has moved while the link was made".to_string());
        }
        if let Some(id) = id.filter(|id| *id != propagation.history.id) {
            stdx::logging::notice!("Master replication ID changed to {id}");
            let end = propagation.end();
            propagation.history.shift(id, end);
            let replicas: Vec<_> =
                node.engine.replication.replicas.iter().map(|replica| replica.client).collect();
            for client in replicas {
                node.engine.clients.close(client);
            }
        }
        stdx::logging::notice!("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
        Ok(())
    }

    /// Notes that the link failed. Returns whether the order still stands.
    fn failed(&self, reason: &str) -> bool {
        let now_ms = stdx::clock::monotonic_us() / 1000;
        let was_connected = self.with_link(|link| {
            let was_connected = link.state == LinkState::Connected;
            link.state = LinkState::Connect;
            link.last_error = reason.to_string();
            if was_connected {
                link.down_since_ms = now_ms;
            }
            was_connected
        });
        match was_connected {
            None => false,
            Some(was_connected) => {
                stdx::logging::warning!("{reason}");
                if was_connected {
                    stdx::logging::notice!("Caching the disconnected master state.");
                }
                true
            }
        }
    }
}
