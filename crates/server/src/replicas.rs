//! The connections of replicas: from PSYNC to the stream, out of files as long as memory does not reach back so far.

use crate::connection::{Connection, Feed};
use crate::worker::Worker;
use engine::client::card::{ClientId, flag};
use engine::engine::Node;
use engine::facts::replication::ReplicaState;
use engine::facts::replication_events::Cause;
use log::tail::ReaderId;
use replication::catch_up::{self, CaughtUp};
use replication::feed;
use replication::full_sync;
use replication::primary::{self, Answer};
use replication::stream_start::{Kept, StreamStart, memory_limit_bytes};
use std::time::Duration;

/// How long new bytes may wait for more of them while there is other work, in microseconds. A write to a socket costs as much
/// as a request without a pipeline does.
const GATHER_US: u64 = 500;
/// Who waited for sockets longer than this, in microseconds, has no other work.
const NO_WAIT_US: u64 = 2;

/// Answers PSYNC or SYNC on a connection.
pub fn answer(worker: &mut Worker, node: &mut Node, token: usize) {
    let connection = &mut worker.connections[token];
    match primary::answer(node, &mut connection.session, connection.outbox.buffer()) {
        Answer::Refused => return,
        Answer::Continue(reader) => connection.feed = Some(Feed::Stream(reader)),
        Answer::CatchUp(start) => catch_up(worker, node, token, start),
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
    if delays && let Err(error) = worker.connections[token].stream.set_nodelay(false) {
        stdx::logging::debug!("Letting the system gather what goes to a replica: {error}");
    }
    worker.feeds.push(token);
    // A primary that is killed right now must know after its restart whom to ask.
    worker.server.notes.cron(node);
}

/// Leaves a replica to a thread that feeds it from files, with what waits for it in the outbox.
fn catch_up(worker: &mut Worker, node: &Node, token: usize, start: StreamStart) {
    let connection = &mut worker.connections[token];
    let before = connection.outbox.sendable().to_vec();
    connection.outbox.advance(before.len());
    connection.feed = Some(Feed::CatchUp);
    let timeout = Duration::from_secs(u64::from(node.engine.config.replication.repl_timeout));
    let (client, index) = (connection.card().id, connection.card().worker);
    let started = connection.stream.try_clone().and_then(|stream| {
        let replica = catch_up::Replica { client, worker: index, stream, before, start };
        worker.server.catch_ups.start(replica, timeout)
    });
    if let Err(error) = started {
        connection.closing = Some(format!("Starting to feed a replica from files: {error}"));
    }
}

/// The full copy for a replica was sent, or could not be.
pub fn snapshot_sent(worker: &mut Worker, node: &mut Node, finished: full_sync::Finished) {
    let Some(token) = find(worker, finished.client) else { return };
    let connection = &mut worker.connections[token];
    match finished.outcome {
        Ok(start) => {
            primary::resync_done(&mut node.engine, finished.client, finished.bytes);
            connection.feed = Some(Feed::AwaitLoad(start));
            connection.may_have_more = true;
        }
        Err((cause, reason)) => {
            node.engine.replication.resyncs.will_end(finished.client, cause, &*reason);
            connection.closing = Some(reason);
        }
    }
    worker.unfinished.push(token);
}

/// A replica has got everything that memory does not hold, or could not.
pub fn caught_up(worker: &mut Worker, node: &mut Node, finished: catch_up::Finished) {
    let client = finished.client;
    match (find(worker, client), finished.outcome) {
        (None, Ok(CaughtUp { reader, .. })) => node.engine.propagation.tail.unpin(reader),
        (None, Err(_)) => {}
        (Some(token), Ok(CaughtUp { reader, bytes })) => {
            primary::resync_done(&mut node.engine, client, bytes);
            let connection = &mut worker.connections[token];
            connection.feed = Some(Feed::Stream(reader));
            connection.is_write_blocked = false;
            worker.unfinished.push(token);
        }
        (Some(token), Err(failed)) => {
            let reason = format!("Feeding a replica from files: {}", failed.evidence);
            node.engine.replication.resyncs.will_end(client, failed.cause, failed.evidence);
            worker.connections[token].closing = Some(reason);
            worker.unfinished.push(token);
        }
    }
}

fn find(worker: &Worker, client: ClientId) -> Option<usize> {
    let mut connections = worker.connections.iter();
    connections.find(|(_, connection)| connection.card().id == client).map(|(token, _)| token)
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
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        // What is closed because the history has changed must not get bytes of the new one under the old name.
        if connection.card().has(flag::CLOSE_NOW) {
            continue;
        }
        match &connection.feed {
            Some(Feed::AwaitLoad(_)) => begin_stream_if_loaded(worker, node, token),
            Some(Feed::Stream(_)) => {}
            Some(Feed::Snapshot | Feed::CatchUp) | None => continue,
        }
        feed_one(worker, node, token);
    }
}

