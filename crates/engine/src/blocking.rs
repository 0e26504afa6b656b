//! Clients that wait for keys: who waits for which, in which order, until when.
//!
//! A command that finds nothing to take calls [`Context::wait_for_keys`](crate::execute::context::Context::wait_for_keys). The
//! client's request stays here together with a stand-in for its session, so that whoever changes the key can run the request
//! again, at once and in the client's name, whichever worker holds the client: `execute/serve.rs` does. What came of it is
//! left as an [`Answer`], which the client's worker puts into its outbox.

use crate::client::card::{Card, ClientId, flag};
use crate::client::session::{ReplyMode, Session, WaitEnd};
use datatypes::types::Type;
use log::Offset;
use resp::request::OwnedRequest;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a key must hold so that a request is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    kinds: u8,
    missing: bool,
}

impl Wanted {
    /// A value of this type.
    pub const fn kind(kind: Type) -> Wanted {
        Wanted { kinds: 1 << kind as u8, missing: false }
    }

    /// Also no value, or one of another type: the request cannot be answered any more, and is to say so.
    pub const fn or_gone(self) -> Wanted {
        Wanted { kinds: u8::MAX, missing: true }
    }

    /// Whether a key that holds a value of this type, or none, will do.
    pub fn accepts(self, kind: Option<Type>) -> bool {
        kind.map_or(self.missing, |kind| self.kinds & 1 << kind as u8 != 0)
    }
}

/// A client that waits.
pub(crate) struct Blocked {
    /// Acts in the client's place while its request runs again.
    pub(crate) session: Session,
    /// What it asked.
    pub(crate) request: OwnedRequest,
    wanted: Wanted,
    keys: Vec<Box<[u8]>>,
    /// Grows with each client: the order in which they are served.
    ticket: u64,
    deadline_ms: u64,
}

/// Those who wait for one key, by ticket.
#[derive(Default)]
struct Queue {
    clients: BTreeMap<u64, (ClientId, Wanted)>,
    /// How many of them would also be served if the key was gone.
    missing: usize,
    is_ready: bool,
}

/// What became of the request of a client that waited: for its worker.
#[derive(Debug)]
pub struct Answer {
    /// The client.
    pub client: ClientId,
    /// Its reply.
    pub reply: Vec<u8>,
    /// The end of its last write in the log, if the request wrote.
    pub write: Option<Offset>,
    /// Which replies it wants from now on.
    pub reply_mode: ReplyMode,
    /// The connection ends behind the reply.
    pub closes: bool,
}

/// The clients that wait for keys.
#[derive(Default)]
pub struct Blocking {
    clients: HashMap<ClientId, Blocked>,
    databases: HashMap<u32, HashMap<Box<[u8]>, Queue>>,
    /// When waiting ends: worker, monotonic milliseconds, client.
    deadlines: BTreeSet<(u16, u64, ClientId)>,
    last_ticket: u64,
    /// Keys that were changed and not yet looked at, in order.
    ready: Vec<(u32, Box<[u8]>)>,
    /// Clients that are to wait no longer.
    ended: Vec<(ClientId, WaitEnd)>,
    /// For each worker.
    answers: BTreeMap<u16, Vec<Answer>>,
    pub(crate) is_serving: bool,
    /// The worker whose turn it is: it looks for its answers without being woken.
    pub running_worker: Option<u16>,
}

impl Blocking {
    /// Whether nobody waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Whether this client waits.
    pub fn contains(&self, client: ClientId) -> bool {
        self.clients.contains_key(&client)
    }

    /// How many keys are waited for, and how many of them by clients that also want to hear that a key is gone.
    pub fn key_counts(&self) -> (usize, usize) {
        let queues = self.databases.values().flat_map(HashMap::values);
        queues.fold((0, 0), |(all, missing), queue| (all + 1, missing + usize::from(queue.missing > 0)))
    }

    /// How many clients wait until some time, not for ever.
    pub fn deadline_count(&self) -> usize {
        self.deadlines.len()
    }

