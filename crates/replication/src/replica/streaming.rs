//! The link while it streams: applies what the primary sends, and acknowledges.

use super::LinkThread;
use crate::apply::Stream as Applied;
use crate::follower::ended::Ended;
use crate::follower::on_node;
use engine::client::card::{ClientId, flag};
use engine::client::session::Session;
use engine::engine::Node;
use engine::facts::replication_events::Cause;

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
        let session = on_node::begin_stream(&mut self.shared.lock(), self.order, (peer, local))?;
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
        let (out, is_all) = on_node::acknowledgement(&self.shared.lock(), self.order)?;
        self.send(&out)?;
        Ok(is_all)
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
