//! Letters from other threads to this worker.

use crate::connection::Feed;
use crate::shared::Letter;
use crate::worker::Worker;
use crate::{accept, replicas};
use engine::client::card::flag;
use engine::engine::Node;

/// Reads the worker's letters, and the signals on its clients' cards.
pub fn read_letters(worker: &mut Worker, node: &mut Node) {
    for letter in worker.server.mailboxes[usize::from(worker.index)].take() {
        match letter {
            Letter::Accepted(accepted, id) => accept::serve(worker, node, accepted, id),
            Letter::Listen => crate::options::watch_listeners(worker),
            Letter::SnapshotSent(finished) => replicas::snapshot_sent(worker, node, finished),
            Letter::CaughtUp(finished) => replicas::caught_up(worker, node, finished),
        }
    }
    let kills = node.engine.clients.kills();
    if kills != worker.seen_kills {
        worker.seen_kills = kills;
        close_marked(worker);
    }
}

/// Closes the clients that CLIENT KILL marked.
fn close_marked(worker: &mut Worker) {
    let marked =
        |(_, connection): &(usize, &crate::connection::Connection)| connection.card().has(flag::CLOSE_NOW);
    let tokens: Vec<usize> = worker.connections.iter().filter(marked).map(|(token, _)| token).collect();
    for token in tokens {
        let connection = &mut worker.connections[token];
        if connection.session.close_after_reply {
            continue;
        }
        if matches!(connection.feed, Some(Feed::Snapshot)) {
            // The thread that sends the copy sees the end of the stream.
            let _ = connection.stream.shutdown();
        }
        connection.closing.get_or_insert_with(|| "Client killed".to_string());
        worker.activate(token);
    }
}
