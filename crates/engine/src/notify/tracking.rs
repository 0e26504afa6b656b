//! Client-side caching: clients keep copies of what they read and are told when it is no longer true.

pub mod broadcasts;
pub mod key_table;

use super::inbox::Inboxes;
use crate::client::card::{Card, ClientId, flag};
use crate::client::registry::Registry;
use broadcasts::Broadcasts;
use key_table::KeyTable;
use resp::reply::{Reply, Version};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Keys that are given up after one command when the table is over its limit, at most.
const MOST_VICTIMS: usize = 1000;

/// How a client wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Of all keys with its prefixes, whether it read them or not.
    pub broadcast: bool,
    /// Only of keys that it read after CLIENT CACHING YES.
    pub opt_in: bool,
    /// Not of keys that it read after CLIENT CACHING NO.
    pub opt_out: bool,
    /// Not of its own changes.
    pub no_loop: bool,
}

/// A client that keeps copies.
pub struct Tracker {
    card: Arc<Card>,
    /// How it wants to be told.
    pub mode: Mode,
    /// The client that is told in its place.
    pub redirect: Option<ClientId>,
    /// CLIENT CACHING was given for the next command.
    pub is_caching_given: bool,
    /// Prefixes of a broadcasting client.
    pub prefixes: BTreeSet<Box<[u8]>>,
}

/// How invalidations reach clients.
pub struct Post<'a> {
    /// Where they are left.
    pub inboxes: &'a mut Inboxes,
    /// Who is connected.
    pub clients: &'a Registry,
    /// The client whose command is running: it hears of its own changes after its reply.
    pub current: Option<ClientId>,
}

/// All clients that keep copies, and of what.
#[derive(Default)]
pub struct Tracking {
    trackers: HashMap<ClientId, Tracker>,
    table: KeyTable,
    broadcasts: Broadcasts,
    /// What the running client will be told behind its reply: keys, or none for all of them.
    own: Vec<Option<Box<[u8]>>>,
}

impl Tracking {
    /// Whether nobody keeps copies.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.trackers.is_empty()
    }

    /// Number of clients that keep copies.
    pub fn clients(&self) -> usize {
        self.trackers.len()
    }

    /// The keys that are held.
    pub fn table(&self) -> &KeyTable {
        &self.table
    }

    /// Number of prefixes that are listened to.
    pub fn prefixes(&self) -> usize {
        self.broadcasts.prefixes()
    }

    /// What is known of a client that keeps copies.
    pub fn find(&self, client: ClientId) -> Option<&Tracker> {
        self.trackers.get(&client)
    }

    /// What is known of a client that keeps copies, to be changed.
    pub fn find_mut(&mut self, client: ClientId) -> Option<&mut Tracker> {
        self.trackers.get_mut(&client)
    }

    /// A client keeps copies from now on, or in another way. Prefixes add up.
    pub fn enable(&mut self, card: &Arc<Card>, mode: Mode, redirect: Option<ClientId>, prefixes: &[&[u8]]) {
        let tracker = self.trackers.entry(card.id).or_insert_with(|| Tracker {
            card: Arc::clone(card),
            mode,
            redirect,
            is_caching_given: false,
            prefixes: BTreeSet::new(),
        });
        (tracker.mode, tracker.redirect) = (mode, redirect);
        for &prefix in prefixes {
            tracker.prefixes.insert(prefix.into());
            self.broadcasts.listen(card.id, prefix);
        }
        card.set(flag::TRACKING, true);
        card.set(flag::TRACKING_BROADCAST, mode.broadcast);
        card.set(flag::TRACKING_BROKEN, false);
        card.redirect.store(redirect.unwrap_or(0) as i64, Relaxed);
    }

    /// A client keeps copies no longer. Keys that it read stay in the table until they change.
    pub fn disable(&mut self, card: &Card) {
        let Some(tracker) = self.trackers.remove(&card.id) else { return };
        for prefix in &tracker.prefixes {
            self.broadcasts.leave(card.id, prefix);
        }
        card.set(flag::TRACKING | flag::TRACKING_BROADCAST | flag::TRACKING_BROKEN, false);
        card.redirect.store(-1, Relaxed);
    }

    /// A client has read keys.
    pub fn remember<'k>(&mut self, client: ClientId, keys: impl Iterator<Item = &'k [u8]>) {
        let Some(tracker) = self.trackers.get(&client) else { return };
        let (mode, given) = (tracker.mode, tracker.is_caching_given);
        if mode.broadcast || (mode.opt_in && !given) || (mode.opt_out && given) {
            return;
        }
        keys.for_each(|key| self.table.remember(client, key));
    }

    /// Gives up keys while there are more than `most`; those who hold them are told.
    #[inline]
    pub fn keep_to(&mut self, most: u64, post: &mut Post<'_>) {
        if most != 0 && self.table.len() as u64 > most {
            self.give_up(most, post);
        }
    }

    #[cold]
    fn give_up(&mut self, most: u64, post: &mut Post<'_>) {
        for _ in 0..MOST_VICTIMS {
            let Some(key) = self.table.any().filter(|_| self.table.len() as u64 > most) else { break };
            self.invalidate_copies(&key, post);
        }
    }

    /// A key was changed, or is gone.
    pub fn invalidate(&mut self, key: &[u8], post: &mut Post<'_>) {
        self.broadcasts.note(key, post.current);
        self.invalidate_copies(key, post);
    }

    fn invalidate_copies(&mut self, key: &[u8], post: &mut Post<'_>) {
        for client in self.table.forget(key) {
            let Some(tracker) = self.trackers.get(&client).filter(|tracker| !tracker.mode.broadcast) else {
                continue;
            };
            if post.current != Some(client) {
                post.send(tracker, &array_of(key));
            } else if !tracker.mode.no_loop {
                self.own.push(Some(key.into()));
            }
        }
    }

    /// All keys are gone.
    pub fn invalidate_all(&mut self, post: &mut Post<'_>) {
        for (&client, tracker) in &self.trackers {
            if post.current == Some(client) {
                self.own.push(None);
            } else {
                post.send(tracker, null_for(tracker));
            }
        }
        self.table.clear();
    }

    /// The running client's reply is written: it is told of its own changes.
    pub fn tell_own(&mut self, post: &mut Post<'_>) {
        if self.own.is_empty() {
            return;
        }
        let tracker = post.current.and_then(|client| self.trackers.get(&client));
        for key in self.own.drain(..) {
            let Some(tracker) = tracker else { continue };
            match key {
                Some(key) => post.send(tracker, &array_of(&key)),
                None => post.send(tracker, null_for(tracker)),
            }
        }
    }

    /// A turn ends: broadcasting clients are told of all its changes at once.
    pub fn tell_broadcasts(&mut self, post: &mut Post<'_>) {
        let Tracking { trackers, broadcasts, .. } = self;
        let ignores_own = |client| trackers.get(&client).is_some_and(|tracker| tracker.mode.no_loop);
        broadcasts.flush(ignores_own, |client, keys| {
            if let Some(tracker) = trackers.get(&client) {
                post.send(tracker, keys);
            }
        });
    }
}

