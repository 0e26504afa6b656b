//! What the machine is told, and what it wants done.

use crate::follower::copy_end::Extent;
use crate::follower::ended::Ended;
use crate::follower::judge::{Comparison, Ours, Refusal, Verdict};
use crate::handshake::Greeting;
use engine::facts::replication::LinkState;
use engine::facts::replication_events::What;
use log::{Offset, ReplicationId};
use std::borrow::Cow;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// Time has passed.
    Tick,
    /// [`Action::Connect`] succeeded; this is what the node knew when it connected.
    Connected(Box<Situation>),
    /// Bytes of the primary arrived.
    Received(&'a [u8]),
    /// The connection ended or could not be made, or an action failed.
    Ended(Ended),
    /// [`Action::Continue`] succeeded.
    Continued,
    /// [`Action::BeginCopy`] succeeded: bytes of the copy can be taken.
    CopyBegun,
    /// The copy is whole and loaded beside the old data.
    CopyLoaded(Comparison),
    /// [`Action::Adopt`] succeeded.
    Adopted,
    /// An acknowledgement was sent; `is_all` when it names everything that was applied, on disk too where there is a log.
    Acknowledged {
        /// Nothing is left to be acknowledged.
        is_all: bool,
    },
}

/// What the node knows when it connects.
#[derive(Clone, Debug)]
pub struct Situation {
    /// What it says of itself.
    pub greeting: Greeting,
    /// What it holds.
    pub ours: Ours,
    /// How long the primary may be silent, in milliseconds.
    pub timeout_ms: u64,
    /// What was decided; filled in by the machine.
    pub verdict: Verdict,
}

/// A full copy that is about to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyStart {
    /// Its place in the primary's history, unless the primary knows none.
    pub from: Option<(ReplicationId, Offset)>,
    /// How its end is told.
    pub extent: Extent,
}

impl CopyStart {
    /// A copy whose extent is not known yet.
    pub fn of(from: Option<(ReplicationId, Offset)>) -> CopyStart {
        CopyStart { from, extent: Extent::Length(0) }
    }
}

/// What is to be done.
#[derive(Debug)]
pub enum Action<'a> {
    /// Connect to the primary.
    Connect,
    /// Send these bytes.
    Send(Vec<u8>),
    /// Close the connection, if there is one. What was begun is given up.
    Close,
    /// The link stands here now.
    Tell(LinkState),
    /// The stream goes on where the log ends, perhaps under a new history id.
    Continue(Option<ReplicationId>),
    /// A full copy was promised, from this place of the history.
    ExpectCopy(Option<(ReplicationId, Offset)>),
    /// The copy begins: the outcome is [`Input::CopyBegun`].
    BeginCopy(CopyStart),
    /// Bytes of the copy.
    FeedCopy(Cow<'a, [u8]>),
    /// The copy is whole: the outcome of loading it is [`Input::CopyLoaded`].
    EndCopy,
    /// Put the copy in the place of the old data.
    Adopt {
        /// The old data are written to disk first.
        keeps_old: bool,
    },
    /// Give the copy up.
    DropCopy,
    /// The stream begins.
    Stream,
    /// Bytes of the stream.
    Apply(Cow<'a, [u8]>),
    /// Say how much was applied: the outcome is [`Input::Acknowledged`].
    Acknowledge,
    /// The primary is not followed.
    Refuse(Refusal),
    /// A replica of ours was told to take over and has answered: it did, or says why not.
    TookOver(Result<(), String>),
    /// The link failed; it will be tried again.
    Fail(What, Ended),
}

impl Action<'_> {
    /// The same, with bytes of its own.
    pub fn into_owned<'b>(self) -> Action<'b> {
        match self {
            Action::FeedCopy(bytes) => Action::FeedCopy(Cow::Owned(bytes.into_owned())),
            Action::Apply(bytes) => Action::Apply(Cow::Owned(bytes.into_owned())),
            Action::Connect => Action::Connect,
            Action::Send(bytes) => Action::Send(bytes),
            Action::Close => Action::Close,
            Action::Tell(state) => Action::Tell(state),
            Action::Continue(id) => Action::Continue(id),
            Action::ExpectCopy(from) => Action::ExpectCopy(from),
            Action::BeginCopy(start) => Action::BeginCopy(start),
            Action::EndCopy => Action::EndCopy,
            Action::Adopt { keeps_old } => Action::Adopt { keeps_old },
            Action::DropCopy => Action::DropCopy,
            Action::Stream => Action::Stream,
            Action::Acknowledge => Action::Acknowledge,
            Action::Refuse(refusal) => Action::Refuse(refusal),
            Action::TookOver(answer) => Action::TookOver(answer),
            Action::Fail(what, ended) => Action::Fail(what, ended),
        }
    }
}
