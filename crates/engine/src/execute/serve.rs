//! Serves clients that wait for keys: after each unit, while the locks are still held, so that what they take is taken
//! before anybody else can, and their effects follow right behind the unit's in the log.

use super::dispatch::{self, Flow};
use crate::blocking::Answer;
use crate::client::card::{ClientId, flag};
use crate::client::session::{DEMOTED, Session, UNBLOCKED, WaitEnd};
use crate::engine::Node;
use keyspace::{EntryRef, ExpiryMode, Type, View};
use resp::reply::Reply;

/// Serves whoever waits for keys that were changed: keys in the order in which they were, clients in the order in which they
/// came. Their requests may change further keys: goes on until nothing is left.
#[inline]
pub fn serve(node: &mut Node) {
    let blocking = &node.engine.blocking;
    if blocking.has_work() && !blocking.is_serving {
        serve_all(node);
    }
}

/// Ends the waiting of a worker's clients whose time is over.
pub fn end_overdue(node: &mut Node, worker: u16) {
    let now_ms = node.engine.clock.monotonic_ms;
    node.engine.blocking.end_overdue(worker, now_ms);
    serve(node);
}

#[cold]
fn serve_all(node: &mut Node) {
    node.engine.blocking.is_serving = true;
    while node.engine.blocking.has_work() {
        for (client, why) in node.engine.blocking.take_ended() {
            end(node, client, why);
        }
        // While clients are paused nothing may change: the keys are looked at when that is over.
        if node.engine.health.is_paused(node.engine.clock.monotonic_ms) {
            break;
        }
        for (database, key) in node.engine.blocking.take_ready() {
            serve_key(node, database, &key);
        }
    }
    node.engine.blocking.is_serving = false;
    node.update_interest();
}

fn serve_key(node: &mut Node, database: u32, key: &[u8]) {
    let mut behind = 0;
    loop {
        let kind = kind_of(node, database, key);
        let next = node.engine.blocking.next_in_line(database, key, behind, kind);
        let Some((ticket, client, is_served)) = next else { return };
        behind = ticket;
        if is_served {
            run_again(node, client);
        }
    }
}

fn kind_of(node: &mut Node, database: u32, key: &[u8]) -> Option<Type> {
    let view = View { database, now_ms: node.engine.clock.wall_ms, expiry: ExpiryMode::Hide, touch: false };
    node.keyspace.keys(view).peek(key).map(EntryRef::kind)
}

/// Runs a client's request again. It is answered, or waits on at its place in the line.
fn run_again(node: &mut Node, client: ClientId) {
    let Some((mut session, request)) = node.engine.blocking.lend(client) else { return };
    if session.card.has(flag::CLOSE_NOW) {
        // Killed: what it would take would be lost.
        node.engine.blocking.remove(client);
        return;
    }
    let before = session.last_write;
    let mut reply = Vec::new();
    let flow = dispatch::resume(node, &mut session, request.as_request(), WaitEnd::Changed, &mut reply);
    if let Flow::Wait(_) = flow {
        node.engine.blocking.put_back(client, session, request);
        return;
    }
    node.engine.blocking.remove(client);
    let write = (session.last_write != before).then_some(session.last_write);
    leave(node, &session, reply, write, false);
}

/// A client is told why it waits no longer.
fn end(node: &mut Node, client: ClientId, why: WaitEnd) {
    let Some(blocked) = node.engine.blocking.remove(client) else { return };
    let mut bytes = Vec::new();
    let mut reply = Reply::new(&mut bytes, blocked.session.version);
    match why {
        WaitEnd::TimedOut | WaitEnd::Changed => reply.null_array(),
        WaitEnd::Error => reply.error(UNBLOCKED),
        WaitEnd::Demoted => reply.error(DEMOTED),
    }
    if bytes.starts_with(b"-") {
        node.engine.stats.count_error(UNBLOCKED);
    }
    let mut session = blocked.session;
    dispatch::withhold(&mut session, &mut bytes, 0);
    leave(node, &session, bytes, None, why == WaitEnd::Demoted);
}

fn leave(node: &mut Node, session: &Session, reply: Vec<u8>, write: Option<log::Offset>, closes: bool) {
    let card = &session.card;
    let answer = Answer { client: card.id, reply, write, reply_mode: session.reply_mode, closes };
    let worker = card.worker;
    if node.engine.blocking.leave(card, answer) {
        node.engine.clients.wake(worker);
    }
}
