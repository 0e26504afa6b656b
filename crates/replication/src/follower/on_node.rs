//! What a link does to the node, under the execution lock: the same for the thread that follows and for a simulation.

use super::ended::Ended;
use super::judge::{Ours, Refusal, Verdict};
use super::machine::Situation;
use crate::compare::live_keys;
use crate::handshake::Greeting;
use crate::load;
use engine::client::card::{Card, ClientKind};
use engine::client::session::Session;
use engine::engine::Node;
use engine::facts::replication::LinkState;
use engine::facts::replication_events::{Cause, Cost, Side, What};
use engine::propagation::DiskLog;
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use persistence::Persistence;
use resp::request::append_multibulk;
use std::sync::Arc;
use stdx::logging::{notice, warning};

/// A copy that is loaded beside the old data.
pub struct TakenCopy {
    /// The data set.
    pub keyspace: Keyspace,
    /// The history that it is of.
    pub id: ReplicationId,
    /// How much of it.
    pub offset: Offset,
    /// What it cost.
    pub cost: Cost,
}

/// An order that was withdrawn meanwhile says nothing any more.
///
/// # Errors
/// When it was.
pub fn still_wanted(node: &Node, order: u64) -> Result<(), Ended> {
    if node.engine.replication.order == order { Ok(()) } else { Err(Ended::withdrawn()) }
}

/// The link is being made: what the node knows.
///
/// # Errors
/// When the order was withdrawn.
pub fn situation(node: &mut Node, order: u64) -> Result<Situation, Ended> {
    still_wanted(node, order)?;
    let now_ms = node.engine.clock.wall_ms;
    let mut standing = node.standing();
    if standing.keys > 0 {
        standing.keys = live_keys(&mut node.keyspace, now_ms);
    }
    let is_safe = node.engine.config.replication.replica_safe_follow;
    let timeout_ms = u64::from(node.engine.config.replication.repl_timeout) * 1000;
    let mut greeting = greeting(node);
    let Some(link) = node.engine.replication.primary.as_mut() else { return Err(Ended::withdrawn()) };
    link.state = LinkState::Connecting;
    let (host, port, has_consent) = (link.host.clone(), link.port, link.has_consent);
    greeting.holds_data = standing.keys > 0 && is_safe && !has_consent;
    let ours = Ours { standing, is_safe, has_consent, host, port };
    Ok(Situation { greeting, ours, timeout_ms, verdict: Verdict::Follow })
}

/// What the node says of itself.
pub fn greeting(node: &Node) -> Greeting {
    let propagation = &node.engine.propagation;
    let has_past = propagation.end() > Offset::ZERO || propagation.tail.backlog_facts().active;
    let config = &node.engine.config.replication;
    let port = node.engine.process.port;
    let secret = |bytes: &[u8]| (!bytes.is_empty()).then(|| bytes.to_vec());
    Greeting {
        user: secret(config.masteruser.as_bytes()),
        password: secret(config.masterauth.as_bytes()),
        port: if config.replica_announce_port != 0 { config.replica_announce_port } else { port },
        address: (!config.replica_announce_ip.is_empty()).then(|| config.replica_announce_ip.clone()),
        have: has_past.then(|| (propagation.history.id, propagation.end())),
        hands_over: node.engine.replication.hands_over(),
        node_id: node.engine.replication.node_id,
        holds_data: false,
        recovers: node.engine.replication.primary.as_ref().is_some_and(|link| link.is_recovery),
        version: rdb::version::VALKEY_READ.to_string(),
    }
}

