//! Who we follow and who follows us.

use super::failover::{Failover, Phase};
use super::growth::Growth;
use super::own_keys::OwnKeys;
use super::replication_events::ReplicationEvents;
use super::resyncs::Resyncs;
use super::standing::Lineage;
use crate::client::card::ClientId;
use log::{Offset, ReplicationId};
use std::collections::BTreeMap;

/// Where the link to the primary stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    /// To be connected.
    #[default]
    Connect,
    /// The connection is being made.
    Connecting,
    /// Greetings are exchanged.
    Handshake,
    /// The full copy is coming.
    Sync,
    /// In step.
    Connected,
}

impl LinkState {
    /// The word of the ROLE command.
    pub const fn role_word(self) -> &'static str {
        match self {
            LinkState::Connect => "connect",
            LinkState::Connecting => "connecting",
            LinkState::Handshake => "handshake",
            LinkState::Sync => "sync",
            LinkState::Connected => "connected",
        }
    }
}

/// The link to the primary.
#[derive(Clone, Debug, Default)]
pub struct PrimaryLink {
    /// Host as configured.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Where the link stands.
    pub state: LinkState,
    /// Monotonic time of the last byte from the primary, in milliseconds.
    pub last_io_ms: u64,
    /// Monotonic time since which the link is down, in milliseconds.
    pub down_since_ms: u64,
    /// Bytes of the full copy: total (0 if unknown), read so far.
    pub sync_total_bytes: u64,
    /// Bytes of the full copy read so far.
    pub sync_read_bytes: u64,
    /// Bytes of the stream read, applied or not.
    pub read_offset: Offset,
    /// Why the link went down last.
    pub last_error: String,
    /// Whoever answers may replace our data with the next copy: somebody said that we are to follow.
    pub has_consent: bool,
    /// The primary is a replica of ours from which we take what we have lost.
    pub is_recovery: bool,
    /// Why the primary is not followed, in words; `None` while it is, or nothing is known of it.
    pub refusal: Option<String>,
}

/// Where a replica of ours stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaState {
    /// Its full copy has not begun.
    WaitSnapshot,
    /// The full copy is being sent.
    SendSnapshot,
    /// Fed with the stream.
    Online,
}

impl ReplicaState {
    /// The word of INFO.
    pub const fn word(self) -> &'static str {
        match self {
            ReplicaState::WaitSnapshot => "wait_bgsave",
            ReplicaState::SendSnapshot => "send_bulk",
            ReplicaState::Online => "online",
        }
    }
}

/// A replica of ours.
#[derive(Clone, Debug)]
pub struct ReplicaFact {
    /// Its connection.
    pub client: ClientId,
    /// Announced or remote address.
    pub address: String,
    /// Announced port.
    pub port: u16,
    /// Where it stands.
    pub state: ReplicaState,
    /// The offset it has acknowledged.
    pub acknowledged: Offset,
    /// The offset it has on disk.
    pub acknowledged_on_disk: Offset,
    /// Monotonic time of the last acknowledgement, in milliseconds.
    pub acknowledged_at_ms: u64,
    /// Monotonic time since which it is online, in milliseconds.
    pub online_since_ms: u64,
    /// Only wanted a copy.
    pub rdb_only: bool,
}

/// A replica that follows or followed this node: who may have its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownReplica {
    /// Announced or remote address.
    pub address: String,
    /// Announced port.
    pub port: u16,
    /// What names it whatever its address, if it said so.
    pub node_id: Option<ReplicationId>,
    /// The offset that it acknowledged last.
    pub acknowledged: Offset,
    /// When it was seen last, in milliseconds since 1970.
    pub seen_ms: i64,
}

/// A data set that another one took the place of, kept in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedFile {
    /// The file's name, which is what it is restored by.
    pub name: String,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// The first digits of its history's id.
    pub history: String,
    /// How much of that history it holds.
    pub offset: Offset,
    /// Keys.
    pub keys: u64,
    /// The file's length in bytes.
    pub bytes: u64,
}

