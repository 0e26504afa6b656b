//! Requests that wait, and replies behind a fence: looked at once a turn.

use crate::worker::Worker;
use engine::client::card::{Card, flag};
use engine::client::session::WaitEnd;
use engine::command::WaitOn;
use engine::engine::Node;
use engine::execute::dispatch::{self, Flow};

/// Runs those requests again whose time is over or for which something may have changed.
pub fn serve(worker: &mut Worker, node: &mut Node) {
    if worker.waiting.is_empty() {
        return;
    }
    let tokens = std::mem::take(&mut worker.waiting);
    for token in tokens {
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        let Some(waiting) = connection.waiting.take() else { continue };
        let Some(why) = end_of(node, connection.card(), waiting.on) else {
            connection.waiting = Some(waiting);
            worker.waiting.push(token);
            continue;
        };
        let request = waiting.request.as_request();
        connection.end_wait();
        let flow = dispatch::resume(node, &mut connection.session, request, why, connection.outbox.buffer());
        if let Flow::Wait(on) = flow {
            connection.wait(waiting.request, on);
            note(worker, token, on);
        }
        worker.activate(token);
    }
}

/// Notes that a connection's request waits. Those that wait for keys are not looked at each turn.
pub fn note(worker: &mut Worker, token: usize, on: WaitOn) {
    if on == WaitOn::Keys {
        let client = worker.connections[token].card().id;
        worker.blocked.insert(client, token);
    } else {
        worker.waiting.push(token);
    }
}

/// Why a request that waits should run again now, if it should.
fn end_of(node: &Node, card: &Card, on: WaitOn) -> Option<WaitEnd> {
    match on {
        // The process answers it, or whoever changes the key.
        WaitOn::Process | WaitOn::Keys => return None,
        WaitOn::Migration => return node.engine.migrations.is_over(card.id).then_some(WaitEnd::Changed),
        WaitOn::Acknowledgements { .. } if node.engine.replication.is_replica() => {
            return Some(WaitEnd::Demoted);
        }
        WaitOn::Acknowledgements { .. } | WaitOn::PauseEnd => {}
    }
    let flags = card.flags.load(std::sync::atomic::Ordering::Relaxed);
    if flags & flag::UNBLOCK_ERROR != 0 {
        return Some(WaitEnd::Error);
    }
    if flags & flag::UNBLOCK_TIMEOUT != 0 {
        return Some(WaitEnd::TimedOut);
    }
    let now_ms = node.engine.clock.monotonic_ms;
    match on {
        WaitOn::Acknowledgements { deadline_ms } if deadline_ms != 0 && now_ms >= deadline_ms => {
            Some(WaitEnd::TimedOut)
        }
        WaitOn::Acknowledgements { .. } => Some(WaitEnd::Changed),
        WaitOn::Process | WaitOn::Keys | WaitOn::Migration => None,
        WaitOn::PauseEnd => (!node.engine.health.is_paused(now_ms)).then_some(WaitEnd::Changed),
    }
}

/// Lets replies go whose writes are durable. While the disk takes no writes the connections of the others are closed:
/// their writes are in memory, but nobody may be told so, and nobody should wait for somebody to make room.
pub fn release_fences(worker: &mut Worker, node: &mut Node) {
    if worker.fenced.is_empty() {
        return;
    }
    let durable = node.engine.commit.durable();
    let has_failed = node.engine.health.append_only.write_error.is_some();
    let tokens = std::mem::take(&mut worker.fenced);
    for token in tokens {
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        if !connection.outbox.is_fenced() {
            continue;
        }
        connection.outbox.release(durable);
        if connection.outbox.is_fenced() {
            worker.fenced.push(token);
            if has_failed {
                let reason = "Closing client whose write could not be brought to disk (appendfsync always)";
                connection.closing.get_or_insert_with(|| reason.to_string());
            }
        }
        worker.activate(token);
    }
    worker.fenced.sort_unstable();
    worker.fenced.dedup();
}