impl Post<'_> {
    /// Sends what is no longer true, encoded, to a client or to the one that stands in for it.
    fn send(&mut self, tracker: &Tracker, value: &[u8]) {
        let target = match tracker.redirect {
            None => &tracker.card,
            Some(redirect) => match self.clients.find(redirect) {
                Some(card) => card,
                None => return self.send_broken(tracker, redirect),
            },
        };
        let head: &[u8] = if speaks_resp3(target) {
            b">2\r\n$10\r\ninvalidate\r\n"
        } else if tracker.redirect.is_some() && target.has(flag::SUBSCRIBER) {
            b"*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
        } else {
            return; // RESP2 has no way to say it among replies.
        };
        let inbox = self.inboxes.open(target);
        self.inboxes.post(inbox, head);
        self.inboxes.post(inbox, value);
    }

    /// Tells a client that the one that stood in for it is gone.
    fn send_broken(&mut self, tracker: &Tracker, redirect: ClientId) {
        tracker.card.set(flag::TRACKING_BROKEN, true);
        if !speaks_resp3(&tracker.card) {
            return;
        }
        let mut message = Vec::new();
        let mut reply = Reply::new(&mut message, Version::Resp3);
        reply.push(2);
        reply.bulk(b"tracking-redir-broken");
        reply.integer(redirect as i64);
        let inbox = self.inboxes.open(&tracker.card);
        self.inboxes.post(inbox, &message);
    }
}

fn speaks_resp3(card: &Card) -> bool {
    card.protocol.load(Relaxed) == 3
}

fn array_of(key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + 32);
    let mut reply = Reply::new(&mut bytes, Version::Resp2);
    reply.array(1);
    reply.bulk(key);
    bytes
}

/// No keys in particular: all of them. In the version of the client that keeps copies, whoever is told in its place.
fn null_for(tracker: &Tracker) -> &'static [u8] {
    if speaks_resp3(&tracker.card) { b"_\r\n" } else { b"$-1\r\n" }
}
