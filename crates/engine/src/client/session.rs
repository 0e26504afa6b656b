//! What a client has chosen and where it stands: held by its worker, seen by the commands it runs.

use super::card::{Card, ClientKind, flag};
use super::transaction::Transaction;
use super::watch::WatchedKey;
use crate::command::WaitOn;
use log::{Offset, ReplicationId};
use resp::reply::Version;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Which replies a client wants (CLIENT REPLY).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// All.
    #[default]
    On,
    /// None.
    Off,
    /// Not the one to the command after CLIENT REPLY SKIP.
    SkipNext,
    /// Not this one.
    Skip,
}

/// What a client is told that waits no longer because CLIENT UNBLOCK said so.
pub const UNBLOCKED: &str = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
/// What a client is told that waits no longer because we became a replica, before its connection is closed.
pub const DEMOTED: &str =
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

/// Why a request that waited runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// What it waited for may have come: it looks, and may wait on.
    Changed,
    /// The time is over.
    TimedOut,
    /// CLIENT UNBLOCK ... ERROR.
    Error,
    /// We became a replica: what it waits for is no longer ours to give.
    Demoted,
}

/// A replica asked to be synchronised: taken up by the replication side at the end of the turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncRequest {
    /// PSYNC with the history and the next offset that the replica wants (`None` for `?`/-1).
    Partial(Option<(Vec<u8>, Offset)>),
    /// SYNC: no reply line, a full copy at once.
    Full,
}

/// What a replica said of itself with REPLCONF.
#[derive(Clone, Debug, Default)]
pub struct ReplicaWords {
    /// `listening-port`.
    pub port: u16,
    /// `ip-address`.
    pub address: Option<String>,
    /// `capa eof`: can take a copy whose length is not known.
    pub takes_eof_mark: bool,
    /// `capa psync2`.
    pub takes_psync2: bool,
    /// `capa rdb-channel-repl`: only Redis 8.0 and later say it.
    pub takes_rdb_channel: bool,
    /// `capa rdb-version=N`: reads files up to this version. Ochre says it.
    pub rdb_version: Option<u32>,
    /// `capa ochre-recover`: a primary that takes back what it has lost. It is answered without a link to it, and at once.
    pub recovers: bool,
    /// `rdb-only 1`.
    pub rdb_only: bool,
    /// `version`.
    pub version: Option<String>,
    /// `ochre-history`: what names the replica whatever its address.
    pub node_id: Option<ReplicationId>,
}

/// The state of one client.
pub struct Session {
    /// Its public face.
    pub card: Arc<Card>,
    /// What kind of peer it is.
    pub kind: ClientKind,
    /// Selected database.
    pub database: u32,
    /// Protocol version.
    pub version: Version,
    /// Whether it may run commands.
    pub is_authenticated: bool,
    /// Which replies it wants.
    pub reply_mode: ReplyMode,
    /// Since MULTI.
    pub transaction: Option<Box<Transaction>>,
    /// Keys of WATCH; kept by [`super::watch::Watches`].
    pub watched: Vec<WatchedKey>,
    /// CLIENT NO-TOUCH.
    pub no_touch: bool,
    /// Whether it follows redirects from a replica to its primary (CLIENT CAPA REDIRECT).
    pub follows_redirects: bool,
    /// Whether a replica may serve its reads nevertheless (READONLY).
    pub reads_anywhere: bool,
    /// Whether it subscribes to something: in RESP2 it may then do little else. Kept by [`crate::notify::pubsub`].
    pub is_subscriber: bool,
    /// Whether it sees every request. Kept by [`crate::notify::monitor`].
    pub is_monitor: bool,
    /// Whether it keeps copies of keys (CLIENT TRACKING).
    pub tracks: bool,
    /// The reply of this request is sent although the client wants none: it confirms a subscription. Set by
    /// [`Session::answer_anyway`].
    pub reply_is_due: bool,
    /// The end of the last write of this client in the log.
    pub last_write: Offset,
    /// What its request waits for; still set while the request runs again.
    pub waits_on: Option<WaitOn>,
    /// Set while a request that waited runs again.
    pub wait_end: Option<WaitEnd>,
    /// No more requests; closed when everything is written.
    pub close_after_reply: bool,
    /// Said with REPLCONF.
    pub replica: Option<Box<ReplicaWords>>,
    /// Asked with PSYNC or SYNC.
    pub sync_request: Option<SyncRequest>,
}

