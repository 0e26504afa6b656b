//! Clients of this worker whose requests wait for keys: their time, and the answers that others leave for them.

use crate::worker::Worker;
use engine::blocking::Answer;
use engine::engine::Node;
use engine::execute::serve;
use std::time::{Duration, Instant};

/// Ends the waiting of those whose time is over, and delivers what was answered so far.
pub fn serve(worker: &mut Worker, node: &mut Node) {
    if !worker.blocked.is_empty() {
        serve::end_overdue(node, worker.index);
        deliver(worker, node);
    }
}

/// Puts answers into the outboxes of their clients, which may send further requests from now on.
pub fn deliver(worker: &mut Worker, node: &mut Node) {
    for answer in &node.engine.blocking.take_answers(worker.index) {
        deliver_one(worker, node, answer);
    }
}

fn deliver_one(worker: &mut Worker, node: &Node, answer: &Answer) {
    // A client whose connection has ended meanwhile gets nothing.
    let Some(token) = worker.blocked.remove(&answer.client) else { return };
    let Some(connection) = worker.connections.get_mut(token) else { return };
    let place = connection.outbox.place();
    connection.outbox.buffer().extend_from_slice(&answer.reply);
    connection.session.waits_on = None;
    connection.session.reply_mode = answer.reply_mode;
    if let Some(offset) = answer.write {
        connection.session.last_write = offset;
        if node.engine.fences_writes() {
            connection.fence_since(place, offset);
            worker.fenced.push(token);
        }
    }
    if answer.closes {
        connection.session.close_after_reply();
    }
    connection.waiting = None;
    connection.end_wait();
    worker.activate(token);
}

/// Before the execution lock is let go: when to look again.
pub fn end_turn(worker: &mut Worker, node: &mut Node) {
    let blocking = &mut node.engine.blocking;
    blocking.running_worker = None;
    let next_ms = blocking.next_deadline_ms(worker.index);
    worker.next_deadline = next_ms.map(|at_ms| {
        let now_ms = stdx::clock::monotonic_us() / 1000;
        Instant::now() + Duration::from_millis(at_ms.saturating_sub(now_ms))
    });
}
