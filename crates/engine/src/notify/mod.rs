//! Who wants to hear of what happens: subscribers, those who cache keys, monitors; and what waits to be sent to them.

pub mod inbox;
pub mod keyspace_events;
pub mod monitor;
pub mod prefix_map;
pub mod pubsub;
pub mod topics;
pub mod tracking;

use crate::client::card::ClientId;
use crate::client::registry::Registry;
use crate::client::session::Session;
use inbox::Inboxes;
use monitor::Monitors;
use pubsub::PubSub;
use tracking::{Post, Tracking};

/// Everybody who is told of something that another client did.
#[derive(Default)]
pub struct Notify {
    /// What waits to be put into the outboxes of clients.
    pub inboxes: Inboxes,
    /// Channels, patterns and shard channels.
    pub pubsub: PubSub,
    /// Keys that clients keep copies of.
    pub tracking: Tracking,
    /// Clients that see every request.
    pub monitors: Monitors,
}

impl Notify {
    /// Whether somebody wants to hear of requests as such, whatever they change.
    #[inline]
    pub fn observes_requests(&self) -> bool {
        !self.monitors.is_empty() || !self.tracking.is_empty()
    }

    /// Whether there is something to do behind a reply: something waits for somebody, or somebody keeps copies.
    #[inline]
    pub fn is_busy(&self) -> bool {
        !self.inboxes.are_empty() || !self.tracking.is_empty()
    }

    /// A key was changed, or is gone: those who keep copies of it are told.
    pub fn invalidate(&mut self, clients: &Registry, current: Option<ClientId>, key: &[u8]) {
        if !self.tracking.is_empty() {
            let mut post = Post { inboxes: &mut self.inboxes, clients, current };
            self.tracking.invalidate(key, &mut post);
        }
    }

    /// The client wants to hear of nothing any more (RESET).
    pub fn end_all(&mut self, session: &mut Session) {
        self.pubsub.unsubscribe_all(session);
        self.tracking.disable(&session.card);
        session.tracks = false;
        self.monitors.remove(session);
    }

    /// The client is gone.
    pub fn forget(&mut self, session: &mut Session) {
        self.end_all(session);
        self.inboxes.close(&session.card);
    }
}
