//! The primary side: answers PSYNC, keeps the facts of our replicas, pings them.

use crate::copy_version;
use crate::full_sync::Wanted;
use engine::client::card::{ClientId, ClientKind};
use engine::client::session::{Session, SyncRequest};
use engine::engine::{Engine, Node};
use engine::facts::replication::{KnownReplica, ReplicaFact, ReplicaState};
use engine::facts::standing::Lineage;
use engine::propagation::Propagation;
use log::commit::ReplicaKey;
use log::tail::ReaderId;
use log::{Continuation, Offset, ReplicationId};
use rdb::version::Reader;
use resp::reply::Reply;

/// What becomes of a replica that asked to be synchronised.
#[derive(Debug)]
pub enum Answer {
    /// It was told that it cannot be done now.
    Refused,
    /// Its stream goes on from this reader's place.
    Continue(ReaderId),
    /// It gets a full copy.
    Snapshot(Wanted),
}

/// Answers PSYNC or SYNC of a client.
pub fn answer(node: &mut Node, session: &mut Session, out: &mut Vec<u8>) -> Answer {
    let Some(request) = session.sync_request.take() else { return Answer::Refused };
    let engine = &mut node.engine;
    let recovers = session.replica_words().recovers;
    if engine.replication.is_replica() && !engine.replication.link_is_up() && !recovers {
        let text = "NOMASTERLINK Can't SYNC while not connected with my master";
        Reply::new(out, session.version).error(text);
        engine.stats.count_error(text);
        return Answer::Refused;
    }
    let name = register(engine, session);
    stdx::logging::notice!("Replica {name} asks for synchronization");
    if let SyncRequest::Partial(Some((id, next))) = &request {
        match continuation(engine, id, *next) {
            Ok(reader) => return grant(engine, session, reader, &name, out),
            Err(reason) => {
                engine.stats.sync_partial_err += 1;
                stdx::logging::notice!("{reason}");
            }
        }
    }
    stdx::logging::notice!("Full resync requested by replica {name}");
    engine.stats.sync_full += 1;
    begin_backlog(engine);
    let unsaid = engine.config.snapshotting.rdb_version.number().map_or(Reader::REDIS_7, Reader::of_version);
    let words = session.replica_words();
    Answer::Snapshot(Wanted {
        reads: copy_version::reader_of(words, unsaid),
        takes_eof_mark: words.takes_eof_mark,
        is_old: request == SyncRequest::Full,
        rdb_only: words.rdb_only,
        is_urgent: words.recovers,
    })
}

/// Makes a client a replica in the facts, waiting. Returns its name for the log.
fn register(engine: &mut Engine, session: &mut Session) -> String {
    session.kind = ClientKind::Replica;
    session.card.set_kind(ClientKind::Replica);
    let remote = session.card.address.rsplit_once(':').map_or("", |(host, _)| host).to_string();
    let client = session.card.id;
    let words = session.replica_words();
    let address = words.address.clone().unwrap_or_else(|| remote.trim_matches(['[', ']']).to_string());
    let port = words.port;
    let name = if port != 0 { format!("{address}:{port}") } else { format!("client id #{client}") };
    let rdb_only = words.rdb_only;
    let (node_id, is_passing) = (words.node_id, words.recovers || rdb_only || port == 0);
    if !is_passing {
        let (address, seen_ms) = (address.clone(), engine.clock.wall_ms);
        engine.replication.know(KnownReplica { address, port, node_id, acknowledged: Offset::ZERO, seen_ms });
    }
    if let Some(node_id) = node_id {
        replace_connection(engine, node_id, client);
    }
    engine.replication.replicas.retain(|replica| replica.client != client);
    engine.replication.replicas.push(ReplicaFact {
        client,
        address,
        port,
        state: ReplicaState::WaitSnapshot,
        acknowledged: Offset::ZERO,
        acknowledged_on_disk: Offset::ZERO,
        acknowledged_at_ms: engine.clock.monotonic_ms,
        online_since_ms: 0,
        rdb_only,
    });
    name
}

