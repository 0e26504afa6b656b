//! The connections of replicas: from PSYNC to the stream.

use crate::connection::Feed;
use crate::worker::Worker;
use engine::engine::Node;
use engine::facts::replication::ReplicaState;
use log::tail::ReaderId;
use replication::primary::{self, Answer};

/// How long new bytes may wait for more of them while there is other work, in microseconds. A write to a socket costs as much
/// as a request without a pipeline does.
const GATHER_US: u64 = 500;
/// Who waited for sockets longer than this, in microseconds, has no other work.
const NO_WAIT_US: u64 = 2;
/// How many bytes are put into a replica's outbox ahead of the socket.
const AHEAD_BYTES: usize = 256 * 1024;

/// Answers PSYNC or SYNC on a connection.
pub fn answer(worker: &mut Worker, node: &mut Node, token: usize) {
    let connection = &mut worker.connections[token];
    match primary::answer(node, &mut connection.session, connection.outbox.buffer()) {
        Answer::Refused => return,
        Answer::Continue(reader) => connection.feed = Some(Feed::Stream(reader)),
        Answer::Snapshot(wanted) => {
            connection.feed = Some(Feed::Snapshot);
            match connection.stream.try_clone() {
                Ok(stream) => {
                    let card = connection.card();
                    worker.server.full_syncs.enqueue(card.id, card.worker, stream, wanted);
                }
                Err(error) => connection.closing = Some(format!("Duplicating a replica's socket: {error}")),
            }
        }
    }
    let delays = node.engine.config.replication.repl_disable_tcp_nodelay;
    if delays && let Err(error) = connection.stream.set_nodelay(false) {
        stdx::logging::debug!("Letting the system gather what goes to a replica: {error}");
    }
    worker.feeds.push(token);
}

/// The full copy for a replica was sent, or could not be.
pub fn snapshot_sent(
    worker: &mut Worker,
    node: &mut Node,
    token: Option<usize>,
    outcome: Result<ReaderId, String>,
) {
    let Some(token) = token else {
        if let Ok(reader) = outcome {
            node.engine.propagation.tail.unpin(reader);
        }
        return;
    };
    let connection = &mut worker.connections[token];
    match outcome {
        Ok(reader) => {
            connection.feed = Some(Feed::AwaitLoad(reader));
            connection.may_have_more = true;
        }
        Err(reason) => connection.closing = Some(reason),
    }
    worker.activate(token);
}

/// Whether this turn passes new bytes of the log on. Under load they gather for a while; not when the worker has nothing
/// else to do, nor when somebody waits for what replicas answer to them.
fn is_due(worker: &Worker, node: &Node, began: u64) -> bool {
    let engine = &node.engine;
    let is_asked = engine.propagation.asked_up_to() > engine.fed_up_to;
    let waited_us = worker.ticks.us_between(worker.ended_at, began);
    let is_idle = worker.active.is_empty() || waited_us > NO_WAIT_US;
    is_asked || is_idle || worker.ticks.us_between(worker.fed_at, began) >= GATHER_US
}

/// Puts new bytes of the log into the outboxes of the replicas. `began` is when the turn did, in ticks.
pub fn feed(worker: &mut Worker, node: &mut Node, began: u64) {
    if node.engine.replication.replicas.is_empty() {
        return;
    }
    if node.engine.propagation.end() != node.engine.fed_up_to {
        worker.owes_feed = !is_due(worker, node, began);
        if worker.owes_feed {
            return;
        }
        worker.fed_at = began;
        let engine = &mut node.engine;
        engine.replication.growth.note(engine.clock.monotonic_ms, engine.propagation.end());
    }
    for position in 0..worker.feeds.len() {
        let token = worker.feeds[position];
        feed_one(worker, node, token);
    }
}

fn feed_one(worker: &mut Worker, node: &mut Node, token: usize) {
    let limits = worker.settings.replica_limits;
    let Some(connection) = worker.connections.get_mut(token) else { return };
    let id = connection.card().id;
    if let Some(Feed::AwaitLoad(reader)) = connection.feed {
        let state = node.engine.replication.replica_mut(id).map(|replica| replica.state);
        if state == Some(ReplicaState::Online) {
            connection.feed = Some(Feed::Stream(reader));
        }
    }
    let (Some(Feed::AwaitLoad(reader)) | Some(Feed::Stream(reader))) = connection.feed else { return };
    let tail = &mut node.engine.propagation.tail;
    if limits.hard_bytes != 0 && tail.bytes_behind(reader) > limits.hard_bytes {
        connection.closing = Some(format!(
            "Client id={id} addr={} closed for overcoming of output buffer limits.",
            connection.card().address
        ));
        worker.active.push(token);
        return;
    }
    if !matches!(connection.feed, Some(Feed::Stream(_))) {
        return;
    }
    let Some(mut offset) = tail.position(reader) else { return };
    let mut fed = 0;
    while connection.outbox.pending_bytes() < AHEAD_BYTES {
        let Some(bytes) = tail.read(offset).filter(|bytes| !bytes.is_empty()) else { break };
        connection.outbox.buffer().extend_from_slice(bytes);
        offset = offset.plus(bytes.len());
        fed += bytes.len();
    }
    if fed > 0 {
        tail.advance(reader, offset);
        node.engine.stats.replication_output_bytes += fed as u64;
        worker.active.push(token);
    }
}

/// Wakes other workers when the log has grown and they have replicas to feed.
pub fn wake_others(worker: &Worker, node: &mut Node) {
    if worker.owes_feed {
        return;
    }
    let end = node.engine.propagation.end();
    let grown = std::mem::replace(&mut node.engine.fed_up_to, end) != end;
    if !grown || node.engine.replication.replicas.is_empty() || worker.server.mailboxes.len() == 1 {
        return;
    }
    for index in 0..worker.server.mailboxes.len() as u16 {
        if index != worker.index {
            node.engine.clients.wake(index);
        }
    }
}