/// The replica has loaded its copy: the stream begins.
fn begin_stream_if_loaded(worker: &mut Worker, node: &mut Node, token: usize) {
    let connection = &mut worker.connections[token];
    let id = connection.card().id;
    let is_loaded =
        node.engine.replication.replica_mut(id).is_some_and(|replica| replica.state == ReplicaState::Online);
    let Some(Feed::AwaitLoad(start)) = connection.feed.take_if(|_| is_loaded) else {
        close_if_spill_failed(worker, node, token);
        return;
    };
    match node.engine.propagation.tail.pin(start.from) {
        Some(reader) => connection.feed = Some(Feed::Stream(reader)),
        None => catch_up(worker, node, token, start),
    }
}

/// While the disk takes nothing, memory is limited as ever.
fn close_if_spill_failed(worker: &mut Worker, node: &mut Node, token: usize) {
    let hard_bytes = worker.settings.replica_limits.hard_bytes;
    let connection = &mut worker.connections[token];
    let Some(Feed::AwaitLoad(StreamStart { kept: Kept::Spill(spill), .. })) = &connection.feed else {
        return;
    };
    let behind = node.engine.propagation.tail.bytes_behind(spill.reader());
    if spill.has_failed() && hard_bytes != 0 && behind > hard_bytes {
        close_over_limit(connection, node, behind);
        worker.active.push(token);
    }
}

fn close_over_limit(connection: &mut Connection, node: &mut Node, behind: u64) {
    let (id, address) = (connection.card().id, &connection.card().address);
    let evidence = format!("{behind} bytes waited");
    node.engine.replication.resyncs.will_end(id, Cause::OutputLimit, evidence);
    node.engine.stats.output_buffer_limit += 1;
    connection.closing =
        Some(format!("Client id={id} addr={address} closed for overcoming of output buffer limits."));
}

fn feed_one(worker: &mut Worker, node: &mut Node, token: usize) {
    let Some(Feed::Stream(reader)) = worker.connections[token].feed else { return };
    let behind = node.engine.propagation.tail.bytes_behind(reader);
    if behind > memory_limit_bytes(&node.engine) && !stay_in_memory(worker, node, token, reader, behind) {
        return;
    }
    if feed::feed(node, reader, &mut worker.connections[token].outbox) > 0 {
        worker.active.push(token);
    }
}

/// A replica is far behind: files feed it if they can; otherwise memory does, up to the limit.
fn stay_in_memory(worker: &mut Worker, node: &mut Node, token: usize, reader: ReaderId, behind: u64) -> bool {
    let Some(from) = node.engine.propagation.tail.position(reader) else { return false };
    if let Some(files) = node.engine.propagation.held_files() {
        let hold = files.hold(from);
        if files.range().is_some_and(|range| *range.start() <= from) {
            let start = StreamStart { from, kept: Kept::in_files(files, hold) };
            node.engine.propagation.tail.unpin(reader);
            catch_up(worker, node, token, start);
            return false;
        }
    }
    let hard_bytes = worker.settings.replica_limits.hard_bytes;
    if hard_bytes != 0 && behind > hard_bytes {
        close_over_limit(&mut worker.connections[token], node, behind);
        worker.active.push(token);
        return false;
    }
    true
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
