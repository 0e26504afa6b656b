//! What others have for a client, until its worker puts it into the client's outbox: at its next request, or at the end
//! of the worker's turn.
//!
//! The publisher runs under the execution lock, on a worker that need not hold the subscriber. So messages are collected
//! here, in order, and the worker that holds the client is woken once, however many there are.

use crate::client::card::Card;
use crate::client::registry::Registry;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Capacity that an inbox keeps when it was emptied, in bytes.
const KEPT_BYTES: usize = 1024;

/// The number of an inbox: free again when its client is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InboxId(u32);

/// What waits for one client.
struct Inbox {
    card: Arc<Card>,
    bytes: Vec<u8>,
    /// Whether it is in its worker's list.
    is_listed: bool,
}

/// The inboxes of one worker's clients that hold something.
#[derive(Default)]
struct Mail {
    listed: Vec<InboxId>,
    was_woken: bool,
}

/// What was taken out of an inbox: the client's place in its worker's table, and the bytes.
pub struct Delivery<'a> {
    /// The client.
    pub card: &'a Card,
    /// What it is to get; to be emptied.
    pub bytes: &'a mut Vec<u8>,
}

/// The inboxes of all clients that have one.
#[derive(Default)]
pub struct Inboxes {
    slots: Vec<Option<Inbox>>,
    free: Vec<InboxId>,
    workers: Vec<Mail>,
    /// Inboxes that are in a worker's list.
    listed: usize,
}

impl Inboxes {
    /// Whether nothing waits for anybody.
    #[inline]
    pub fn are_empty(&self) -> bool {
        self.listed == 0
    }

    /// The inbox of a client, made at the first call.
    pub fn open(&mut self, card: &Arc<Card>) -> InboxId {
        if let Some(id) = Self::of(card) {
            return id;
        }
        let inbox = Some(Inbox { card: Arc::clone(card), bytes: Vec::new(), is_listed: false });
        let id = match self.free.pop() {
            Some(id) => {
                self.slots[id.0 as usize] = inbox;
                id
            }
            None => {
                self.slots.push(inbox);
                InboxId(self.slots.len() as u32 - 1)
            }
        };
        card.inbox_plus_one.store(id.0 + 1, Relaxed);
        id
    }

    /// The inbox of a client, if it has one.
    pub fn of(card: &Card) -> Option<InboxId> {
        card.inbox_plus_one.load(Relaxed).checked_sub(1).map(InboxId)
    }

    /// A client is gone; nobody may hold its number any more.
    pub fn close(&mut self, card: &Card) {
        let Some(id) = Self::of(card) else { return };
        card.inbox_plus_one.store(0, Relaxed);
        let Some(inbox) = self.slots[id.0 as usize].take() else { return };
        if inbox.is_listed {
            self.workers[usize::from(card.worker)].listed.retain(|&other| other != id);
            self.listed -= 1;
        }
        self.free.push(id);
    }

    /// The client of an inbox.
    pub fn card(&self, id: InboxId) -> Option<&Card> {
        self.slots[id.0 as usize].as_ref().map(|inbox| &*inbox.card)
    }

    /// Leaves bytes as they are.
    #[inline]
    pub fn post(&mut self, id: InboxId, bytes: &[u8]) {
        if let Some(inbox) = self.listed(id) {
            inbox.bytes.extend_from_slice(bytes);
        }
    }

    /// Leaves a message that was encoded once for many, as an array: those who speak RESP3 get it as a push.
    #[inline]
    pub fn post_message(&mut self, id: InboxId, array: &[u8]) {
        let Some(inbox) = self.listed(id) else { return };
        let at = inbox.bytes.len();
        inbox.bytes.extend_from_slice(array);
        if inbox.card.protocol.load(Relaxed) == 3 {
            inbox.bytes[at] = b'>';
        }
    }

    #[inline]
    fn listed(&mut self, id: InboxId) -> Option<&mut Inbox> {
        let inbox = self.slots.get_mut(id.0 as usize)?.as_mut()?;
        if !inbox.is_listed {
            inbox.is_listed = true;
            self.listed += 1;
            let worker = usize::from(inbox.card.worker);
            if self.workers.len() <= worker {
                self.workers.resize_with(worker + 1, Mail::default);
            }
            self.workers[worker].listed.push(id);
        }
        Some(inbox)
    }

    /// Moves what waits for a client that is about to run a request, or has run one, behind its replies.
    #[inline]
    pub fn collect(&mut self, card: &Card, out: &mut Vec<u8>) {
        let Some(id) = Self::of(card) else { return };
        if let Some(inbox) = self.slots[id.0 as usize].as_mut() {
            out.append(&mut inbox.bytes);
        }
    }

    /// Hands out what waits for the clients of a worker. What is not taken is lost.
    pub fn deliver(&mut self, worker: u16, mut deliver: impl FnMut(Delivery<'_>)) {
        let Some(mail) = self.workers.get_mut(usize::from(worker)) else { return };
        mail.was_woken = false;
        self.listed -= mail.listed.len();
        for id in mail.listed.drain(..) {
            let Some(inbox) = self.slots[id.0 as usize].as_mut() else { continue };
            inbox.is_listed = false;
            if !inbox.bytes.is_empty() {
                deliver(Delivery { card: &inbox.card, bytes: &mut inbox.bytes });
                inbox.bytes.clear();
                inbox.bytes.shrink_to(KEPT_BYTES);
            }
        }
    }

    /// Wakes the workers whose clients have something waiting, each once until it has taken it. `except` is awake.
    pub fn wake_workers(&mut self, except: Option<u16>, clients: &Registry) {
        for (worker, mail) in self.workers.iter_mut().enumerate() {
            let worker = worker as u16;
            if !mail.listed.is_empty() && !mail.was_woken && except != Some(worker) {
                mail.was_woken = true;
                clients.wake(worker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::ClientKind;

    fn card(worker: u16) -> Arc<Card> {
        let mut card = Card::new(1, ClientKind::Normal, String::new(), String::new(), 0);
        card.worker = worker;
        Arc::new(card)
    }

    fn delivered(inboxes: &mut Inboxes, worker: u16) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        inboxes.deliver(worker, |delivery| all.push(std::mem::take(delivery.bytes)));
        all
    }

    #[test]
    fn each_worker_gets_what_is_for_its_clients() {
        let mut inboxes = Inboxes::default();
        let (first, second) = (card(0), card(1));
        let (one, two) = (inboxes.open(&first), inboxes.open(&second));
        second.protocol.store(3, Relaxed);
        inboxes.post_message(one, b"*1\r\n");
        inboxes.post_message(two, b"*1\r\n");
        inboxes.post(two, b"+x");
        assert!(!inboxes.are_empty());
        assert_eq!(delivered(&mut inboxes, 1), [b">1\r\n+x".to_vec()]);
        assert_eq!(delivered(&mut inboxes, 1), Vec::<Vec<u8>>::new());
        let mut out = b"reply".to_vec();
        inboxes.collect(&first, &mut out);
        assert_eq!(out, b"reply*1\r\n");
        assert!(delivered(&mut inboxes, 0).is_empty() && inboxes.are_empty());
    }

    #[test]
    fn a_closed_inbox_gets_nothing_and_its_number_is_used_again() {
        let mut inboxes = Inboxes::default();
        let (first, second) = (card(0), card(0));
        let id = inboxes.open(&first);
        inboxes.post(id, b"lost");
        inboxes.close(&first);
        assert!(inboxes.are_empty() && Inboxes::of(&first).is_none());
        assert_eq!(inboxes.open(&second), id);
        assert!(delivered(&mut inboxes, 0).is_empty());
    }
}
