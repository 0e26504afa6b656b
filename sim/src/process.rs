//! A running process: a whole node, its files, its connections and its link, advanced by turns.

use crate::copying::{Copying, Waiting};
use crate::disk::Disk;
use crate::link::Link;
use crate::network::ConnectionId;
use crate::serving::{Claim, Serving};
use engine::config::Config;
use engine::engine::{Node, TurnClock};
use engine::facts::requests::{Asked, ProcessRequest};
use engine::shared::Shared;
use persistence::Persistence;
use replication::notes::NodeNotes;
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::simulation::Work;

/// How often cron looks, in microseconds.
const CRON_US: u64 = 100_000;
const SECOND_US: u64 = 1_000_000;

/// A running process.
pub struct Process {
    pub shared: Arc<Shared<Node>>,
    pub persistence: Persistence,
    pub notes: NodeNotes,
    pub disk: Disk,
    pub connections: BTreeMap<ConnectionId, Serving>,
    pub link: Option<Link>,
    /// Connections of links that are no more, to be closed.
    pub orphaned: Vec<ConnectionId>,
    pub copies_wanted: Vec<Waiting>,
    pub copying: Option<Copying>,
    /// Work that would run on threads of its own, with the time at which it does.
    pub work: Vec<(u64, Work)>,
    /// When what is due is due, in microseconds.
    pub due: Due,
}

/// When what is due is due, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Due {
    pub turn: Option<u64>,
    pub cron: u64,
    pub second: u64,
    pub log: Option<u64>,
    pub load: Option<u64>,
    pub copy: Option<u64>,
}

/// What a turn leaves to be done.
#[derive(Default)]
pub struct Turn {
    /// What WAIT and WAITAOF claimed.
    pub claims: Vec<Claim>,
    /// Connections that were closed.
    pub closed: Vec<ConnectionId>,
}

impl Process {
    /// Starts on a disk: loads what is there.
    pub fn start(config: Config, disk: Disk, follows: Option<&str>, now_us: u64) -> Result<Process, String> {
        let mut node = Node::new(config, commands::table());
        node.engine.process.port = 6379;
        if let Some(host) = follows {
            node.engine.follow(host, 6379);
        }
        let shared = Arc::new(Shared::new(node));
        let persistence = Persistence::with_vfs(Arc::clone(&shared), Arc::new(disk.clone())).stepped();
        persistence.load()?;
        persistence.open_log()?;
        let notes = NodeNotes::new(persistence.vfs());
        notes.take_up(&mut shared.lock());
        let order = shared.lock().engine.replication.order;
        let link = follows.map(|_| Link::new(order, now_us));
        let due =
            Due { turn: Some(now_us), cron: now_us + CRON_US, second: now_us + SECOND_US, ..Due::default() };
        Ok(Process {
            shared,
            persistence,
            notes,
            disk,
            connections: BTreeMap::new(),
            link,
            orphaned: Vec::new(),
            copies_wanted: Vec::new(),
            copying: None,
            work: Vec::new(),
            due,
        })
    }

    /// One turn under the execution lock, in the order of the server's.
    pub fn turn(&mut self, now_us: u64) -> Turn {
        self.due.turn = None;
        let shared = Arc::clone(&self.shared);
        let mut guard = shared.lock();
        let node = &mut *guard;
        node.engine.clock = TurnClock::read();
        node.engine.blocking.running_worker = Some(0);
        node.engine.hear_disk();
        let mut closed = self.close_marked(node);
        let claims = self.serve(node);
        self.feed(node);
        self.run_cron(node, now_us);
        self.release_fences(node);
        closed.extend(self.close_marked(node));
        node.engine.propagation.submit();
        node.engine.blocking.running_worker = None;
        let asked = std::mem::take(&mut node.engine.requests);
        self.carry_out_requests(node, asked, now_us);
        node.engine.propagation.submit();
        Turn { claims, closed }
    }

    fn run_cron(&mut self, node: &mut Node, now_us: u64) {
        if now_us >= self.due.cron {
            self.due.cron = now_us + CRON_US;
            self.persistence.cron(node);
        }
        if now_us >= self.due.second {
            self.due.second = now_us + SECOND_US;
            replication::primary::cron(node);
            // A disk that fails is no reason to stop.
            drop(self.notes.note_now(node));
        }
    }

    /// Carries out what commands asked of the process.
    pub fn carry_out_requests(&mut self, node: &mut Node, asked: Vec<Asked>, now_us: u64) {
        for Asked { request, .. } in asked {
            match request {
                ProcessRequest::RoleChanged => {
                    let order = node.engine.replication.order;
                    let follows = node.engine.replication.is_replica();
                    self.orphaned.extend(self.link.take().and_then(|link| link.end(node)));
                    self.link = follows.then(|| Link::new(order, now_us));
                    replication::primary::role_changed(node);
                }
                ProcessRequest::ApplyOptions(_) => self.persistence.set_fsync(node),
                // A refusal is the client's to see.
                ProcessRequest::RewriteAppendOnly => drop(self.persistence.begin_rewrite(node)),
                ProcessRequest::BackgroundSave => drop(self.persistence.begin_save(node)),
                _ => {}
            }
        }
    }

    /// When the earliest of what is due is due.
    pub fn next_us(&self) -> u64 {
        let link = self.link.as_ref().and_then(Link::wakes_at_us);
        let work = self.work.iter().map(|(at_us, _)| *at_us).min();
        let due = &self.due;
        [due.turn, Some(due.cron), due.log, due.load, due.copy, link, work]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(due.cron)
    }
}
