//! Messages, invalidations and lines for monitors: from the inboxes to the outboxes of this worker's clients, and out.
//!
//! A message to many is sent to some of them in each turn. So one PUBLISH to thousands keeps nobody waiting, and what else
//! is published meanwhile goes out to the others with it, in one write.

use crate::connection::Connection;
use crate::worker::{Settings, Worker};
use engine::engine::Node;
use std::sync::atomic::Ordering::Relaxed;

/// To how many clients messages are sent in a turn, besides those that get replies.
const MOST_SENDS: usize = 32;

/// An outbox with more than this is looked at, and sent, at once.
const LARGE_BYTES: u64 = 64 * 1024;

/// Ends the turn for everybody who is told of it: this worker's clients here, other workers are woken for theirs.
pub fn collect(worker: &mut Worker, node: &mut Node) {
    if !node.engine.notify.is_busy() {
        return;
    }
    node.engine.tell_of_turn(Some(worker.index));
    // What is told may come from a write: it is not told before the write is as safe as its own client is promised.
    let end = node.engine.propagation.end();
    let is_fenced = node.engine.fences_writes() && node.engine.commit.durable() < end;
    let Worker { connections, active, audience, fenced, settings, .. } = worker;
    node.engine.notify.inboxes.deliver(worker.index, |delivery| {
        let token = delivery.card.token.load(Relaxed);
        let Some(connection) = connections.get_mut(token) else { return };
        let place = connection.outbox.place();
        connection.outbox.take_over(delivery.bytes);
        if is_fenced {
            connection.fence_since(place, end);
            fenced.push(token);
        }
        if is_large(connection, settings) {
            active.push(token);
        } else if !std::mem::replace(&mut connection.is_in_audience, true) {
            audience.push_back(token);
        }
    });
}

/// Whether so much waits that the client may have to be closed.
fn is_large(connection: &Connection, settings: &Settings) -> bool {
    let limits = settings.output_limits(&connection.session);
    let limit = [limits.hard_bytes, limits.soft_bytes].into_iter().filter(|&bytes| bytes != 0).min();
    connection.outbox.pending_bytes() as u64 >= limit.unwrap_or(LARGE_BYTES).min(LARGE_BYTES)
}

/// The connections whose turn it is to be sent messages join the active ones.
pub fn call_up(worker: &mut Worker) {
    for _ in 0..MOST_SENDS {
        let Some(token) = worker.audience.pop_front() else { break };
        if let Some(connection) = worker.connections.get_mut(token) {
            connection.is_in_audience = false;
            worker.active.push(token);
        }
    }
}
