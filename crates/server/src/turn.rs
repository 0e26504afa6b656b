//! One turn of a worker's loop, in order.
//!
//! Poll, read and parse, run (prefetch, dispatch), go on making room, serve who waited, go on with a failover, feed replicas, cron, deliver
//! messages, hand the log to its writer, let go of the execution lock, carry out what commands asked of the process, send
//! replies, close.

use crate::batch;
use crate::worker::{FIRST_LISTENER, Settings, Worker};
use crate::{accept, allocator, blocked, close, deliver, mail, replicas, requests, room, waits};
use engine::engine::{Node, TurnClock};
use engine::facts::requests::Asked;
use resp::request_parser::Limits;
use std::time::{Duration, Instant};

/// How long a turn waits at most for something to happen: cron is never later than this.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// How long a worker sleeps when nothing has happened for a while.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How often a worker looks at the memory that its thread keeps.
const TEND_EVERY_US: u64 = 100_000;

/// Runs one turn.
pub fn turn(worker: &mut Worker) {
    poll(worker);
    let began = worker.ticks.now();
    let received = receive(worker);
    let server = std::sync::Arc::clone(&worker.server);
    let asked = {
        let mut guard = server.node.lock();
        let node = &mut *guard;
        begin(worker, node, received);
        close::settle(worker, node);
        accept::accept_new(worker, node);
        room::close_largest_clients(worker, node);
        mail::read_letters(worker, node);
        batch::run(worker, node);
        room::go_on(worker, node);
        waits::serve(worker, node);
        blocked::serve(worker, node);
        replication::failover::advance(node);
        replicas::feed(worker, node, began);
        if let Some(mut cron) = worker.cron.take() {
            cron.run_if_due(worker, node);
            worker.cron = Some(cron);
        }
        close::close_idle_if_due(worker, node);
        blocked::deliver(worker, node);
        deliver::collect(worker, node);
        waits::release_fences(worker, node);
        room::close_largest_clients(worker, node);
        close::settle(worker, node);
        finish(worker, node)
    };
    requests::carry_out(worker, asked);
    deliver::call_up(worker);
    send(worker);
    let ended = worker.ticks.now();
    if worker.ticks.us_between(worker.tended_at, ended) >= TEND_EVERY_US {
        worker.tended_at = ended;
        allocator::tend_thread();
    }
    worker.counted.busy_ticks += ended.wrapping_sub(began);
    worker.ended_at = ended;
}

fn poll(worker: &mut Worker) {
    worker.ready.clear();
    worker.active.clear();
    let is_idle =
        worker.unfinished.is_empty() && worker.audience.is_empty() && !worker.makes_room && !worker.owes_feed;
    let is_at_rest = worker.server.is_at_rest.load(std::sync::atomic::Ordering::Relaxed);
    let longest = if is_at_rest { LONGEST_REST } else { LONGEST_WAIT };
    let wait = if is_idle { longest } else { Duration::ZERO };
    let wait = worker.cron.as_ref().map_or(wait, |cron| wait.min(cron.time_left()));
    let wait =
        worker.next_deadline.map_or(wait, |next| wait.min(next.saturating_duration_since(Instant::now())));
    if let Err(error) = worker.poller.wait(Some(wait), &mut worker.ready) {
        stdx::logging::warning!("Waiting for sockets failed: {error}");
    }
    worker.active.append(&mut worker.unfinished);
    for index in 0..worker.ready.len() {
        let ready = worker.ready[index];
        if ready.token >= FIRST_LISTENER {
            continue;
        }
        if let Some(connection) = worker.connections.get_mut(ready.token) {
            connection.may_have_more |= ready.readable;
            connection.is_end_near |= ready.closed;
            connection.is_write_blocked &= !ready.writable;
            worker.active.push(ready.token);
        }
    }
    worker.active.sort_unstable();
    worker.active.dedup();
}

/// Reads and parses what has come on the active connections. Returns the number of bytes.
fn receive(worker: &mut Worker) -> usize {
    let mut total = 0;
    for &token in &worker.active {
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        let limits = Limits {
            max_bulk_bytes: worker.settings.max_bulk_bytes,
            authenticated: connection.session.is_authenticated,
        };
        if connection.may_have_more && connection.is_read() {
            let bytes = connection.receive(&limits, worker.settings.query_limit_bytes);
            worker.counted.reads += u64::from(bytes > 0);
            total += bytes;
        } else {
            connection.parse(&limits);
        }
    }
    total
}

fn begin(worker: &mut Worker, node: &mut Node, received: usize) {
    node.engine.clock = TurnClock::read();
    node.engine.blocking.running_worker = Some(worker.index);
    node.engine.hear_disk();
    node.engine.stats.input_bytes += received as u64;
    if received > 0 && worker.server.is_at_rest.swap(false, std::sync::atomic::Ordering::Relaxed) {
        node.engine.clients.wake_all();
    }
    node.engine.stats.output_bytes += worker.server.sent_bytes.swap(0, std::sync::atomic::Ordering::Relaxed);
    node.engine.stats.turns += 1;
    std::mem::take(&mut worker.counted).add_to(&mut node.engine.stats, worker.index);
}

/// Ends the part under the execution lock: the log goes to its writer, other workers hear of new bytes in it.
fn finish(worker: &mut Worker, node: &mut Node) -> Vec<Asked> {
    node.engine.propagation.submit();
    node.engine.propagation.tail.trim();
    worker.settings = Settings::read(&node.engine.config);
    replicas::wake_others(worker, node);
    blocked::end_turn(worker, node);
    std::mem::take(&mut node.engine.requests)
}

/// Sends what the active connections are to get.
fn send(worker: &mut Worker) {
    let mut sent_total = 0;
    for position in 0..worker.active.len() {
        let token = worker.active[position];
        let Some(connection) = worker.connections.get_mut(token) else { continue };
        let sent = connection.send();
        sent_total += sent;
        worker.counted.writes += u64::from(sent > 0);
        connection.update_card(sent);
        let more_to_run = connection.has_requests() && !connection.is_stopped();
        let more = connection.may_have_more && connection.is_read() || more_to_run;
        let over = connection.session.close_after_reply && connection.outbox.is_empty();
        if over || connection.closing.is_some() || more {
            worker.unfinished.push(token);
        }
    }

    if sent_total > 0 {
        worker.server.sent_bytes.fetch_add(sent_total as u64, std::sync::atomic::Ordering::Relaxed);
    }
}
