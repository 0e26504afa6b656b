//! A host's link to its primary: does what the machine of [`replication::follower`] says, in virtual time.

use crate::chronicle::Position;
use crate::network::ConnectionId;
use crate::process::Process;
use engine::client::session::Session;
use engine::engine::Node;
use engine::facts::replication_events::{Cause, Cost};
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use persistence::load_rdb::{LoadOptions, load_rdb};
use replication::apply;
use replication::compare::compare;
use replication::follower::ended::Ended;
use replication::follower::judge::{Comparison, Verdict};
use replication::follower::machine::{Action, Actions, CopyStart, Input, Machine, Situation};
use replication::follower::on_node::{self, TakenCopy};

/// How long connecting may take, in microseconds.
const CONNECT_US: u64 = 2_000_000;
const BULK_BYTES_MAX: u64 = 1 << 30;

/// The link of one order to follow.
pub struct Link {
    machine: Machine,
    order: u64,
    pub connection: Option<ConnectionId>,
    /// The primary's address in texts.
    peer: String,
    /// What was known when the connection was begun, and until when it may take.
    connecting: Option<(Box<Situation>, u64)>,
    in_step: Option<(apply::Stream, Session)>,
    copy: Option<(CopyStart, Vec<u8>)>,
    taken: Option<TakenCopy>,
    /// The copy is whole and waits to be loaded.
    pub wants_load: bool,
}

/// What a step of the link wants of the world.
#[derive(Debug)]
pub enum Effect {
    /// A connection to the host of this name.
    Connect(String),
    /// Bytes for the primary.
    Send(Vec<u8>),
    /// The connection is closed.
    Close(ConnectionId),
    /// Another data set took the place of the old one.
    Adopted(Adoption),
    /// The stream goes on where it was.
    Continued,
    /// The primary is not followed.
    Refused(String),
}

/// Another data set took the place of the old one.
#[derive(Debug)]
pub struct Adoption {
    /// Somebody had said so.
    pub has_consent: bool,
    /// What was held.
    pub old: Position,
    /// Keys that were held.
    pub old_keys: u64,
    /// What is held now.
    pub new: Position,
    /// They were.
    pub is_kept: bool,
}

impl Link {
    /// The link of the order that stands.
    pub fn new(order: u64, now_us: u64) -> Link {
        Link {
            machine: Machine::new(now_us / 1000),
            order,
            connection: None,
            peer: String::new(),
            connecting: None,
            in_step: None,
            copy: None,
            taken: None,
            wants_load: false,
        }
    }

    /// When it wants to go on by itself, in microseconds.
    pub fn wakes_at_us(&self) -> Option<u64> {
        let deadline = self.connecting.as_ref().map(|(_, until_us)| *until_us);
        deadline.or(self.machine.wakes_at_ms().map(|ms| ms * 1000))
    }

    /// The order was withdrawn. Returns the connection that is to be closed.
    pub fn end(mut self, node: &mut Node) -> Option<ConnectionId> {
        if let Some((_, session)) = self.in_step.take() {
            node.engine.clients.remove(session.card.id);
        }
        self.connection
    }

    /// The host that was called has answered.
    pub fn welcomed(&mut self) -> Option<Input<'static>> {
        self.connecting.take().map(|(situation, _)| Input::Connected(situation))
    }
}

/// The connection ended.
pub fn lost() -> Input<'static> {
    Input::Ended(Ended::new(Cause::ClosedByPeer, "Connection with master lost."))
}

impl Process {
    /// Time has passed for the link.
    pub fn tick_link(&mut self, now_us: u64) -> Vec<Effect> {
        let Some(link) = &mut self.link else { return Vec::new() };
        if link.connecting.as_ref().is_some_and(|(_, until_us)| now_us >= *until_us) {
            return self.step_link(Input::Ended(Ended::new(Cause::Unreachable, "nobody answers")), now_us);
        }
        if link.connecting.is_some() { Vec::new() } else { self.step_link(Input::Tick, now_us) }
    }

