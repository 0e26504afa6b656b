//! The connections of replicas: from PSYNC to the stream.

use crate::connection::Feed;
use crate::worker::Worker;
use engine::engine::Node;
use engine::facts::replication::ReplicaState;
use log::tail::ReaderId;
use replication::feed;
use replication::primary::{self, Answer};

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

/// Puts new bytes of the log into the outboxes of the replicas.
pub fn feed(worker: &mut Worker, node: &mut Node) {
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
    if feed::feed(node, reader, &mut connection.outbox) > 0 {
        worker.active.push(token);
    }
}

/// Wakes other workers when the log has grown and they have replicas to feed.
pub fn wake_others(worker: &Worker, node: &mut Node) {
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
