//! A primary that was started with less than it had asks its replicas before it serves, and takes back what they hold.
//!
//! It follows the replica that holds most, as if an operator had said so, until it has everything, and is a primary again:
//! under a branch of the history, so that whoever holds the same goes on partially.

mod asking;

use crate::follower::judge::grouped;
use crate::follower::offer::Offer;
use crate::node_file::Notes;
use crate::replica::Follower;
use engine::engine::Node;
use engine::facts::health::Loading;
use engine::facts::replication::{KnownReplica, LinkState};
use engine::facts::replication_events::{Cause, Side, What};
use engine::facts::standing::Standing;
use engine::shared::Shared;
use log::Offset;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::logging::{notice, warning};

/// How often it is looked whether everything has come.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Something may have been lost.
pub struct Recovery {
    noted: Notes,
    held: Standing,
    timeout: Duration,
}

/// A replica that holds more than we do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    address: String,
    port: u16,
    offset: Offset,
}

/// Why a primary that holds this is to ask the replicas that it has noted; `None` if it is not.
fn reason_to_ask(held: &Standing, noted: &Notes) -> Option<String> {
    if noted.primary.is_some() || noted.replicas.is_empty() {
        return None;
    }
    let before = &noted.standing;
    if held.keys == 0 && before.keys > 0 {
        return Some(format!("it starts empty and held {} keys", grouped(before.keys)));
    }
    match held.holds_of(&before.id) {
        Some(offset) if offset >= before.offset => {}
        Some(offset) => {
            let lost_bytes = before.offset.bytes_since(offset);
            return Some(format!("it lacks the last {} bytes that it held", grouped(lost_bytes)));
        }
        None => return Some("its data are not of the history that it noted".to_owned()),
    }
    (!noted.ended_in_order).then(|| "it did not end in order".to_owned())
}

/// The replica that holds most of the history that was noted, if that is more than we hold. One that has gone on under
/// another history is nobody's replica any more.
fn best(held: &Standing, noted: &Standing, offers: &[(KnownReplica, Offer)]) -> Option<Source> {
    let ours = if held.keys == 0 { None } else { held.holds_of(&noted.id) };
    let sources = offers.iter().filter(|(_, offer)| offer.id == Some(noted.id));
    let sources = sources.filter_map(|(replica, offer)| {
        let offset = offer.offset.filter(|offset| ours.is_none_or(|ours| *offset > ours))?;
        let is_worth_it = ours.is_some() || offer.keys.is_none_or(|keys| keys > 0);
        is_worth_it.then(|| Source { address: replica.address.clone(), port: replica.port, offset })
    });
    sources.max_by_key(|source| source.offset)
}

impl Recovery {
    /// At start, the data being loaded: if something may have been lost, nobody is served until [`Recovery::run`] is over.
    pub fn begin(node: &mut Node, noted: Option<Notes>) -> Option<Recovery> {
        let timeout_ms = node.engine.config.replication.primary_recovery_timeout;
        let noted = noted.filter(|_| timeout_ms > 0 && !node.engine.replication.is_replica())?;
        let held = node.standing();
        let reason = reason_to_ask(&held, &noted)?;
        notice!("This primary asks its {} known replicas what they hold: {reason}", noted.replicas.len());
        let started_s = node.engine.clock.wall_ms / 1000;
        node.engine.health.loading =
            Some(Loading { started_s, total_bytes: 0, loaded_bytes: 0, keys: 0, is_async: false });
        Some(Recovery { noted, held, timeout: Duration::from_millis(u64::from(timeout_ms)) })
    }

    /// Asks, takes back what was lost, and lets clients in. On a thread of its own.
    pub fn run(self, shared: &Arc<Shared<Node>>, follower: &Follower) {
        let offers = asking::ask_all(shared, &self.noted.replicas, self.timeout);
        match best(&self.held, &self.noted.standing, &offers) {
            None => notice!("{} replicas answered, none holds more than this primary", offers.len()),
            Some(source) => self.take(shared, follower, &source),
        }
        let mut node = shared.lock();
        node.engine.health.loading = None;
        node.engine.clients.wake_all();
    }

