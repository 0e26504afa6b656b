//! Runs the requests that were parsed: looks ahead, so that memory is on its way before it is needed.

use crate::waits;
use crate::worker::Worker;
use engine::engine::Node;
use engine::execute::ahead::ElementAhead;
use engine::execute::dispatch::{self, Flow, Prepared};
use resp::reply::Reply;
use resp::request::OwnedRequest;
use std::sync::atomic::Ordering::Relaxed;

/// How many requests are looked up ahead.
const AHEAD: usize = 16;

/// A request to run: the connection's token, its place in that connection's batch.
#[derive(Clone, Copy)]
struct Work {
    token: usize,
    index: usize,
}

/// Runs every complete request of the active connections.
pub fn run(worker: &mut Worker, node: &mut Node) {
    let mut window = [Work { token: 0, index: 0 }; AHEAD];
    let mut filled = 0;
    for position in 0..worker.active.len() {
        let token = worker.active[position];
        let Some(connection) = worker.connections.get(token) else { continue };
        if connection.is_stopped() {
            continue;
        }
        for index in 0..connection.parser.batch().len() {
            window[filled] = Work { token, index };
            filled += 1;
            if filled == AHEAD {
                run_window(worker, node, &window);
                filled = 0;
            }
        }
    }
    run_window(worker, node, &window[..filled]);
    for position in 0..worker.active.len() {
        let token = worker.active[position];
        finish_connection(worker, node, token);
    }
}

fn run_window(worker: &mut Worker, node: &mut Node, window: &[Work]) {
    let mut prepared = [Prepared::default(); AHEAD];
    for (work, prepared) in window.iter().zip(&mut prepared) {
        let connection = &worker.connections[work.token];
        let request = connection.parser.batch().request(work.index, connection.input.filled());
        *prepared = dispatch::prepare(node, &connection.session, request);
    }
    for (work, prepared) in window.iter().zip(&prepared) {
        if let Some(hash) = prepared.key_hash {
            node.keyspace.prefetch_entry(worker.connections[work.token].session.database, hash);
        }
    }
    fetch_elements(worker, node, window, &prepared);
    for (work, prepared) in window.iter().zip(prepared) {
        run_one(worker, node, *work, prepared);
    }
    // What follows, looking further ahead, is not the last command's time.
    node.engine.stop_timing();
}

/// For those that look for an element of a large value, what they will read of that is asked for, each step for all of them
/// before the next one.
fn fetch_elements(worker: &Worker, node: &Node, window: &[Work], prepared: &[Prepared]) {
    let mut elements = [const { None }; AHEAD];
    let mut count = 0;
    for (work, prepared) in window.iter().zip(prepared) {
        if prepared.command.is_some_and(|command| command.element.is_some()) {
            let connection = &worker.connections[work.token];
            let request = connection.parser.batch().request(work.index, connection.input.filled());
            elements[count] = ElementAhead::new(node, &connection.session, request, *prepared);
            count += 1;
        }
    }
    let elements = &mut elements[..count];
    while elements.iter().any(Option::is_some) {
        for element in &mut *elements {
            *element = element.take().and_then(ElementAhead::step);
        }
    }
}

fn run_one(worker: &mut Worker, node: &mut Node, work: Work, prepared: Prepared) {
    let connection = &mut worker.connections[work.token];
    if connection.is_stopped() {
        return;
    }
    let place = connection.outbox.place();
    let before = connection.session.last_write;
    let request = connection.parser.batch().request(work.index, connection.input.filled());
    let flow = dispatch::dispatch_prepared(
        node,
        &mut connection.session,
        request,
        prepared,
        connection.outbox.buffer(),
    );
    let waits = match flow {
        Flow::Wait(on) => Some((OwnedRequest::from(request), on)),
        Flow::Done => None,
    };
    connection.done += 1;
    if connection.session.last_write != before && node.engine.fences_writes() {
        let offset = connection.session.last_write;
        connection.fence_since(place, offset);
        worker.fenced.push(work.token);
    }
    let asks_to_follow = connection.session.sync_request.is_some();
    if let Some((request, on)) = waits {
        connection.wait(request, on);
        waits::note(worker, work.token, on);
    }
    if asks_to_follow {
        crate::replicas::answer(worker, node, work.token);
    }
}

/// Drops what was run, and reports bytes that are not a request after the replies to those before them.
fn finish_connection(worker: &mut Worker, node: &mut Node, token: usize) {
    let Some(connection) = worker.connections.get_mut(token) else { return };
    let ran = connection.done;
    connection.drop_done();
    if ran > 0 {
        let card = connection.card();
        card.last_request_ms.store(node.engine.clock.wall_ms as u64, Relaxed);
        card.commands.fetch_add(ran as u64, Relaxed);
    }
    if connection.parser.batch().is_empty()
        && !connection.is_stopped()
        && let Some(error) = connection.protocol_error.take()
    {
        let text = format!("ERR {error}");
        Reply::new(connection.outbox.buffer(), connection.session.version).error(&text);
        node.engine.stats.count_error(&text);
        connection.session.close_after_reply();
    }
}
