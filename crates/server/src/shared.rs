//! What all threads of the process share: the node behind its execution lock, and the parts that work beside it.

use crate::migration::Links;
use crate::shutdown::Pending;
use crate::supervision::Supervisor;
use engine::client::card::ClientId;
use engine::config::Config;
use engine::engine::Node;
use engine::facts::requests::ShutdownOptions;
use engine::shared::Shared;
use net::listener::{Accepted, Listener};
use persistence::Persistence;
use replication::catch_up::{self, CatchUps};
use replication::full_sync::{self, FullSyncs};
use replication::notes::NodeNotes;
use replication::replica::Follower;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering::Relaxed};

/// The process's parts.
pub struct Server {
    /// The data and the engine, behind the execution lock.
    pub node: Arc<Shared<Node>>,
    /// Saves, rewrites, the log's files.
    pub persistence: Persistence,
    /// Full copies for replicas.
    pub full_syncs: FullSyncs,
    /// Replicas that are fed from files.
    pub catch_ups: CatchUps,
    /// The link to the primary.
    pub follower: Follower,
    /// The node file.
    pub notes: NodeNotes,
    /// Connections that MIGRATE keeps.
    pub migration_links: Links,
    /// The workers' letter boxes.
    pub mailboxes: Vec<Mailbox>,
    /// The signal that asked for a shutdown and was not yet taken up; 0 for none.
    pub signal: AtomicI32,
    /// A shutdown that waits for replicas.
    pub pending_shutdown: Shared<Option<Pending>>,
    /// The listening sockets; worker 0 accepts from them.
    pub listeners: Shared<Vec<Listener>>,
    /// Bytes sent to clients and not yet counted in the statistics.
    pub sent_bytes: AtomicU64,
    /// Who started the process and wants to hear of it.
    pub supervisor: Supervisor,
    /// Nothing has happened for a while: workers wait longer for what nobody wakes them for.
    pub is_at_rest: AtomicBool,
    /// All workers end their loops.
    pub is_over: AtomicBool,
}

/// What other threads leave for a worker.
#[derive(Default)]
pub struct Mailbox {
    letters: Shared<Vec<Letter>>,
}

/// Something for a worker to do.
pub enum Letter {
    /// Serve this connection, under this number.
    Accepted(Accepted, ClientId),
    /// The listening sockets are others from now on: watch them.
    Listen,
    /// The full copy for this replica is sent, or failed.
    SnapshotSent(full_sync::Finished),
    /// This replica was fed from files up to what memory holds, or could not be.
    CaughtUp(catch_up::Finished),
}

impl Mailbox {
    /// Leaves a letter. The worker must be woken.
    pub fn post(&self, letter: Letter) {
        self.letters.lock().push(letter);
    }

    /// Takes all letters.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock())
    }
}

impl Server {
    /// Takes up a signal that asked for a shutdown, with the options that the configuration has for it.
    pub fn take_signal(&self, config: &Config) -> Option<ShutdownOptions> {
        let options = match self.signal.swap(0, Relaxed) {
            0 => return None,
            signal if signal == signal_hook::consts::SIGINT => config.process.shutdown_on_sigint,
            _ => config.process.shutdown_on_sigterm,
        };
        let (save, no_save) = (options.save, options.nosave);
        Some(ShutdownOptions { save, no_save, now: options.now, force: options.force })
    }

    /// Leaves a letter for a worker and wakes it.
    pub fn post(&self, worker: u16, letter: Letter) {
        self.mailboxes[usize::from(worker)].post(letter);
        self.node.lock().engine.clients.wake(worker);
    }
}