    /// Something happened to the link.
    pub fn step_link(&mut self, input: Input<'_>, now_us: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Some(mut link) = self.link.take() else { return effects };
        let mut actions = Actions::new();
        let mut is_over = false;
        link.machine.step(now_us / 1000, input, &mut actions);
        while let Some(action) = actions.pop_front() {
            if self.disk.is_dead() {
                break;
            }
            match self.carry_out(&mut link, action, &mut effects, now_us) {
                Ok(Some(outcome)) => link.machine.step(now_us / 1000, outcome, &mut actions),
                Ok(None) => {}
                Err(None) => is_over = true,
                Err(Some(ended)) => link.machine.step(now_us / 1000, Input::Ended(ended), &mut actions),
            }
        }
        let shared = std::sync::Arc::clone(&self.shared);
        let mut node = shared.lock();
        if is_over || node.engine.replication.order != link.order {
            effects.extend(link.end(&mut node).map(Effect::Close));
        } else {
            self.link = Some(link);
        }
        effects
    }

    /// `Err(None)`: the order was withdrawn, the link is over.
    fn carry_out(
        &mut self,
        link: &mut Link,
        action: Action<'_>,
        effects: &mut Vec<Effect>,
        now_us: u64,
    ) -> Result<Option<Input<'static>>, Option<Ended>> {
        let (shared, order) = (std::sync::Arc::clone(&self.shared), link.order);
        match action {
            Action::Connect => {
                let situation = on_node::situation(&mut shared.lock(), order)?;
                link.peer = format!("{}:{}", situation.ours.host, situation.ours.port);
                effects.push(Effect::Connect(situation.ours.host.clone()));
                link.connecting = Some((Box::new(situation), now_us + CONNECT_US));
            }
            Action::Send(bytes) => effects.push(Effect::Send(bytes)),
            Action::Tell(state) => {
                let mut node = shared.lock();
                on_node::still_wanted(&node, order)?;
                node.engine.replication.primary.iter_mut().for_each(|link| link.state = state);
            }
            Action::Continue(id) => {
                let asked = link.machine.situation().and_then(|situation| situation.greeting.have);
                on_node::continue_stream(&mut shared.lock(), order, id, asked)?;
                effects.push(Effect::Continued);
                return Ok(Some(Input::Continued));
            }
            Action::ExpectCopy(_) => {}
            Action::BeginCopy(start) => {
                link.copy = Some((start, Vec::new()));
                return Ok(Some(Input::CopyBegun));
            }
            Action::FeedCopy(bytes) => {
                link.copy.iter_mut().for_each(|(_, copy)| copy.extend_from_slice(&bytes));
            }

            Action::EndCopy => link.wants_load = true,
            Action::Adopt { keeps_old } => {
                effects.push(Effect::Adopted(self.adopt(link, keeps_old)?));
                return Ok(Some(Input::Adopted));
            }
            Action::DropCopy => link.taken = None,
            Action::Stream => {
                let session = on_node::begin_stream(&mut shared.lock(), order, Default::default())?;
                link.in_step = Some((apply::Stream::default(), session));
            }
            Action::Apply(bytes) => apply(&mut shared.lock(), link, &bytes, effects)?,
            Action::Acknowledge => {
                let (out, is_all) = on_node::acknowledgement(&shared.lock(), order)?;
                effects.push(Effect::Send(out));
                return Ok(Some(Input::Acknowledged { is_all }));
            }
            Action::TookOver(_) => {}
            Action::Close => close(&mut shared.lock(), link, effects),
            Action::Refuse(refusal) => {
                effects.push(Effect::Refused(refusal.words.clone()));
                if !on_node::refused(&mut shared.lock(), order, &refusal) {
                    return Err(None);
                }
            }
            Action::Fail(what, ended) => {
                if !on_node::failed(&mut shared.lock(), order, &link.peer, what, &ended) {
                    return Err(None);
                }
            }
        }
        Ok(None)
    }

    /// Loads the copy that is whole beside the old data.
    pub fn load_copy(&mut self, now_us: u64) -> Vec<Effect> {
        let Some(link) = &mut self.link else { return Vec::new() };
        link.wants_load = false;
        let Some((start, bytes)) = link.copy.take() else { return Vec::new() };
        let compares = link.machine.situation().is_some_and(|one| one.verdict == Verdict::Compare);
        let (mut keyspace, now_ms) = {
            let node = self.shared.lock();
            let mut keyspace = Keyspace::new(node.keyspace.database_count(), stdx::random::hash_seed());
            keyspace.succeed(&node.keyspace);
            (keyspace, node.engine.clock.wall_ms)
        };
        let options =
            LoadOptions { now_ms, keep_expired: true, verify_checksum: true, max_bulk_bytes: BULK_BYTES_MAX };
        let input = match load_rdb(&mut keyspace, &mut bytes.as_slice(), options, |_, _| true) {
            Err(error) => Input::Ended(Ended::new(Cause::BadCopy, error.to_string())),
            Ok((loaded, _)) => {
                let keys = loaded.keys;
                let comparison = if compares {
                    compare(&self.shared, &mut keyspace, keys)
                } else {
                    Comparison { keys, ..Comparison::default() }
                };
                let (id, offset) =
                    start.from.unwrap_or_else(|| (engine::propagation::new_id(), Offset::ZERO));
                let cost = Cost { bytes: bytes.len() as u64, duration_ms: 0 };
                link.taken = Some(TakenCopy { keyspace, id, offset, cost });
                Input::CopyLoaded(comparison)
            }
        };
        self.step_link(input, now_us)
    }

    fn adopt(&mut self, link: &mut Link, keeps_old: bool) -> Result<Adoption, Option<Ended>> {
        let Some(taken) = link.taken.take() else { return Err(Some(Ended::withdrawn())) };
        let kept = if keeps_old { self.persistence.keep_data_set(|| true).ok().flatten() } else { None };
        let mut node = self.shared.lock();
        on_node::still_wanted(&node, link.order)?;
        let old = position(&node);
        let old_keys = node.standing().keys;
        let new = Position { id: taken.id, offset: taken.offset };
        let situation = link.machine.situation();
        let has_consent = situation.is_some_and(|situation| situation.ours.has_consent);
        drop(on_node::adopt(&mut node, &self.persistence, situation, keeps_old, taken));
        Ok(Adoption { has_consent, old, old_keys, new, is_kept: kept.is_some() })
    }
}

