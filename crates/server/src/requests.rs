//! Carries out what commands asked of the process, at the end of the turn and without the execution lock.

use crate::worker::Worker;
use crate::{logging, options, shutdown};
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::facts::replication::ReplacedFile;
use engine::facts::requests::{Asked, ProcessRequest};
use resp::reply::Reply;

/// What a client that waits is told.
pub enum Answer {
    /// `+OK`.
    Ok,
    /// Another simple string.
    Text(&'static str),
    /// Data sets that are kept.
    Replaced(Vec<ReplacedFile>),
    /// An error: code, space, text.
    Error(String),
    /// Nothing yet.
    Later,
}

impl From<Result<(), String>> for Answer {
    fn from(outcome: Result<(), String>) -> Self {
        outcome.map_or_else(Answer::Error, |()| Answer::Ok)
    }
}

/// Carries out the requests of one turn in order.
pub fn carry_out(worker: &mut Worker, asked: Vec<Asked>) {
    for one in asked {
        if one.request == ProcessRequest::Segfault {
            // Without the execution lock: the crash report takes it.
            if let Err(error) = signal_hook::low_level::raise(signal_hook::consts::SIGSEGV) {
                stdx::logging::warning!("Raising SIGSEGV: {error}");
            }
        }
        let server = std::sync::Arc::clone(&worker.server);
        let mut guard = server.node.lock();
        let answer = carry_out_one(worker, &mut guard, one.request, one.client);
        if let Some(client) = one.client {
            reply(worker, &mut guard, client, answer);
        }
        guard.engine.propagation.submit();
    }
}

fn carry_out_one(
    worker: &mut Worker,
    node: &mut Node,
    request: ProcessRequest,
    client: Option<ClientId>,
) -> Answer {
    let server = std::sync::Arc::clone(&worker.server);
    match request {
        ProcessRequest::Shutdown(options) => shutdown::begin(worker, node, options, client),
        ProcessRequest::AbortShutdown => shutdown::abort(worker, node),
        ProcessRequest::RoleChanged => {
            let role = if node.engine.replication.is_replica() {
                logging::Role::Replica
            } else {
                logging::Role::Primary
            };
            logging::set_role(role);
            server.follower.role_changed(node);
            replication::primary::role_changed(node);
            Answer::Ok
        }
        ProcessRequest::Save => server.persistence.save_now(node).into(),
        ProcessRequest::SaveFlushed => {
            server.persistence.data_set_flushed(node);
            Answer::Ok
        }
        ProcessRequest::BackgroundSave => match server.persistence.begin_save(node) {
            Ok(()) => Answer::Text("Background saving started"),
            Err(reason) => Answer::Error(reason),
        },
        ProcessRequest::RewriteAppendOnly => match server.persistence.begin_rewrite(node) {
            Ok(()) => Answer::Text("Background append only file rewriting started"),
            Err(reason) => Answer::Error(reason),
        },
        ProcessRequest::ApplyOptions(changed) => options::apply(worker, node, &changed).into(),
        ProcessRequest::Reload { save, flush } => server.persistence.reload(node, save, flush).into(),
        ProcessRequest::Migrate(migration) => {
            if let Some(client) = client {
                crate::migration::begin(&server, client, migration);
            }
            Answer::Later
        }
        ProcessRequest::ListReplaced => match server.persistence.replaced_files(&node.engine.config) {
            Ok(files) => Answer::Replaced(files),
            Err(error) => Answer::Error(format!("ERR the directory cannot be read: {error}")),
        },
        ProcessRequest::RestoreReplaced(name) => {
            let outcome = server.persistence.restore_replaced(node, &name);
            if outcome.is_ok() {
                replication::primary::role_changed(node);
            }
            outcome.into()
        }
        ProcessRequest::LoadAppendOnly => server.persistence.load_append_only_again(node).into(),
        ProcessRequest::Segfault => Answer::Error("ERR the signal was not raised, see the log".to_string()),
        ProcessRequest::Restart { graceful, delay_ms } => {
            shutdown::restart(worker, node, graceful, delay_ms).into()
        }
    }
}

/// Gives a client that waits for the process its reply.
fn reply(worker: &mut Worker, node: &mut Node, client: ClientId, answer: Answer) {
    let found = worker.connections.iter().find(|(_, connection)| connection.card().id == client);
    let Some(token) = found.map(|(token, _)| token) else { return };
    let connection = &mut worker.connections[token];
    let version = connection.session.version;
    let mut reply = Reply::new(connection.outbox.buffer(), version);
    match answer {
        Answer::Later => return,
        Answer::Ok => reply.ok(),
        Answer::Text(text) => reply.simple(text),
        Answer::Replaced(files) => list(&mut reply, &files),
        Answer::Error(text) => {
            reply.error(&text);
            node.engine.stats.count_error(&text);
        }
    }
    connection.waiting = None;
    connection.end_wait();
    worker.waiting.retain(|&other| other != token);
    worker.active.push(token);
}

fn list(reply: &mut Reply<'_>, files: &[ReplacedFile]) {
    reply.array(files.len());
    for file in files {
        reply.map(6);
        reply.bulk(b"name");
        reply.bulk(file.name.as_bytes());
        reply.bulk(b"replaced-at");
        reply.integer(file.at_ms / 1000);
        reply.bulk(b"history");
        reply.bulk(file.history.as_bytes());
        reply.bulk(b"offset");
        reply.integer(file.offset.0 as i64);
        reply.bulk(b"keys");
        reply.integer(file.keys as i64);
        reply.bulk(b"bytes");
        reply.integer(file.bytes as i64);
    }
}

/// Tells a client that waits for the process that it failed (a shutdown that could not be done).
pub fn fail(worker: &mut Worker, node: &mut Node, client: ClientId, text: String) {
    reply(worker, node, client, Answer::Error(text));
}
