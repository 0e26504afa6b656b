//! Puts what others had for this worker's clients into their outboxes: messages, invalidations, lines for monitors.

use crate::worker::Worker;
use engine::engine::Node;
use std::sync::atomic::Ordering::Relaxed;

/// Ends the turn for everybody who is told of it: this worker's clients here, other workers are woken for theirs.
pub fn deliver(worker: &mut Worker, node: &mut Node) {
    if !node.engine.notify.is_busy() {
        return;
    }
    node.engine.tell_of_turn(Some(worker.index));
    // What is told may come from a write: it is not told before the write is as safe as its own client is promised.
    let end = node.engine.propagation.end();
    let is_fenced = node.engine.fences_writes() && node.engine.commit.durable() < end;
    let Worker { connections, active, fenced, .. } = worker;
    node.engine.notify.inboxes.deliver(worker.index, |delivery| {
        let token = delivery.card.token.load(Relaxed);
        let Some(connection) = connections.get_mut(token) else { return };
        let place = connection.outbox.place();
        connection.outbox.take_over(delivery.bytes);
        if is_fenced {
            connection.fence_since(place, end);
            fenced.push(token);
        }
        active.push(token);
    });
}
