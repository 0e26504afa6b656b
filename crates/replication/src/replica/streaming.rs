//! The link while it streams: applies what the primary sends, and acknowledges.

use super::LinkThread;
use crate::apply::Stream as Applied;
use crate::follower::ended::Ended;
use engine::client::card::{Card, ClientId, ClientKind, flag};
use engine::client::session::Session;
use engine::engine::Node;
use engine::facts::replication::LinkState;
use engine::facts::replication_events::Cause;
use engine::propagation::DiskLog;
use resp::request::append_multibulk;
use std::sync::Arc;

/// What the primary took as one argument must be taken here, whatever our own clients may send.
const BULK_BYTES_MAX: u64 = u32::MAX as u64;

/// The primary's stream and the client that it is.
pub(super) struct InStep {
    applied: Applied,
    session: Session,
    /// What is to be sent to the primary.
    out: Vec<u8>,
}

impl InStep {
    pub(super) fn client(&self) -> ClientId {
        self.session.card.id
    }
}

impl LinkThread {
    /// The stream begins: the link is up, and whoever gave the order has been obeyed.
    pub(super) fn begin_stream(&mut self) -> Result<(), Ended> {
        let Some(stream) = &self.stream else { return Err(super::connection_lost()) };
        let address =
            |address: Option<std::net::SocketAddr>| address.map(|a| a.to_string()).unwrap_or_default();
        let (peer, local) = (address(stream.peer_address()), address(stream.local_address()));
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err(Ended::withdrawn());
        }
        let now_ms = node.engine.clock.wall_ms;
        let engine = &mut node.engine;
        engine.propagation.tail.activate_backlog();
        let id = engine.clients.next_id();
        let card = Arc::new(Card::new(id, ClientKind::Primary, peer, local, now_ms));
        engine.clients.add(Arc::clone(&card));
        if let Some(link) = &mut engine.replication.primary {
            link.state = LinkState::Connected;
            link.last_io_ms = super::now_ms();
            link.read_offset = engine.propagation.end();
            link.has_consent = false;
            link.refusal = None;
        }
        engine.clients.wake_all();
        let mut session = Session::new(card, true);
        session.select(engine.replication.stream_database);
        drop(node);
        self.in_step = Some(InStep { applied: Applied::default(), session, out: Vec::new() });
        Ok(())
    }

    /// CLIENT KILL can mean the client that the primary is.
    fn end_if_killed(&self) -> Result<(), Ended> {
        let is_killed = |in_step: &InStep| in_step.session.card.has(flag::CLOSE_NOW);
        if self.in_step.as_ref().is_some_and(is_killed) {
            return Err(Ended::new(Cause::Killed, "Connection with master lost: CLIENT KILL."));
        }
        Ok(())
    }

    /// Applies what is whole of the stream so far.
    pub(super) fn apply(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        self.end_if_killed()?;
        let Some(in_step) = &mut self.in_step else { return Err(super::connection_lost()) };
        let InStep { applied, session, out } = in_step;
        applied.push(bytes);
        let mut uncounted = bytes.len();
        loop {
            let parsed = applied.parse(BULK_BYTES_MAX);
            let has_more = parsed.map_err(|error| Ended::new(Cause::NotUnderstood, error))?;
            if !has_more && uncounted == 0 {
                break;
            }
            let mut node = self.shared.lock();
            if node.engine.replication.order != self.order {
                return Err(Ended::withdrawn());
            }
            count_input(&mut node, std::mem::take(&mut uncounted));
            if has_more {
                applied.apply(&mut node, session, out);
                let has_replicas = !node.engine.replication.replicas.is_empty();
                if has_replicas || node.engine.clients.blocked > 0 {
                    node.engine.clients.wake_all();
                }
            }
        }
        if in_step.out.is_empty() {
            return Ok(());
        }
        let out = std::mem::take(&mut in_step.out);
        self.send(&out)
    }

    /// Tells the primary how much was applied. Returns whether that is everything, on disk too where there is a log.
    pub(super) fn acknowledge(&mut self) -> Result<bool, Ended> {
        self.end_if_killed()?;
        let node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err(Ended::withdrawn());
        }
        let end = node.engine.propagation.end();
        let durable = node.engine.propagation.disk().map(DiskLog::durable);
        drop(node);
        let (offset, on_disk) = (end.to_string(), durable.map(|durable| durable.to_string()));
        let mut words: Vec<&[u8]> = vec![b"REPLCONF", b"ACK", offset.as_bytes()];
        if let Some(on_disk) = &on_disk {
            words.push(b"FACK");
            words.push(on_disk.as_bytes());
        }
        let mut out = Vec::with_capacity(64);
        append_multibulk(&mut out, words.iter().copied());
        self.send(&out)?;
        Ok(durable.is_none_or(|durable| durable >= end))
    }
}

fn count_input(node: &mut Node, bytes: usize) {
    if bytes == 0 {
        return;
    }
    node.engine.stats.replication_input_bytes += bytes as u64;
    if let Some(link) = &mut node.engine.replication.primary {
        link.last_io_ms = super::now_ms();
        link.read_offset = link.read_offset.plus(bytes);
    }
}