    fn take(&self, shared: &Arc<Shared<Node>>, follower: &Follower, source: &Source) {
        let Source { address, port, offset } = source;
        notice!("Replica {address}:{port} holds this primary's history up to {offset}: taking it from there");
        let mut node = shared.lock();
        node.engine.follow(address, *port);
        if let Some(link) = &mut node.engine.replication.primary {
            link.is_recovery = true;
        }
        let order = node.engine.replication.order;
        follower.role_changed(&mut node);
        drop(node);
        let is_whole = self.await_whole(shared, order, *offset);
        let mut node = shared.lock();
        if node.engine.replication.order != order {
            return;
        }
        node.engine.promote();
        follower.role_changed(&mut node);
        crate::primary::role_changed(&mut node);
        let standing = node.standing();
        let (keys, end) = (grouped(standing.keys), standing.offset);
        let peer = format!("{address}:{port}");
        if is_whole {
            let text = format!("took back what was lost at the restart, up to offset {end}, {keys} keys");
            notice!("This primary {text}, from {peer}; it goes on under history {}", standing.id);
            node.engine.note_link((Side::Replica, &peer), What::RoleChanged, Cause::TookBack, text);
        } else {
            warning!("Taking the data back from {peer} failed: this primary goes on with {keys} keys");
        }
    }

    /// Waits as long as data come.
    fn await_whole(&self, shared: &Shared<Node>, order: u64, target: Offset) -> bool {
        let mut moved = Instant::now();
        let mut last_end = Offset::ZERO;
        loop {
            let node = shared.lock();
            let (facts, end) = (&node.engine.replication, node.engine.propagation.end());
            let state = facts.primary.as_ref().map(|link| link.state);
            if facts.order != order {
                return false;
            }
            drop(node);
            if state == Some(LinkState::Connected) && end >= target {
                return true;
            }
            if state == Some(LinkState::Sync) || end != last_end {
                (moved, last_end) = (Instant::now(), end);
            }
            if moved.elapsed() > self.timeout {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::ReplicationId;

    fn id(byte: u8) -> ReplicationId {
        ReplicationId::from_random([byte; 20])
    }

    fn standing(history: u8, offset: u64, keys: u64, past: &[(u8, u64)]) -> Standing {
        let past = past.iter().map(|&(history, up_to)| (id(history), Offset(up_to))).collect();
        Standing { id: id(history), offset: Offset(offset), keys, past, left: Vec::new() }
    }

    fn replica(port: u16) -> KnownReplica {
        let address = "10.0.0.2".to_owned();
        KnownReplica { address, port, node_id: None, acknowledged: Offset(1), seen_ms: 1 }
    }

    fn noted(ended_in_order: bool) -> Notes {
        let standing = standing(1, 500, 1000, &[]);
        Notes { node_id: id(9), primary: None, standing, replicas: vec![replica(1)], ended_in_order }
    }

    #[test]
    fn who_has_less_than_noted_or_crashed_asks() {
        let whole = standing(2, 500, 1000, &[(1, 500)]);
        assert_eq!(reason_to_ask(&whole, &noted(true)), None);
        let asks = |held: &Standing, ended| reason_to_ask(held, &noted(ended)).unwrap_or_default();
        assert_eq!(asks(&whole, false), "it did not end in order");
        assert_eq!(asks(&standing(7, 0, 0, &[]), true), "it starts empty and held 1 000 keys");
        assert_eq!(
            asks(&standing(2, 400, 900, &[(1, 400)]), true),
            "it lacks the last 100 bytes that it held"
        );
        assert!(asks(&standing(7, 900, 900, &[]), true).contains("not of the history"));
        let mut lone = noted(false);
        lone.replicas.clear();
        assert_eq!(reason_to_ask(&standing(7, 0, 0, &[]), &lone), None);
    }

    #[test]
    fn the_replica_that_holds_most_of_the_same_history() {
        let noted = standing(1, 500, 1000, &[]);
        let offers = |list: &[(u8, u64, u64)]| -> Vec<(KnownReplica, Offer)> {
            let offer = |&(history, offset, keys)| standing(history, offset, keys, &[]).into();
            list.iter().enumerate().map(|(port, one)| (replica(port as u16), offer(one))).collect()
        };
        let empty = standing(7, 0, 0, &[]);
        let found = best(&empty, &noted, &offers(&[(1, 400, 9), (1, 510, 9), (1, 500, 9), (3, 900, 9)]));
        assert_eq!(found.map(|source| (source.port, source.offset)), Some((1, Offset(510))));
        let behind = standing(2, 450, 900, &[(1, 450)]);
        assert_eq!(best(&behind, &noted, &offers(&[(1, 450, 9), (1, 400, 9)])), None);
        assert!(best(&behind, &noted, &offers(&[(1, 451, 9)])).is_some());
        assert_eq!(best(&empty, &noted, &offers(&[(1, 450, 0), (3, 900, 9)])), None);
    }
}
