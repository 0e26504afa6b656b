//! A full copy on its way to replicas: a snapshot taken at one moment, walked and sent while the primary goes on.

use crate::network::ConnectionId;
use crate::process::Process;
use crate::serving::Feed;
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::facts::replication::ReplicaState;
use log::Offset;
use log::commit::ReplicaKey;
use log::tail::ReaderId;
use persistence::snapshot::{SnapshotWalk, encoder_with_header};
use rdb::encoder::Encoder;
use replication::full_sync::Wanted;

/// A replica that waits for its copy.
pub struct Waiting {
    pub connection: ConnectionId,
    pub client: ClientId,
    pub wanted: Wanted,
    /// What it said that it has: the history, and the next offset that it wants.
    pub had: Option<(Vec<u8>, Offset)>,
}

/// A copy on its way.
pub struct Copying {
    receivers: Vec<(ConnectionId, ClientId, ReaderId)>,
    walk: SnapshotWalk,
    encoder: Encoder,
    mark: [u8; 40],
}

/// A copy of the data as they are now begins for a replica. Returns where its stream will begin; memory keeps the bytes.
fn begins(node: &mut Node, client: ClientId) -> ReaderId {
    let offset = node.engine.propagation.end();
    if let Some(replica) = node.engine.replication.replica_mut(client) {
        replica.state = ReplicaState::SendSnapshot;
        replica.acknowledged = offset;
    }
    node.engine.commit.add_replica(ReplicaKey(client), offset);
    node.engine.propagation.tail.pin(offset).expect("the log's end can always be read")
}

/// What a step has to send, to whom.
pub struct Sent {
    pub to: Vec<ConnectionId>,
    pub bytes: Vec<u8>,
    /// The copy is over, well or not.
    pub is_over: bool,
}

impl Process {
    /// Begins a copy for everybody who waits, if no other snapshot is being walked.
    pub fn begin_copy(&mut self, node: &mut Node) -> Option<Sent> {
        if self.copies_wanted.is_empty() || self.copying.is_some() || node.keyspace.is_snapshot_running() {
            return None;
        }
        let waiting = std::mem::take(&mut self.copies_wanted);
        let walk = SnapshotWalk::begin(node, &self.shared).ok()?;
        let version = waiting.iter().map(|one| one.wanted.reads.newest_version()).min()?;
        let encoder = encoder_with_header(node, version, false);
        node.engine.propagation.forget_selected();
        let (id, offset) = (node.engine.propagation.history.id, node.engine.propagation.end());
        let receivers: Vec<_> =
            waiting.iter().map(|one| (one.connection, one.client, begins(node, one.client))).collect();
        let mark = stdx::random::hex_id();
        let mut bytes = format!("+FULLRESYNC {id} {offset}\r\n$EOF:").into_bytes();
        bytes.extend_from_slice(&mark);
        bytes.extend_from_slice(b"\r\n");
        let to = receivers.iter().map(|(connection, ..)| *connection).collect();
        self.copying = Some(Copying { receivers, walk, encoder, mark });
        Some(Sent { to, bytes, is_over: false })
    }

    /// Walks and sends another slice; the lock is not held.
    pub fn go_on_copying(&mut self) -> Option<Sent> {
        let mut copying = self.copying.take()?;
        let to = copying.receivers.iter().map(|(connection, ..)| *connection).collect();
        let more = copying.walk.encode_slice(&mut copying.encoder);
        if !matches!(more, Ok(true)) {
            copying.encoder.footer();
        }
        let mut bytes = copying.encoder.take();
        if matches!(more, Ok(true)) {
            self.copying = Some(copying);
            return Some(Sent { to, bytes, is_over: false });
        }
        bytes.extend_from_slice(&copying.mark);
        let Copying { receivers, walk, .. } = copying;
        drop(walk);
        self.end_copy(receivers, more.is_ok());
        Some(Sent { to, bytes, is_over: true })
    }

    fn end_copy(&mut self, receivers: Vec<(ConnectionId, ClientId, ReaderId)>, went_well: bool) {
        let shared = std::sync::Arc::clone(&self.shared);
        let mut node = shared.lock();
        for (connection, client, reader) in receivers {
            let serving = self.connections.get_mut(&connection).filter(|one| one.client() == client);
            match serving {
                Some(serving) if went_well => serving.feed = Some(Feed::AwaitLoad(reader)),
                Some(serving) => serving.is_closing = true,
                None => {}
            }
            if !went_well || !self.connections.contains_key(&connection) {
                node.engine.propagation.tail.unpin(reader);
            }
        }
    }
}
