//! New connections: accepted by worker 0, refused or handed to the workers in turn.

use crate::connection::Connection;
use crate::shared::Letter;
use crate::worker::{FIRST_LISTENER, Worker};
use engine::client::card::{Card, ClientId, ClientKind, flag};
use engine::client::session::Session;
use engine::engine::Node;
use net::listener::{self, Accepted};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// How many connections one turn accepts at most.
const MOST_ACCEPTS: usize = 1000;

const TOO_MANY: &str = "-ERR max number of clients reached\r\n";

const PROTECTED: &str = "-DENIED Redis is running in protected mode because protected mode is enabled and no password \
    is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to \
    connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected \
    mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from \
    the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do \
    so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by \
    editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the \
    server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. \
    4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in \
    order for the server to start accepting connections from the outside.\r\n";

/// Accepts what waits on the listeners that became ready.
pub fn accept_new(worker: &mut Worker, node: &mut Node) {
    for index in 0..worker.ready.len() {
        let token = worker.ready[index].token;
        if token < FIRST_LISTENER {
            continue;
        }
        for _ in 0..MOST_ACCEPTS {
            let accepted = match worker.server.listeners.lock().get(token - FIRST_LISTENER) {
                Some(listener) => listener.accept(),
                None => break,
            };
            match accepted {
                Ok(Some(accepted)) => place(worker, node, accepted),
                Ok(None) => break,
                Err(error) => {
                    stdx::logging::warning!("Accepting client connection: {error}");
                    break;
                }
            }
        }
    }
}

/// Refuses a connection, serves it here or hands it to another worker.
fn place(worker: &mut Worker, node: &mut Node, mut accepted: Accepted) {
    let engine = &mut node.engine;
    let refusal = if engine.clients.len() >= engine.config.clients.maxclients as usize {
        engine.stats.rejected_connections += 1;
        Some(TOO_MANY)
    } else if engine.config.network.protected_mode
        && engine.acl.default_needs_no_password()
        && !accepted.is_local
    {
        engine.stats.denied_connections += 1;
        Some(PROTECTED)
    } else {
        None
    };
    if let Some(text) = refusal {
        // The peer may be gone already: there is nobody else to tell.
        let _ = accepted.stream.write(text.as_bytes());
        return;
    }
    engine.stats.connections += 1;
    let id = engine.clients.next_id();
    let to = worker.next_worker;
    worker.next_worker = (to + 1) % worker.server.mailboxes.len();
    if to == usize::from(worker.index) {
        serve(worker, node, accepted, id);
    } else {
        worker.server.mailboxes[to].post(Letter::Accepted(accepted, id));
        node.engine.clients.wake(to as u16);
    }
}

/// Makes a connection one of this worker's.
pub fn serve(worker: &mut Worker, node: &mut Node, accepted: Accepted, id: ClientId) {
    let engine = &mut node.engine;
    let Accepted { stream, peer, local, .. } = accepted;
    let mut card = Card::new(id, ClientKind::Normal, peer, local, engine.clock.wall_ms);
    card.worker = worker.index;
    card.descriptor = stream.as_raw_fd();
    card.set(flag::UNIX_SOCKET, matches!(stream, net::stream::Stream::Unix(_)));
    if let Err(error) = listener::tune(&stream, worker.settings.keepalive_s) {
        stdx::logging::verbose!("Setting options of a client's socket: {error}");
    }
    let card = Arc::new(card);
    let descriptor = stream.as_raw_fd();
    let session = Session::new(Arc::clone(&card), engine.acl.default_needs_no_password());
    let token = worker.connections.insert(Connection::new(stream, session));
    card.token.store(token, Relaxed);
    if let Err(error) = worker.poller.add(descriptor, token, true) {
        stdx::logging::warning!("Watching a client's socket: {error}");
        worker.connections.remove(token);
        return;
    }
    engine.clients.add(card);
    worker.unfinished.push(token);
    stdx::logging::verbose!("Accepted {}", worker.connections[token].card().address);
}