/// The stream goes on where the log ends, perhaps under a new history id; `asked` is what was asked for.
///
/// # Errors
/// When the order was withdrawn, or the log no longer ends there.
pub fn continue_stream(
    node: &mut Node,
    order: u64,
    id: Option<ReplicationId>,
    asked: Option<(ReplicationId, Offset)>,
) -> Result<(), Ended> {
    still_wanted(node, order)?;
    let propagation = &mut node.engine.propagation;
    let end = propagation.end();
    if asked.map(|(_, offset)| offset) != Some(end) {
        return Err(Ended::new(Cause::Other, "the log has moved while the link was made"));
    }
    if let Some(id) = id.filter(|id| *id != propagation.history.id) {
        notice!("Master replication ID changed to {id}");
        let former = propagation.history;
        propagation.history.shift(id, end);
        if let Some((id, up_to)) = former.second_id {
            node.engine.replication.lineage.went_on_from(id, up_to);
        }
        node.engine.close_replica_links();
    }
    let peer = peer(node);
    node.engine.note_link(
        (Side::Primary, &peer),
        What::PartialResync,
        Cause::InStep,
        format_args!("from offset {end}"),
    );
    notice!("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
    Ok(())
}

/// The stream begins: the link is up, and whoever gave the order has been obeyed. Returns the session of the primary as a
/// client; `addresses` are the peer's and our own.
///
/// # Errors
/// When the order was withdrawn.
pub fn begin_stream(node: &mut Node, order: u64, addresses: (String, String)) -> Result<Session, Ended> {
    still_wanted(node, order)?;
    let (wall_ms, now_ms) = (node.engine.clock.wall_ms, stdx::clock::monotonic_us() / 1000);
    let engine = &mut node.engine;
    engine.propagation.tail.activate_backlog();
    let id = engine.clients.next_id();
    let card = Arc::new(Card::new(id, ClientKind::Primary, addresses.0, addresses.1, wall_ms));
    engine.clients.add(Arc::clone(&card));
    if let Some(link) = &mut engine.replication.primary {
        link.state = LinkState::Connected;
        link.last_io_ms = now_ms;
        link.read_offset = engine.propagation.end();
        link.has_consent = false;
        link.refusal = None;
    }
    engine.clients.wake_all();
    let mut session = Session::new(card, true);
    session.select(engine.replication.stream_database);
    Ok(session)
}

/// What tells the primary how much was applied, and whether that is everything, on disk too where there is a log.
///
/// # Errors
/// When the order was withdrawn.
pub fn acknowledgement(node: &Node, order: u64) -> Result<(Vec<u8>, bool), Ended> {
    still_wanted(node, order)?;
    let end = node.engine.propagation.end();
    let durable = node.engine.propagation.disk().map(DiskLog::durable);
    let (offset, on_disk) = (end.to_string(), durable.map(|durable| durable.to_string()));
    let mut words: Vec<&[u8]> = vec![b"REPLCONF", b"ACK", offset.as_bytes()];
    if let Some(on_disk) = &on_disk {
        words.push(b"FACK");
        words.push(on_disk.as_bytes());
    }
    let mut out = Vec::with_capacity(64);
    append_multibulk(&mut out, words.iter().copied());
    Ok((out, durable.is_none_or(|durable| durable >= end)))
}

/// The copy takes the place of the old data, which are given back to be dropped without the lock.
pub fn adopt(
    node: &mut Node,
    persistence: &Persistence,
    situation: Option<&Situation>,
    keeps_old: bool,
    taken: TakenCopy,
) -> Keyspace {
    let TakenCopy { keyspace, id, offset, cost } = taken;
    if let Some(situation) = situation {
        note_copy(node, situation, (id, offset), cost);
    }
    note_lineage(node, keeps_old, &id);
    let mut old = load::adopt(node, keyspace, id, offset);
    persistence.data_set_replaced(node);
    if node.engine.config.lazy_free.replica_lazy_flush {
        node.engine.lazy_free.drop_later(old.flush_all());
    }
    old
}

fn note_copy(node: &mut Node, situation: &Situation, (id, offset): (ReplicationId, Offset), cost: Cost) {
    let (held, has_consent) = (&situation.ours.standing, situation.ours.has_consent);
    let cause = if held.keys == 0 || situation.greeting.have.is_none() {
        Cause::FirstCopy
    } else if held.id == id && offset < held.offset {
        Cause::ReplicaAhead
    } else if situation.verdict == Verdict::Follow {
        Cause::BytesGone
    } else if has_consent {
        Cause::Ordered
    } else {
        Cause::UnknownHistory
    };
    let peer = peer(node);
    let evidence = format!("we had {} of history {}, the copy is {offset} of {id}", held.offset, held.id);
    let event = node.engine.note_link((Side::Primary, &peer), What::FullResync, cause, evidence);
    node.engine.replication.events.complete(event, cost);
}

/// Those who follow us must be able to tell whether the new data go on from what they hold.
fn note_lineage(node: &mut Node, is_other: bool, id: &ReplicationId) {
    let held = node.standing();
    if held.keys == 0 || held.id == *id {
        return;
    }
    let lineage = &mut node.engine.replication.lineage;
    if is_other {
        lineage.left(held.id);
    } else {
        lineage.went_on_from(held.id, held.offset);
    }
}

/// The link to this peer failed. Returns whether the order still stands: then it is tried again.
pub fn failed(node: &mut Node, order: u64, peer: &str, what: What, ended: &Ended) -> bool {
    if still_wanted(node, order).is_err() {
        if matches!(what, What::LinkLost | What::FullResyncFailed) {
            node.engine.note_link((Side::Primary, peer), what, Cause::Ordered, "");
        }
        return false;
    }
    let now_ms = stdx::clock::monotonic_us() / 1000;
    let Some(link) = &mut node.engine.replication.primary else { return true };
    if what == What::LinkLost {
        link.down_since_ms = now_ms;
    }
    link.state = LinkState::Connect;
    link.last_error.clone_from(&ended.text);
    node.engine.note_link((Side::Primary, peer), what, ended.cause, &ended.text);
    warning!("{ended}");
    if what == What::LinkLost {
        notice!("Caching the disconnected master state.");
    }
    true
}

/// The primary is worse than what the node holds: it serves that on, and says so once. Returns whether the order still
/// stands.
pub fn refused(node: &mut Node, order: u64, refusal: &Refusal) -> bool {
    if still_wanted(node, order).is_err() {
        return false;
    }
    let peer = peer(node);
    let Some(link) = &mut node.engine.replication.primary else { return true };
    link.state = LinkState::Connect;
    let is_new = link.refusal.as_ref() != Some(&refusal.words);
    link.refusal = Some(refusal.words.clone());
    link.last_error.clone_from(&refusal.words);
    node.engine.note_link((Side::Primary, &peer), What::FollowRefused, refusal.cause, &refusal.words);
    if is_new {
        warning!("refused: {}", refusal.words);
    }
    true
}

/// The primary's address in texts.
pub fn peer(node: &Node) -> String {
    let link = node.engine.replication.primary.as_ref();
    link.map_or_else(String::new, |link| format!("{}:{}", link.host, link.port))
}