    /// Lets a client wait for any of these keys of its database. `deadline_ms` is on the monotonic clock, 0 for never.
    pub(crate) fn add<'k>(
        &mut self,
        session: &Session,
        request: OwnedRequest,
        keys: impl Iterator<Item = &'k [u8]>,
        wanted: Wanted,
        deadline_ms: u64,
    ) {
        let (id, database) = (session.card.id, session.database);
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        let mut own: Vec<Box<[u8]>> = Vec::new();
        for key in keys {
            let queue = self.databases.entry(database).or_default().entry(key.into()).or_default();
            if queue.clients.insert(ticket, (id, wanted)).is_none() {
                queue.missing += usize::from(wanted.missing);
                own.push(key.into());
            }
        }
        if deadline_ms != 0 {
            self.deadlines.insert((session.card.worker, deadline_ms, id));
        }
        session.card.set(flag::BLOCKED, true);
        let session = session.stand_in();
        self.clients.insert(id, Blocked { session, request, wanted, keys: own, ticket, deadline_ms });
    }

    /// Takes a client out that waits no longer, or is gone.
    pub(crate) fn remove(&mut self, client: ClientId) -> Option<Blocked> {
        let blocked = self.clients.remove(&client)?;
        let database = blocked.session.database;
        for key in &blocked.keys {
            self.leave_queue(database, key, &blocked);
        }
        let card = &blocked.session.card;
        self.deadlines.remove(&(card.worker, blocked.deadline_ms, client));
        card.set(flag::BLOCKED, false);
        Some(blocked)
    }

    fn leave_queue(&mut self, database: u32, key: &[u8], blocked: &Blocked) {
        let Some(queues) = self.databases.get_mut(&database) else { return };
        if let Some(queue) = queues.get_mut(key) {
            queue.clients.remove(&blocked.ticket);
            queue.missing -= usize::from(blocked.wanted.missing);
            if queue.clients.is_empty() {
                queues.remove(key);
            }
        }
        if queues.is_empty() {
            self.databases.remove(&database);
        }
    }

    /// Whether there is something to be served.
    #[inline]
    pub(crate) fn has_work(&self) -> bool {
        !(self.ready.is_empty() && self.ended.is_empty())
    }

    /// A key was changed: whoever waits for it is looked at when the unit ends.
    #[inline]
    pub(crate) fn touch(&mut self, database: u32, key: &[u8]) {
        if self.clients.is_empty() {
            return;
        }
        let queue = self.databases.get_mut(&database).and_then(|queues| queues.get_mut(key));
        if let Some(queue) = queue.filter(|queue| !queue.is_ready) {
            queue.is_ready = true;
            self.ready.push((database, key.into()));
        }
    }

    /// Every key of a database may be another now.
    pub(crate) fn touch_database(&mut self, database: u32) {
        let Blocking { databases, ready, .. } = self;
        for (key, queue) in databases.get_mut(&database).into_iter().flatten() {
            if !std::mem::replace(&mut queue.is_ready, true) {
                ready.push((database, key.clone()));
            }
        }
    }

    /// The keys that were changed, each once, in the order in which that happened.
    pub(crate) fn take_ready(&mut self) -> Vec<(u32, Box<[u8]>)> {
        let ready = std::mem::take(&mut self.ready);
        for (database, key) in &ready {
            let queue = self.databases.get_mut(database).and_then(|queues| queues.get_mut(key));
            if let Some(queue) = queue {
                queue.is_ready = false;
            }
        }
        ready
    }

    /// Who waits for a key next behind a ticket, and whether what the key holds will do. None at the end, or when nobody
    /// behind wants to hear of a missing key.
    pub(crate) fn next_in_line(
        &self,
        database: u32,
        key: &[u8],
        behind: u64,
        kind: Option<Type>,
    ) -> Option<(u64, ClientId, bool)> {
        let queue = self.databases.get(&database)?.get(key)?;
        if kind.is_none() && queue.missing == 0 {
            return None;
        }
        let (&ticket, &(id, wanted)) = queue.clients.range(behind + 1..).next()?;
        Some((ticket, id, wanted.accepts(kind)))
    }

    /// A client is to wait no longer; it is told when the unit ends. False if it does not wait for keys.
    pub fn end(&mut self, client: ClientId, why: WaitEnd) -> bool {
        let waits = self.contains(client);
        if waits {
            self.ended.push((client, why));
        }
        waits
    }

    /// Nobody is to wait any longer.
    pub(crate) fn end_all(&mut self, why: WaitEnd) {
        let mut clients: Vec<(u64, ClientId)> =
            self.clients.iter().map(|(&id, blocked)| (blocked.ticket, id)).collect();
        clients.sort_unstable();
        self.ended.extend(clients.into_iter().map(|(_, id)| (id, why)));
    }

    /// The clients of a worker whose time is over are to wait no longer.
    pub(crate) fn end_overdue(&mut self, worker: u16, now_ms: u64) {
        let overdue = self.deadlines.range((worker, 0, 0)..=(worker, now_ms, ClientId::MAX));
        self.ended.extend(overdue.map(|&(_, _, client)| (client, WaitEnd::TimedOut)));
    }

    pub(crate) fn take_ended(&mut self) -> Vec<(ClientId, WaitEnd)> {
        std::mem::take(&mut self.ended)
    }

    /// When the first of a worker's clients has waited long enough, in milliseconds on the monotonic clock.
    pub fn next_deadline_ms(&self, worker: u16) -> Option<u64> {
        let next = self.deadlines.range((worker, 0, 0)..).next()?;
        (next.0 == worker).then_some(next.1)
    }

    /// Leaves an answer for the worker of a client. True if the worker is to be woken.
    pub(crate) fn leave(&mut self, card: &Arc<Card>, answer: Answer) -> bool {
        let answers = self.answers.entry(card.worker).or_default();
        answers.push(answer);
        answers.len() == 1 && self.running_worker != Some(card.worker)
    }

    /// Takes a worker's answers.
    pub fn take_answers(&mut self, worker: u16) -> Vec<Answer> {
        if self.answers.is_empty() { Vec::new() } else { self.answers.remove(&worker).unwrap_or_default() }
    }

    /// The request and the stand-in of a client, to be run; to be put back with [`Blocking::put_back`] if it waits on.
    pub(crate) fn lend(&mut self, client: ClientId) -> Option<(Session, OwnedRequest)> {
        let blocked = self.clients.get_mut(&client)?;
        let stand_in = blocked.session.stand_in();
        Some((std::mem::replace(&mut blocked.session, stand_in), std::mem::take(&mut blocked.request)))
    }

    /// A request that ran again goes on waiting, at its place in the line.
    pub(crate) fn put_back(&mut self, client: ClientId, session: Session, request: OwnedRequest) {
        if let Some(blocked) = self.clients.get_mut(&client) {
            blocked.session = session;
            blocked.request = request;
        }
    }
}

#[cfg(test)]
mod tests;
