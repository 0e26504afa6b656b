//! A consumer group: how far it has read, and which entries its consumers have not acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;

use encodings::id_tree::{Id, IdMap};

/// Entries of a leaf of an [`IdMap`], about: to tell how many allocations a map has.
const ENTRIES_A_LEAF: usize = 32;

/// A group of consumers.
#[derive(Clone, Default)]
pub struct Group {
    /// The last entry that was handed out.
    pub last_id: Id,
    /// How many entries of the stream's history lie up to there, if that is known. Servers take whatever they are told for
    /// it, and show it with a sign.
    pub entries_read: Option<u64>,
    pending: IdMap<Pending>,
    consumers: BTreeMap<Arc<[u8]>, Consumer>,
}

/// An entry that was handed out and not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Who has it.
    pub consumer: Arc<[u8]>,
    /// When it was last handed out, in milliseconds since 1970.
    pub delivered_ms: i64,
    /// How many times it was handed out.
    pub deliveries: u64,
}

/// A consumer of a group.
#[derive(Clone, Default)]
pub struct Consumer {
    /// When it last asked for something, in milliseconds since 1970.
    pub seen_ms: i64,
    /// When it last got something, in milliseconds since 1970.
    pub active_ms: Option<i64>,
    pending: IdMap<()>,
}

impl Consumer {
    /// The entries that it has not acknowledged.
    pub fn pending(&self) -> &IdMap<()> {
        &self.pending
    }
}

impl Group {
    /// A group that has read up to `last_id`.
    pub fn new(last_id: Id, entries_read: Option<u64>) -> Group {
        Group { last_id, entries_read, ..Group::default() }
    }

    /// The entries that were not acknowledged.
    pub fn pending(&self) -> &IdMap<Pending> {
        &self.pending
    }

    /// One of them, to be changed in its times and counts.
    pub fn pending_mut(&mut self, id: Id) -> Option<&mut Pending> {
        self.pending.get_mut(id)
    }

    /// The consumers and their names, in the order of these.
    pub fn consumers(&self) -> impl ExactSizeIterator<Item = (&[u8], &Consumer)> {
        self.consumers.iter().map(|(name, consumer)| (&**name, consumer))
    }

    /// The consumer of this name.
    pub fn consumer(&self, name: &[u8]) -> Option<&Consumer> {
        self.consumers.get(name)
    }

    /// The consumer of this name, to be changed.
    pub fn consumer_mut(&mut self, name: &[u8]) -> Option<&mut Consumer> {
        self.consumers.get_mut(name)
    }

    /// Puts a consumer in that is seen now; false if there is one of this name.
    pub fn create_consumer(&mut self, name: &[u8], now_ms: i64) -> bool {
        if self.consumers.contains_key(name) {
            return false;
        }
        let consumer = Consumer { seen_ms: now_ms, ..Consumer::default() };
        self.consumers.insert(name.into(), consumer);
        true
    }

    /// Takes a consumer out, and what it has pending. The second part holds what it had of the group's own list, if that
    /// was made anew: there is nothing to be done with it but to free it.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<(Consumer, IdMap<Pending>)> {
        let consumer = self.consumers.remove(name)?;
        // Whichever is less work: to take out what goes, or to copy what stays.
        let left = self.pending.len() - consumer.pending.len();
        if left < consumer.pending.len() {
            let kept = self.pending_of_all();
            return Some((consumer, std::mem::replace(&mut self.pending, kept)));
        }
        for (id, ()) in consumer.pending.iter() {
            self.pending.remove(id);
        }
        Some((consumer, IdMap::new()))
    }

    /// The entries that the consumers have pending.
    fn pending_of_all(&self) -> IdMap<Pending> {
        let ids = self.consumers.values().flat_map(|consumer| consumer.pending.iter());
        ids.filter_map(|(id, ())| Some((id, self.pending.get(id)?.clone()))).collect()
    }

    /// Hands an entry to a consumer, whoever had it; nothing happens if there is no consumer of this name.
    pub fn assign(&mut self, id: Id, consumer: &[u8], delivered_ms: i64, deliveries: u64) {
        let Some((name, _)) = self.consumers.get_key_value(consumer) else { return };
        let name = Arc::clone(name);
        let replaced =
            self.pending.insert(id, Pending { consumer: Arc::clone(&name), delivered_ms, deliveries });
        match replaced {
            Some(old) if old.consumer == name => return,
            Some(old) => self.forget(&old.consumer, id),
            None => {}
        }
        if let Some(consumer) = self.consumers.get_mut(&name) {
            consumer.pending.insert(id, ());
        }
    }

    /// An entry is no longer pending; false if it was not.
    pub fn acknowledge(&mut self, id: Id) -> bool {
        let removed = self.pending.remove(id);
        if let Some(pending) = &removed {
            self.forget(&pending.consumer, id);
        }
        removed.is_some()
    }

    fn forget(&mut self, consumer: &[u8], id: Id) {
        if let Some(consumer) = self.consumers.get_mut(consumer) {
            consumer.pending.remove(id);
        }
    }

    /// How many allocations it has, about.
    pub(super) fn part_count(&self) -> usize {
        self.consumers.len() + self.pending.len() * 2 / ENTRIES_A_LEAF + 1
    }

    /// Bytes that it takes.
    pub(super) fn allocated_bytes(&self) -> usize {
        let consumer = |(name, consumer): (&[u8], &Consumer)| {
            name.len() + size_of::<Consumer>() + consumer.pending.allocated_bytes()
        };
        size_of::<Group>() + self.pending.allocated_bytes() + self.consumers().map(consumer).sum::<usize>()
    }
}

impl PartialEq for Consumer {
    fn eq(&self, other: &Consumer) -> bool {
        let times = |consumer: &Consumer| (consumer.seen_ms, consumer.active_ms);
        times(self) == times(other) && self.pending.iter().eq(other.pending.iter())
    }
}

impl PartialEq for Group {
    fn eq(&self, other: &Group) -> bool {
        let reads = |group: &Group| (group.last_id, group.entries_read);
        reads(self) == reads(other)
            && self.consumers == other.consumers
            && self.pending.iter().eq(other.pending.iter())
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seen {} active {:?} ", self.seen_ms, self.active_ms)?;
        f.debug_list().entries(self.pending.iter().map(|(id, ())| id)).finish()
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} read {:?} {:?} ", self.last_id, self.entries_read, self.consumers)?;
        f.debug_map().entries(self.pending.iter()).finish()
    }
}
