//! What all threads of the process share: the node behind its execution lock, and the parts that work beside it.

use engine::client::card::ClientId;
use engine::engine::Node;
use engine::shared::Shared;
use log::tail::ReaderId;
use net::stream::Stream;
use persistence::Persistence;
use replication::primary::FullSyncs;
use replication::replica::Follower;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The process's parts.
pub struct Server {
    /// The data and the engine, behind the execution lock.
    pub node: Arc<Shared<Node>>,
    /// Saves, rewrites, the log's files.
    pub persistence: Persistence,
    /// Full copies for replicas.
    pub full_syncs: FullSyncs,
    /// The link to the primary.
    pub follower: Follower,
    /// The workers' letter boxes.
    pub mailboxes: Vec<Mailbox>,
    /// The listening sockets are to be made anew (bind, port or backlog changed).
    pub rebind: AtomicBool,
    /// SIGTERM or SIGINT came.
    pub signalled: AtomicBool,
}

/// What other threads leave for a worker.
#[derive(Default)]
pub struct Mailbox {
    letters: Shared<Vec<Letter>>,
}

/// Something for a worker to do.
pub enum Letter {
    /// Serve this connection.
    Accepted(Stream),
    /// The full copy for this replica is sent, or failed.
    SnapshotSent {
        /// The replica.
        client: ClientId,
        /// Where its stream begins.
        outcome: Result<ReaderId, String>,
    },
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
    /// Leaves a letter for a worker and wakes it.
    pub fn post(&self, worker: u16, letter: Letter) {
        self.mailboxes[usize::from(worker)].post(letter);
        self.node.lock().engine.clients.wake(worker);
    }
}
