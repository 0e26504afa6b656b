//! Every client's card by number, and the workers that can be woken.

use super::card::{Card, ClientId, ClientKind, flag};
use crate::shared::Shared;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Wakes a worker from its poll.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The workers' wakers, for threads that must not wait for the execution lock. Clones are the same list.
#[derive(Clone, Default)]
pub struct Wakers(Arc<Shared<Vec<Waker>>>);

impl Wakers {
    /// Wakes every worker.
    pub fn wake_all(&self) {
        for waker in self.0.lock().iter() {
            waker();
        }
    }
}

/// The clients of all workers.
#[derive(Default)]
pub struct Registry {
    cards: BTreeMap<ClientId, Arc<Card>>,
    wakers: Wakers,
    last_id: ClientId,
    kills: u64,
    buffers_bytes: u64,
    /// Clients that wait for something, over all workers.
    pub blocked: u64,
}

impl Registry {
    /// A number for a new client.
    pub fn next_id(&mut self) -> ClientId {
        self.last_id += 1;
        self.last_id
    }

    /// Makes a client known.
    pub fn add(&mut self, card: Arc<Card>) {
        self.cards.insert(card.id, card);
    }

    /// Forgets a client that is gone.
    pub fn remove(&mut self, id: ClientId) {
        if let Some(card) = self.cards.remove(&id) {
            self.buffers_bytes -= card.counted_bytes.swap(0, Relaxed);
        }
    }

    /// Counts what the buffers of a client take now. Replicas do not count, nor who is being closed.
    pub fn count_buffers(&mut self, card: &Card) {
        let counts = card.kind() == ClientKind::Normal && !card.has(flag::CLOSE_NOW);
        let now = if counts { card.used_bytes() } else { 0 };
        self.buffers_bytes = self.buffers_bytes + now - card.counted_bytes.swap(now, Relaxed);
    }

    /// What the buffers of all clients take, as far as it was counted, in bytes.
    pub fn buffers_bytes(&self) -> u64 {
        self.buffers_bytes
    }

    /// The client whose buffers take most, of those that may be closed for that.
    pub fn largest_to_evict(&self) -> Option<Arc<Card>> {
        let may_go = |card: &&Arc<Card>| card.kind() == ClientKind::Normal && !card.has(flag::NO_EVICT);
        self.cards().filter(may_go).max_by_key(|card| card.used_bytes()).cloned()
    }

    /// The cards of all clients by number, without those that are being closed.
    pub fn cards(&self) -> impl Iterator<Item = &Arc<Card>> {
        self.cards.values().filter(|card| !card.has(flag::CLOSE_NOW))
    }

    /// The card of a client.
    pub fn find(&self, id: ClientId) -> Option<&Arc<Card>> {
        self.cards.get(&id)
    }

    /// Clients of a kind.
    pub fn count(&self, kind: ClientKind) -> usize {
        self.cards.values().filter(|card| card.kind() == kind).count()
    }

    /// Number of cards.
    pub fn len(&self) -> usize {
        self.cards.len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// Makes a worker known; its index is the number of those before it.
    pub fn add_worker(&mut self, waker: Waker) {
        self.wakers.0.lock().push(waker);
    }

    /// Wakes one worker.
    pub fn wake(&self, worker: u16) {
        if let Some(waker) = self.wakers.0.lock().get(usize::from(worker)) {
            waker();
        }
    }

    /// Wakes every worker.
    pub fn wake_all(&self) {
        self.wakers.wake_all();
    }

    /// The wakers, for other threads.
    pub fn wakers(&self) -> Wakers {
        self.wakers.clone()
    }

    /// Tells a client's worker to close it.
    pub fn close(&mut self, id: ClientId) {
        if let Some(card) = self.cards.get(&id) {
            card.set(flag::CLOSE_NOW, true);
            self.kills += 1;
            self.wake(card.worker);
        }
    }

    /// How many clients were marked to be closed so far: a worker that saw fewer looks at its clients.
    pub fn kills(&self) -> u64 {
        self.kills
    }
}
