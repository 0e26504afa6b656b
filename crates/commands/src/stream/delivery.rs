//! What replicas and files get of entries that change hands: for each, the claim that leads to the same state.

use super::id;
use crate::prelude::*;
use datatypes::stream::{Group, Id, Log, Pending};

/// A group of a stream, as a request names it.
#[derive(Clone, Copy)]
pub(crate) struct GroupName<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) group: &'a [u8],
}

impl GroupName<'_> {
    /// The error that there is no such stream or group.
    pub(crate) fn missing(self, addition: &str) -> Stop {
        let parts: [&[u8]; 6] = [
            b"NOGROUP No such key '",
            engine::command::until_nul(self.key),
            b"' or consumer group '",
            engine::command::until_nul(self.group),
            b"'",
            addition.as_bytes(),
        ];
        Stop::Error(parts.concat().into())
    }

    /// The error that a stream has no such group.
    pub(crate) fn missing_in_key(self) -> Stop {
        let parts: [&[u8]; 5] = [
            b"NOGROUP No such consumer group '",
            engine::command::until_nul(self.group),
            b"' for key name '",
            engine::command::until_nul(self.key),
            b"'",
        ];
        Stop::Error(parts.concat().into())
    }
}

/// Requests that are passed on in place of the one that came. The empty list passes nothing on.
#[derive(Default)]
pub(crate) struct Requests(Vec<Vec<Vec<u8>>>);

impl Requests {
    /// An entry was handed to a consumer, or is to be found missing by whoever reads this.
    pub(crate) fn claim(&mut self, name: GroupName<'_>, group_last_id: Id, entry: Id, pending: &Pending) {
        let delivered_ms = pending.delivered_ms.to_string();
        let deliveries = pending.deliveries.to_string();
        let (entry, last_id) = (id::text(entry), id::text(group_last_id));
        self.push(&[
            b"XCLAIM",
            name.key,
            name.group,
            &pending.consumer,
            b"0",
            &entry,
            b"TIME",
            delivered_ms.as_bytes(),
            b"RETRYCOUNT",
            deliveries.as_bytes(),
            b"FORCE",
            b"JUSTID",
            b"LASTID",
            &last_id,
        ]);
    }

    /// A group has read further.
    pub(crate) fn group_id(&mut self, name: GroupName<'_>, group: &Group) {
        let read = group.entries_read.map_or(-1, u64::cast_signed).to_string();
        let last_id = id::text(group.last_id);
        let (key, group) = (name.key, name.group);
        self.push(&[b"XGROUP", b"SETID", key, group, &last_id, b"ENTRIESREAD", read.as_bytes()]);
    }

    /// A consumer was created without being handed anything.
    pub(crate) fn consumer(&mut self, name: GroupName<'_>, consumer: &[u8]) {
        self.push(&[b"XGROUP", b"CREATECONSUMER", name.key, name.group, consumer]);
    }

    fn push(&mut self, words: &[&[u8]]) {
        self.0.push(words.iter().map(|word| word.to_vec()).collect());
    }

    /// Passes them on.
    pub(crate) fn pass_on(self, ctx: &mut Context<'_>) {
        ctx.propagate_nothing();
        for request in self.0 {
            let words: Vec<&[u8]> = request.iter().map(Vec::as_slice).collect();
            ctx.propagate_as(&words);
        }
    }
}

/// Whose turn it is to be handed entries.
#[derive(Clone, Copy)]
pub(crate) struct Taker<'a> {
    pub(crate) name: GroupName<'a>,
    pub(crate) consumer: &'a [u8],
    pub(crate) now_ms: i64,
}

/// An entry that is pending with somebody is gone from the stream: nobody has it pending any more.
pub(crate) fn drop_missing(
    name: GroupName<'_>,
    group: &mut Group,
    entry: Id,
    requests: &mut Requests,
) -> bool {
    let Some(pending) = group.pending().get(entry) else { return false };
    requests.claim(name, group.last_id, entry, pending);
    group.acknowledge(entry)
}

/// Hands an entry to a consumer that claims it.
pub(crate) fn claim(
    taker: Taker<'_>,
    group: &mut Group,
    entry: Id,
    delivered_ms: i64,
    deliveries: u64,
    requests: &mut Requests,
) {
    group.assign(entry, taker.consumer, delivered_ms, deliveries);
    if let Some(consumer) = group.consumer_mut(taker.consumer) {
        consumer.active_ms = Some(taker.now_ms);
    }
    if let Some(pending) = group.pending().get(entry) {
        requests.claim(taker.name, group.last_id, entry, pending);
    }
}

/// Writes a claimed entry as the claimer wants it.
pub(crate) fn write_claimed(reply: &mut resp::reply::Reply<'_>, log: &Log, entry: Id, only_id: bool) {
    match log.entry(entry).filter(|_| !only_id) {
        Some(entry) => super::reply::write_entry(reply, &entry),
        None => super::reply::write_id(reply, entry),
    }
}
