//! The primary side: answers PSYNC, keeps the facts of our replicas, pings them.

use crate::continuation::{self, Place};
use crate::copy_version;
use crate::full_sync::Wanted;
use crate::stream_start::StreamStart;
use engine::client::card::{ClientId, ClientKind};
use engine::client::session::{Session, SyncRequest};
use engine::engine::{Engine, Node};
use engine::facts::replication::{KnownReplica, ReplicaFact, ReplicaState};
use engine::facts::replication_events::{Cause, Side, What};
use engine::facts::standing::Lineage;
use engine::propagation::Propagation;
use log::commit::ReplicaKey;
use log::tail::ReaderId;
use log::{Offset, ReplicationId};
use rdb::version::Reader;
use resp::reply::Reply;

/// What becomes of a replica that asked to be synchronised.
#[derive(Debug)]
pub enum Answer {
    /// It was told that it cannot be done now.
    Refused,
    /// Its stream goes on from this reader's place.
    Continue(ReaderId),
    /// Its stream goes on from here, in files at first.
    CatchUp(StreamStart),
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
    let (cause, evidence) = match &request {
        SyncRequest::Partial(Some((id, next))) => match continuation::find(engine, id, *next) {
            Ok((from, place)) => return grant(engine, session, from, place, &name, out),
            Err(refusal) => {
                engine.stats.sync_partial_err += 1;
                stdx::logging::notice!("{}", refusal.line);
                let peer = peer_name(engine, session.card.id);
                (refusal.cause, refusal.evidence + &continuation::absence(engine, &peer))
            }
        },
        _ if session.replica_words().rdb_only => (Cause::AskedFor, "only the copy".to_string()),
        _ => (Cause::FirstCopy, String::new()),
    };
    stdx::logging::notice!("Full resync requested by replica {name}");
    engine.stats.sync_full += 1;
    begin_backlog(engine);
    note(engine, session.card.id, What::FullResync, cause, &evidence);
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

fn peer_name(engine: &mut Engine, client: ClientId) -> String {
    engine.replication.replica_mut(client).map_or_else(String::new, |replica| replica.name())
}

/// Keeps the resync of a replica as an event, whose cost comes later.
fn note(engine: &mut Engine, client: ClientId, what: What, cause: Cause, evidence: &str) {
    let peer = peer_name(engine, client);
    let event = engine.note_link((Side::Replica, &peer), what, cause, evidence);
    engine.replication.resyncs.begin(client, event, engine.clock.monotonic_ms);
}

/// The resync of a replica is over, and took so many bytes.
pub fn resync_done(engine: &mut Engine, client: ClientId, bytes: u64) {
    let now_ms = stdx::clock::monotonic_us() / 1000;
    if let Some((event, cost)) = engine.replication.resyncs.finish(client, bytes, now_ms) {
        engine.replication.events.complete(event, cost);
    }
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

fn grant(
    engine: &mut Engine,
    session: &mut Session,
    from: Offset,
    place: Place,
    name: &str,
    out: &mut Vec<u8>,
) -> Answer {
    let bytes = engine.propagation.end().bytes_since(from);
    if session.replica_words().takes_psync2 {
        out.extend_from_slice(format!("+CONTINUE {}\r\n", engine.propagation.history.id).as_bytes());
    } else {
        out.extend_from_slice(b"+CONTINUE\r\n");
    }
    let (now_ms, client) = (engine.clock.monotonic_ms, session.card.id);
    if let Some(replica) = engine.replication.replica_mut(client) {
        replica.state = ReplicaState::Online;
        replica.online_since_ms = now_ms;
        replica.acknowledged = from;
    }
    engine.commit.add_replica(ReplicaKey(client), from);
    engine.propagation.tail.activate_backlog();
    engine.stats.sync_partial_ok += 1;
    stdx::logging::notice!(
        "Partial resynchronization request from {name} accepted. Sending {bytes} bytes of backlog starting from offset \
         {}.",
        from.next_byte()
    );
    let source = match &place {
        Place::Memory(_) => "memory",
        Place::Files(start) => start.kept.words(),
    };
    let evidence = format!("{bytes} bytes from offset {from} on, out of {source}");
    note(engine, client, What::PartialResync, Cause::InStep, &evidence);
    match place {
        Place::Memory(reader) => {
            resync_done(engine, client, bytes);
            Answer::Continue(reader)
        }
        Place::Files(start) => Answer::CatchUp(start),
    }
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

/// A history of the same data of which no log is kept: who holds the old one has part of what we have, but cannot go on.
fn begin_anew(propagation: &mut Propagation, lineage: &mut Lineage) {
    let (former, end) = (propagation.history, propagation.end());
    propagation.history = log::History::new(engine::propagation::new_id());
    if end > Offset::ZERO {
        former.second_id.into_iter().for_each(|(id, up_to)| lineage.went_on_from(id, up_to));
        lineage.went_on_from(former.id, end);
    }
}

/// Forgets a replica whose connection ended, and keeps why: as somebody has said, or else as `seen`.
pub fn forget(node: &mut Node, client: ClientId, seen: (Cause, &str)) {
    let engine = &mut node.engine;
    note_end(engine, client, seen);
    engine.replication.replicas.retain(|replica| replica.client != client);
    engine.replication.connections.retain(|_, connection| *connection != client);
    engine.commit.remove_replica(ReplicaKey(client));
    if engine.replication.replicas.is_empty() {
        engine.replication.no_replicas_since_ms = engine.clock.monotonic_ms;
    }
}

fn note_end(engine: &mut Engine, client: ClientId, (cause, evidence): (Cause, &str)) {
    let Some(replica) = engine.replication.replica_mut(client) else { return };
    let what = if replica.state == ReplicaState::Online { What::LinkLost } else { What::FullResyncFailed };
    let is_over = replica.rdb_only && what == What::LinkLost;
    let (peer, end) = (replica.name(), replica.acknowledged);
    let said = engine.replication.resyncs.ended(client);
    let (cause, evidence) = said.unwrap_or_else(|| (cause, evidence.to_string()));
    let behind = engine.propagation.end().bytes_since(end);
    let separator = if evidence.is_empty() { "" } else { "; " };
    let evidence = format!("{evidence}{separator}{behind} bytes were not acknowledged");
    if !is_over {
        engine.note_link((Side::Replica, &peer), what, cause, evidence);
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
    } else if now_ms >= engine.replication.next_ping_ms && engine.replication.failover.is_none() {
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
            silent.push((replica.client, now_ms.saturating_sub(replica.acknowledged_at_ms) / 1000));
        }
    }
    for (client, seconds) in silent {
        engine.close_replica(client, Cause::Silence, format!("nothing acknowledged for {seconds} seconds"));
    }
}

/// The node's role changed: a new replica's own replicas are asked to connect anew, so that they learn of the new history.
/// When roles are exchanged they stay until that history is known; those of a new primary have been asked already.
pub fn role_changed(node: &mut Node) {
    let engine = &mut node.engine;
    if engine.replication.is_replica() && !engine.replication.hands_over() {
        engine.close_replica_links();
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

#[cfg(test)]
mod tests {
    use super::*;
    use engine::command::index::Table;
    use engine::config::Config;

    fn node_with_replica(state: ReplicaState) -> Node {
        let table: &'static Table = Box::leak(Box::new(Table::new(&[])));
        let mut node = Node::new(Config::default(), table);
        node.engine.replication.replicas.push(ReplicaFact {
            client: 7,
            address: "10.0.0.9".to_string(),
            port: 6380,
            state,
            acknowledged: Offset::ZERO,
            acknowledged_on_disk: Offset::ZERO,
            acknowledged_at_ms: 0,
            online_since_ms: 0,
            rdb_only: false,
        });
        node
    }

    fn last_event(node: &Node) -> (What, Cause, String, Option<u64>) {
        let event = node.engine.replication.events.iter().next_back().expect("kept");
        (event.what, event.cause, event.evidence.clone(), event.cost.map(|cost| cost.bytes))
    }

    #[test]
    fn the_end_of_a_link_is_kept_as_somebody_said_or_else_as_it_was_seen() {
        let mut node = node_with_replica(ReplicaState::Online);
        forget(&mut node, 7, (Cause::ClosedByPeer, "Client closed connection"));
        let evidence = "Client closed connection; 0 bytes were not acknowledged".to_string();
        assert_eq!(last_event(&node), (What::LinkLost, Cause::ClosedByPeer, evidence, None));
        assert!(node.engine.replication.replicas.is_empty());

        let mut node = node_with_replica(ReplicaState::SendSnapshot);
        node.engine.close_replica(7, Cause::HistoryChanged, "");
        forget(&mut node, 7, (Cause::Killed, "Client killed"));
        let evidence = "0 bytes were not acknowledged".to_string();
        assert_eq!(last_event(&node), (What::FullResyncFailed, Cause::HistoryChanged, evidence, None));
    }

    #[test]
    fn a_resync_gets_its_cost_and_the_next_one_says_how_long_the_replica_was_away() {
        let mut node = node_with_replica(ReplicaState::Online);
        note(&mut node.engine, 7, What::PartialResync, Cause::InStep, "seen");
        resync_done(&mut node.engine, 7, 500);
        let expected = (What::PartialResync, Cause::InStep, "seen".to_string(), Some(500));
        assert_eq!(last_event(&node), expected);
        assert_eq!(continuation::absence(&node.engine, "10.0.0.9:6380"), "");
        forget(&mut node, 7, (Cause::ClosedByPeer, ""));
        assert_eq!(continuation::absence(&node.engine, "10.0.0.9:6380"), ", after 0 seconds away");
    }
}