impl Session {
    /// The session of a client that has just connected.
    pub fn new(card: Arc<Card>, is_authenticated: bool) -> Session {
        Session {
            kind: card.kind(),
            card,
            database: 0,
            version: Version::Resp2,
            is_authenticated,
            reply_mode: ReplyMode::On,
            transaction: None,
            watched: Vec::new(),
            no_touch: false,
            follows_redirects: false,
            reads_anywhere: false,
            is_subscriber: false,
            is_monitor: false,
            tracks: false,
            reply_is_due: false,
            last_write: Offset::ZERO,
            waits_on: None,
            wait_end: None,
            close_after_reply: false,
            replica: None,
            sync_request: None,
        }
    }

    /// A session that acts for this client while its own is with its worker: for a request that waits for keys.
    pub fn stand_in(&self) -> Session {
        Session {
            kind: self.kind,
            database: self.database,
            version: self.version,
            reply_mode: self.reply_mode,
            no_touch: self.no_touch,
            follows_redirects: self.follows_redirects,
            reads_anywhere: self.reads_anywhere,
            is_subscriber: self.is_subscriber,
            tracks: self.tracks,
            last_write: self.last_write,
            waits_on: Some(WaitOn::Keys),
            ..Session::new(Arc::clone(&self.card), self.is_authenticated)
        }
    }

    /// A session without a connection: the loader of a file, the stream of a primary, a test.
    pub fn internal(kind: ClientKind) -> Session {
        let card = Card::new(0, kind, String::new(), String::new(), 0);
        Session::new(Arc::new(card), true)
    }

    /// What the client said of itself as a replica.
    pub fn replica_words(&mut self) -> &mut ReplicaWords {
        self.replica.get_or_insert_default()
    }

    /// Whether its writes come from the history that we follow or load: they are not refused and not passed on.
    #[inline]
    pub fn is_history(&self) -> bool {
        matches!(self.kind, ClientKind::Primary | ClientKind::Internal)
    }

    /// Lets the client act as this user from now on.
    pub fn authenticate_as(&mut self, user: &str) {
        self.is_authenticated = true;
        self.card.texts.lock().user = user.to_string();
    }

    /// Speaks this version of the protocol from the next reply on.
    pub fn speak(&mut self, version: Version) {
        self.version = version;
        let number = if version == Version::Resp3 { 3 } else { 2 };
        self.card.protocol.store(number, Relaxed);
    }

    /// Selects a database.
    pub fn select(&mut self, database: u32) {
        self.database = database;
        self.card.database.store(database, Relaxed);
    }

    /// Begins or ends a transaction.
    pub fn set_transaction(&mut self, transaction: Option<Box<Transaction>>) {
        self.card.set(flag::MULTI, transaction.is_some());
        let queued = transaction.as_ref().map_or(0, |transaction| transaction.queue.len() as u32 + 1);
        self.card.queued_plus_one.store(queued, Relaxed);
        self.card.queue_bytes.store(0, Relaxed);
        self.transaction = transaction;
    }

    /// The reply that is being written is sent even if the client wants none.
    pub fn answer_anyway(&mut self) {
        self.reply_is_due = self.reply_mode != ReplyMode::On;
    }

    /// No request is taken after this one; the connection closes when its replies are written.
    pub fn close_after_reply(&mut self) {
        self.close_after_reply = true;
        self.card.set(flag::CLOSE_AFTER_REPLY, true);
    }
}
