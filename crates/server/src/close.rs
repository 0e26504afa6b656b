//! Ends connections: those that are over, over their limits or idle for too long.

use crate::connection::{Connection, Feed};
use crate::worker::Worker;
use engine::client::card::ClientKind;
use engine::client::kept_room::Resized;
use engine::engine::Node;
use engine::facts::replication_events::Cause;
use std::os::fd::AsRawFd;
use std::sync::atomic::Ordering::Relaxed;

/// Looks at the active connections before the lock is let go: whose output is over its limit, who is to be closed.
pub fn settle(worker: &mut Worker, node: &mut Node) {
    for position in 0..worker.active.len() {
        let token = worker.active[position];
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        let limits = worker.settings.output_limits(&connection.session);
        check_output(connection, node, limits);
        let over = connection.session.close_after_reply && connection.outbox.is_empty();
        if over || connection.closing.is_some() {
            close(worker, node, token);
        }
    }
}

fn check_output(connection: &mut Connection, node: &mut Node, limits: engine::config::kind::BufferLimit) {
    if connection.closing.is_some() || connection.feed.is_some() || connection.outbox.is_empty() {
        return;
    }
    if connection.outbox.is_over(limits, node.engine.clock.monotonic_ms) {
        node.engine.stats.output_buffer_limit += 1;
        let card = connection.card();
        connection.closing = Some(format!(
            "Client id={} addr={} closed for overcoming of output buffer limits.",
            card.id, card.address
        ));
    }
}

/// Ends a connection and forgets everything about it.
fn close(worker: &mut Worker, node: &mut Node, token: usize) {
    let mut connection = worker.connections.remove(token);
    if connection.outbox.sendable().len() < 64 * 1024 {
        connection.send();
    }
    if let Some(reason) = &connection.closing {
        let level_is_warning = ["output buffer limits", "query buffer", "brought to disk"]
            .iter()
            .any(|part| reason.contains(part));
        if level_is_warning {
            stdx::logging::warning!("{reason}");
        } else {
            stdx::logging::verbose!("{reason}: {}", connection.card().address);
        }
    }
    if reason_is_query_limit(&connection) {
        node.engine.stats.query_buffer_limit += 1;
    }
    if let Err(error) = worker.poller.remove(connection.stream.as_raw_fd()) {
        stdx::logging::debug!("Forgetting a client's socket: {error}");
    }
    let id = connection.card().id;
    forget_replica(worker, node, &connection);
    worker.waiting.retain(|&other| other != token);
    worker.blocked.remove(&id);
    worker.fenced.retain(|&other| other != token);
    worker.unfinished.retain(|&other| other != token);
    if connection.is_in_audience {
        worker.audience.retain(|&other| other != token);
    }
    node.forget(&mut connection.session);
    node.engine.clients.remove(id);
}

fn reason_is_query_limit(connection: &Connection) -> bool {
    connection.closing.as_deref().is_some_and(|reason| reason.contains("max query buffer"))
}

fn forget_replica(worker: &mut Worker, node: &mut Node, connection: &Connection) {
    let Some(feed) = &connection.feed else { return };
    match feed {
        Feed::Stream(reader) => node.engine.propagation.tail.unpin(*reader),
        Feed::Snapshot => worker.server.full_syncs.forget(connection.card().id),
        Feed::AwaitLoad(_) => {}
        // The thread that feeds it sees the end of the connection.
        Feed::CatchUp => drop(connection.stream.shutdown()),
    }
    let reason = connection.closing.as_deref().unwrap_or_default();
    replication::primary::forget(node, connection.card().id, (cause_of(reason), reason));
    worker.feeds.retain(|&token| worker.connections.contains(token));
    stdx::logging::warning!("Connection with replica client id #{} lost.", connection.card().id);
}

/// What stands behind the words with which a connection is closed.
fn cause_of(reason: &str) -> Cause {
    let causes = [
        ("Client closed connection", Cause::ClosedByPeer),
        ("Client killed", Cause::Killed),
        ("Reading from client", Cause::ConnectionBroken),
        ("Error writing to client", Cause::ConnectionBroken),
        ("Client id=", Cause::OutputLimit),
        ("Protocol error", Cause::NotUnderstood),
    ];
    causes.iter().find(|(start, _)| reason.starts_with(start)).map_or(Cause::Other, |(_, cause)| *cause)
}

/// Looks at idle clients once a second.
pub fn close_idle_if_due(worker: &mut Worker, node: &mut Node) {
    let now_ms = node.engine.clock.monotonic_ms;
    if now_ms >= worker.last_idle_check_ms + 1000 {
        worker.last_idle_check_ms = now_ms;
        close_idle(worker, node.engine.clock.wall_ms);
        review_outboxes(worker, node);
        let slow = |(_, connection): &(usize, &Connection)| !connection.outbox.is_empty();
        worker.active.extend(worker.connections.iter().filter(slow).map(|(token, _)| token));
    }
}

/// Clients that need little keep little memory for their replies.
fn review_outboxes(worker: &mut Worker, node: &mut Node) {
    let (rules, now_ms) = (node.engine.debug.reply_buffers, node.engine.clock.monotonic_ms);
    for (_, connection) in &mut worker.connections {
        let stats = &mut node.engine.stats;
        match connection.outbox.review_room(rules, now_ms) {
            Some(Resized::Expanded) => stats.reply_buffer_expands += 1,
            Some(Resized::Shrunk) => stats.reply_buffer_shrinks += 1,
            None => {}
        }
        connection.update_card(0);
        if node.engine.config.memory.clients_limit().is_some() {
            node.engine.clients.count_buffers(connection.card());
        }
    }
}

/// Marks those that were idle for longer than `timeout`. Called once a second.
pub fn close_idle(worker: &mut Worker, wall_ms: i64) {
    let timeout_s = worker.settings.idle_timeout_s;
    let mut idle = Vec::new();
    for (token, connection) in &mut worker.connections {
        let last_ms = connection.card().last_request_ms.load(Relaxed);
        let idle_s = (wall_ms as u64).saturating_sub(last_ms) / 1000;
        if idle_s >= 2 {
            connection.input.release();
        }
        let session = &connection.session;
        let listens = session.is_subscriber || session.is_monitor;
        let may_idle =
            connection.card().kind() != ClientKind::Normal || connection.waiting.is_some() || listens;
        if timeout_s != 0 && !may_idle && idle_s > timeout_s {
            connection.closing = Some("Closing idle client".to_string());
            idle.push(token);
        }
    }
    worker.active.append(&mut idle);
}