/// A node that connects anew is one replica: what it acknowledged on a connection whose end we have not seen yet would count
/// as another's.
fn replace_connection(engine: &mut Engine, node_id: ReplicationId, client: ClientId) {
    let former = engine.replication.connections.insert(node_id, client);
    if let Some(former) = former.filter(|former| *former != client) {
        engine.clients.close(former);
        engine.replication.replicas.retain(|replica| replica.client != former);
        engine.commit.remove_replica(ReplicaKey(former));
    }
}

/// Whether the stream can go on for a replica that has everything before offset `next`; why not otherwise.
fn continuation(engine: &mut Engine, id: &[u8], next: Offset) -> Result<ReaderId, String> {
    let propagation = &mut engine.propagation;
    let shown = String::from_utf8_lossy(id).into_owned();
    let history = &propagation.history;
    let mismatch = || {
        let second = history.second_for_info().0;
        format!(
            "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '{shown}', my \
             replication IDs are '{}' and '{second}')",
            history.id
        )
    };
    let parsed = ReplicationId::parse(id).map_err(|_| mismatch())?;
    let have = Offset(next.0.saturating_sub(1));
    let available = propagation.tail.start()..=propagation.end();
    match history.can_continue(&parsed, have, &available) {
        Continuation::Yes => {}
        Continuation::UnknownId => return Err(mismatch()),
        Continuation::OffsetOutOfRange => {
            return Err(format!(
                "Unable to partial resync with replica for lack of backlog (Replica request was: {next})."
            ));
        }
    }
    if !propagation.tail.backlog_facts().active {
        return Err(format!(
            "Unable to partial resync with replica: no backlog (Replica request was: {next})."
        ));
    }
    propagation.tail.pin(have).ok_or_else(|| {
        format!("Unable to partial resync with replica for lack of backlog (Replica request was: {next}).")
    })
}

fn grant(
    engine: &mut Engine,
    session: &mut Session,
    reader: ReaderId,
    name: &str,
    out: &mut Vec<u8>,
) -> Answer {
    let from = engine.propagation.tail.position(reader).unwrap_or_default();
    let bytes = engine.propagation.end().bytes_since(from);
    if session.replica_words().takes_psync2 {
        out.extend_from_slice(format!("+CONTINUE {}\r\n", engine.propagation.history.id).as_bytes());
    } else {
        out.extend_from_slice(b"+CONTINUE\r\n");
    }
    let now_ms = engine.clock.monotonic_ms;
    if let Some(replica) = engine.replication.replica_mut(session.card.id) {
        replica.state = ReplicaState::Online;
        replica.online_since_ms = now_ms;
        replica.acknowledged = from;
    }
    engine.commit.add_replica(ReplicaKey(session.card.id), from);
    engine.stats.sync_partial_ok += 1;
    stdx::logging::notice!(
        "Partial resynchronization request from {name} accepted. Sending {bytes} bytes of backlog starting from offset \
         {}.",
        from.next_byte()
    );
    Answer::Continue(reader)
}

/// Begins to keep a backlog when the first replica comes. A primary that kept no log until now begins a new history:
/// under the old id the same offset could stand for other data.
fn begin_backlog(engine: &mut Engine) {
    let propagation = &mut engine.propagation;
    if propagation.tail.backlog_facts().active {
        return;
    }
    if !propagation.is_active() && !engine.replication.is_replica() {
        begin_anew(propagation, &mut engine.replication.lineage);
    }
    propagation.tail.activate_backlog();
    stdx::logging::notice!(
        "Replication backlog created, my new replication IDs are '{}' and '{}'",
        propagation.history.id,
        propagation.history.second_for_info().0
    );
}

/// A full copy of the data as they are now begins for a replica. Returns the place where its stream will begin.
pub fn copy_begins(node: &mut Node, client: ClientId) -> ReaderId {
    let offset = node.engine.propagation.end();
    let reader = node.engine.propagation.tail.pin(offset).expect("the log's end can always be read");
    if let Some(replica) = node.engine.replication.replica_mut(client) {
        replica.state = ReplicaState::SendSnapshot;
        replica.acknowledged = offset;
    }
    node.engine.commit.add_replica(ReplicaKey(client), offset);
    reader
}

