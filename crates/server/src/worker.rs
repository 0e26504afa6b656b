//! A worker: a thread, its clients, its poller.

use crate::connection::Connection;
use crate::cron::Cron;
use crate::shared::Server;
use engine::client::card::ClientId;
use engine::client::session::Session;
use engine::config::Config;
use engine::config::kind::BufferLimit;
use engine::observability::stats::Stats;
use net::poll::{Poller, Ready};
use slab::Slab;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use stdx::clock::Ticks;

/// Tokens from here on are listeners.
pub const FIRST_LISTENER: usize = usize::MAX / 2;

/// Settings that a worker reads while it does not hold the execution lock.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// `client-query-buffer-limit`.
    pub query_limit_bytes: u64,
    /// `proto-max-bulk-len`.
    pub max_bulk_bytes: u64,
    /// `client-output-buffer-limit normal`.
    pub normal_limits: BufferLimit,
    /// `client-output-buffer-limit replica`.
    pub replica_limits: BufferLimit,
    /// `client-output-buffer-limit pubsub`.
    pub subscriber_limits: BufferLimit,
    /// `tcp-keepalive`, in seconds.
    pub keepalive_s: u64,
    /// `timeout`, in seconds; 0 for never.
    pub idle_timeout_s: u64,
}

impl Settings {
    /// Reads them from the configuration.
    pub fn read(config: &Config) -> Settings {
        let limits = &config.clients.client_output_buffer_limit;
        Settings {
            query_limit_bytes: config.clients.client_query_buffer_limit,
            max_bulk_bytes: config.clients.proto_max_bulk_len,
            normal_limits: limits.normal,
            replica_limits: limits.replica,
            subscriber_limits: limits.pubsub,
            keepalive_s: u64::from(config.network.tcp_keepalive),
            idle_timeout_s: u64::from(config.network.timeout),
        }
    }

    /// How much may wait for a client that does not read.
    pub fn output_limits(&self, session: &Session) -> BufferLimit {
        if session.is_subscriber { self.subscriber_limits } else { self.normal_limits }
    }
}

/// What a worker counted since it last held the execution lock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Reads from sockets that brought something.
    pub reads: u64,
    /// Writes to sockets that took something.
    pub writes: u64,
    /// Time between polls, in ticks.
    pub busy_ticks: u64,
}

impl Counted {
    /// Adds what a worker counted to everybody's counters, and to its own.
    pub fn add_to(self, stats: &mut Stats, worker: u16) {
        let own = stats.worker(worker);
        own.reads += self.reads;
        own.writes += self.writes;
        stats.reads += self.reads;
        stats.writes += self.writes;
        stats.turn_ticks += self.busy_ticks;
    }
}

/// A worker.
pub struct Worker {
    /// Its number; worker 0 also listens and runs cron.
    pub index: u16,
    /// The process's parts.
    pub server: Arc<Server>,
    /// Its sockets' readiness.
    pub poller: Poller,
    /// Its clients.
    pub connections: Slab<Connection>,
    /// What the poller reported in this turn.
    pub ready: Vec<Ready>,
    /// Connections to be looked at in this turn: something came, or something is to be sent.
    pub active: Vec<usize>,
    /// Connections whose socket may hold more than was read.
    pub unfinished: Vec<usize>,
    /// Connections with a request that waits.
    pub waiting: Vec<usize>,
    /// Connections with a request that waits for keys.
    pub blocked: HashMap<ClientId, usize>,
    /// When the first of them has waited long enough.
    pub next_deadline: Option<Instant>,
    /// Connections of replicas.
    pub feeds: Vec<usize>,
    /// Bytes of the log wait for more of them before they go to the replicas.
    pub owes_feed: bool,
    /// When the replicas were last fed, in ticks.
    pub fed_at: u64,
    /// When the last turn ended, in ticks.
    pub ended_at: u64,
    /// Connections that others have sent messages to, each once, in the order in which they are sent them.
    pub audience: VecDeque<usize>,
    /// Connections with replies behind a fence.
    pub fenced: Vec<usize>,
    /// Which worker gets the next accepted connection (worker 0 only).
    pub next_worker: usize,
    /// What happens every so often (worker 0 only).
    pub cron: Option<Cron>,
    /// More keys are to be evicted: the next turn comes at once (worker 0 only).
    pub makes_room: bool,
    /// Settings as of the last turn.
    pub settings: Settings,
    /// Clients marked to be closed that this worker has looked at.
    pub seen_kills: u64,
    /// Measures its turns.
    pub ticks: Ticks,
    /// Counted since the last turn.
    pub counted: Counted,
    /// Monotonic time of the last look at idle clients, in milliseconds.
    pub last_idle_check_ms: u64,
    /// When it last looked at the memory that its thread keeps, in ticks.
    pub tended_at: u64,
}

impl Worker {
    /// A worker without clients.
    pub fn new(index: u16, server: Arc<Server>, poller: Poller) -> Worker {
        Worker {
            index,
            server,
            poller,
            connections: Slab::new(),
            ready: Vec::new(),
            active: Vec::new(),
            unfinished: Vec::new(),
            waiting: Vec::new(),
            blocked: HashMap::new(),
            next_deadline: None,
            feeds: Vec::new(),
            owes_feed: false,
            fed_at: 0,
            ended_at: 0,
            audience: VecDeque::new(),
            fenced: Vec::new(),
            next_worker: 0,
            cron: None,
            makes_room: false,
            settings: Settings::read(&Config::default()),
            seen_kills: 0,
            ticks: Ticks::new(),
            counted: Counted::default(),
            last_idle_check_ms: 0,
            tended_at: 0,
        }
    }

    /// Turns until the process ends.
    pub fn run(mut self) {
        self.settings = Settings::read(&self.server.node.lock().engine.config);
        while !self.server.is_over.load(std::sync::atomic::Ordering::Relaxed) {
            crate::turn::turn(&mut self);
        }
    }

    /// Notes that a connection is to be looked at in this turn.
    pub fn activate(&mut self, token: usize) {
        self.active.push(token);
    }
}