fn apply(
    node: &mut Node,
    link: &mut Link,
    bytes: &[u8],
    effects: &mut Vec<Effect>,
) -> Result<(), Option<Ended>> {
    let Some((stream, session)) = &mut link.in_step else { return Err(Some(Ended::withdrawn())) };
    let mut out = Vec::new();
    stream.push(bytes);
    let not_understood = |error: String| Some(Ended::new(Cause::NotUnderstood, error));
    while stream.parse(BULK_BYTES_MAX).map_err(not_understood)? {
        on_node::still_wanted(node, link.order)?;
        stream.apply(node, session, &mut out);
    }
    if !out.is_empty() {
        effects.push(Effect::Send(out));
    }
    Ok(())
}

fn close(node: &mut Node, link: &mut Link, effects: &mut Vec<Effect>) {
    link.connecting = None;
    link.copy = None;
    link.taken = None;
    link.wants_load = false;
    if let Some((_, session)) = link.in_step.take() {
        node.engine.clients.remove(session.card.id);
    }
    effects.extend(link.connection.take().map(Effect::Close));
}

/// Where a node stands.
pub fn position(node: &Node) -> Position {
    let propagation = &node.engine.propagation;
    Position { id: propagation.history.id, offset: propagation.end() }
}

/// What a node's history branched from.
pub fn parent(node: &Node) -> Option<Position> {
    let second: Option<(ReplicationId, Offset)> = node.engine.propagation.history.second_id;
    second.map(|(id, offset)| Position { id, offset })
}