/// A history of the same data of which no log is kept: who holds the old one has part of what we have, but cannot go on.
fn begin_anew(propagation: &mut Propagation, lineage: &mut Lineage) {
    let (former, end) = (propagation.history, propagation.end());
    propagation.history = log::History::new(engine::propagation::new_id());
    if end > Offset::ZERO {
        former.second_id.into_iter().for_each(|(id, up_to)| lineage.went_on_from(id, up_to));
        lineage.went_on_from(former.id, end);
    }
}

/// Forgets a replica whose connection ended.
pub fn forget(node: &mut Node, client: ClientId) {
    let engine = &mut node.engine;
    engine.replication.replicas.retain(|replica| replica.client != client);
    engine.replication.connections.retain(|_, connection| *connection != client);
    engine.commit.remove_replica(ReplicaKey(client));
    if engine.replication.replicas.is_empty() {
        engine.replication.no_replicas_since_ms = engine.clock.monotonic_ms;
    }
}

/// Once a second: pings, time-outs, the end of a backlog that nobody uses.
pub fn cron(node: &mut Node) {
    let engine = &mut node.engine;
    let now_ms = engine.clock.monotonic_ms;
    drop_silent(engine, now_ms);
    if engine.replication.is_replica() {
        return;
    }
    let period_ms = u64::from(engine.config.replication.repl_ping_replica_period) * 1000;
    if engine.replication.replicas.is_empty() {
        engine.replication.next_ping_ms = now_ms + period_ms;
    } else if now_ms >= engine.replication.next_ping_ms {
        engine.replication.next_ping_ms = now_ms + period_ms;
        engine.propagation.append_words(&[b"PING"]);
    }
    let ttl_ms = engine.config.replication.repl_backlog_ttl * 1000;
    let unused = engine.replication.replicas.is_empty()
        && ttl_ms > 0
        && engine.propagation.tail.backlog_facts().active
        && now_ms.saturating_sub(engine.replication.no_replicas_since_ms) > ttl_ms;
    if unused {
        stdx::logging::notice!(
            "Replication backlog freed after {} seconds without connected replicas.",
            engine.config.replication.repl_backlog_ttl
        );
        engine.propagation.tail.deactivate_backlog();
        if !engine.propagation.is_active() {
            begin_anew(&mut engine.propagation, &mut engine.replication.lineage);
        }
    }
}

fn drop_silent(engine: &mut Engine, now_ms: u64) {
    let timeout_ms = u64::from(engine.config.replication.repl_timeout) * 1000;
    let mut silent = Vec::new();
    for replica in &engine.replication.replicas {
        let is_late = now_ms.saturating_sub(replica.acknowledged_at_ms) > timeout_ms;
        if replica.state == ReplicaState::Online && is_late && !replica.rdb_only {
            stdx::logging::warning!(
                "Disconnecting timedout replica (streaming sync): {}:{}",
                replica.address,
                replica.port
            );
            silent.push(replica.client);
        }
    }
    for client in silent {
        engine.clients.close(client);
    }
}

/// The node's role changed: replicas are asked to connect anew, so that they learn of the new history.
pub fn role_changed(node: &mut Node) {
    let engine = &mut node.engine;
    let replicas: Vec<_> = engine.replication.replicas.iter().map(|replica| replica.client).collect();
    for client in replicas {
        engine.clients.close(client);
    }
    if engine.replication.is_replica() || engine.propagation.end() > Offset::ZERO {
        engine.propagation.tail.activate_backlog();
    }
    engine.replication.no_replicas_since_ms = engine.clock.monotonic_ms;
}

/// Replicas that have not acknowledged the end of the log.
pub fn replicas_behind(engine: &Engine) -> usize {
    let end = engine.propagation.end();
    let behind = |replica: &&ReplicaFact| replica.state == ReplicaState::Online && replica.acknowledged < end;
    engine.replication.replicas.iter().filter(behind).count()
}