/// Replication as the gates and INFO see it.
#[derive(Clone, Debug, Default)]
pub struct ReplicationFacts {
    /// Whom we follow; `None` on a primary.
    pub primary: Option<PrimaryLink>,
    /// Who follows us.
    pub replicas: Vec<ReplicaFact>,
    /// The connection of each replica that says which node it is.
    pub connections: BTreeMap<ReplicationId, ClientId>,
    /// Grows with every REPLICAOF: a link of an older order ends itself.
    pub order: u64,
    /// The database that the primary's stream has selected where it stands.
    pub stream_database: u32,
    /// Monotonic time of the next PING to replicas, in milliseconds.
    pub next_ping_ms: u64,
    /// Monotonic time at which the last replica left, in milliseconds.
    pub no_replicas_since_ms: u64,
    /// A replica has acknowledged something since the last turn.
    pub acknowledged: bool,
    /// A planned change of roles, while it is under way.
    pub failover: Option<Failover>,
    /// When the log was how long, while there are replicas.
    pub growth: Growth,
    /// Keys that expire and that clients wrote here although we follow somebody.
    pub own_keys: OwnKeys,
    /// Who follows or followed this node.
    pub known: Vec<KnownReplica>,
    /// What happened to the links.
    pub events: ReplicationEvents,
    /// What the data set comes from, beyond what the log's history says.
    pub lineage: Lineage,
    /// What names this node to others whatever its address; none before it has to do with replication.
    pub node_id: Option<ReplicationId>,
    /// What is under way with those of our replicas.
    pub resyncs: Resyncs,
}

impl ReplicaFact {
    /// Its name in the events: its address, with the port if it has told one.
    pub fn name(&self) -> String {
        if self.port == 0 { self.address.clone() } else { format!("{}:{}", self.address, self.port) }
    }
}

impl ReplicationFacts {
    /// Whether we follow somebody.
    #[inline]
    pub fn is_replica(&self) -> bool {
        self.primary.is_some()
    }

    /// Whether a planned change of roles has come so far that we follow the one who is to take over.
    pub fn hands_over(&self) -> bool {
        self.failover.as_ref().is_some_and(|failover| failover.phase == Phase::InProgress)
    }

    /// Whether the link to the primary is up; true on a primary.
    pub fn link_is_up(&self) -> bool {
        self.primary.as_ref().is_none_or(|link| link.state == LinkState::Connected)
    }

    /// Notes who follows this node, in the place of what was known of the same one.
    pub fn know(&mut self, replica: KnownReplica) {
        let is_same = |other: &KnownReplica| {
            (other.port == replica.port && other.address == replica.address)
                || (replica.node_id.is_some() && other.node_id == replica.node_id)
        };
        self.known.retain(|other| !is_same(other));
        self.known.push(replica);
    }

    /// The fact of a replica by its connection.
    pub fn replica_mut(&mut self, client: ClientId) -> Option<&mut ReplicaFact> {
        self.replicas.iter_mut().find(|replica| replica.client == client)
    }

    /// Replicas that are online and have everything before `offset`: the reply of WAIT.
    pub fn acknowledged_by(&self, offset: Offset) -> usize {
        self.online().filter(|replica| replica.acknowledged >= offset).count()
    }

    /// Replicas that are online and have everything before `offset` on disk: what WAITAOF replies second.
    pub fn stored_by(&self, offset: Offset) -> usize {
        self.online().filter(|replica| replica.acknowledged_on_disk >= offset).count()
    }

    fn online(&self) -> impl Iterator<Item = &ReplicaFact> {
        self.replicas.iter().filter(|replica| replica.state == ReplicaState::Online)
    }

    /// Replicas that are online and acknowledged something less than `max_lag_ms` ago.
    pub fn good_replicas(&self, now_ms: u64, max_lag_ms: u64) -> usize {
        let good = |replica: &&ReplicaFact| {
            replica.state == ReplicaState::Online
                && now_ms.saturating_sub(replica.acknowledged_at_ms) <= max_lag_ms
        };
        self.replicas.iter().filter(good).count()
    }
}
