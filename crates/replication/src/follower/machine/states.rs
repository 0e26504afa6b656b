//! Where a link stands, and what is kept there.

use super::{ACKNOWLEDGE_CHANGES_MS, ACKNOWLEDGE_MS, CopyStart};
use crate::follower::copy_end::CopyEnd;
use crate::handshake::Handshake;
use engine::facts::replication_events::What;

/// Where a link stands.
#[derive(Debug)]
pub(super) enum State {
    /// There is no connection; it is tried at this time, in milliseconds.
    Waiting { until_ms: u64 },
    /// Greetings are exchanged.
    Greeting(Box<Handshake>),
    /// The line that tells the copy's extent is awaited.
    CopyHeader(CopyStart),
    /// The copy is coming.
    Copying(CopyEnd),
    /// An action's outcome is awaited; this is what an end would be.
    Awaiting(What),
    /// In step.
    Streaming(Streaming),
}

impl State {
    /// What the log says when the primary is silent for too long.
    pub(super) fn silence_words(&self) -> &'static str {
        match self {
            State::CopyHeader(_) | State::Copying(_) => {
                "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' \
                 parameter in redis.conf to a larger value."
            }
            State::Streaming(_) => "MASTER timeout: no data nor PING received...",
            _ => "Timeout connecting to the MASTER...",
        }
    }
}

/// A link in step.
#[derive(Debug)]
pub(super) struct Streaming {
    since_ms: u64,
    /// When something is to be acknowledged that was not yet, or would be again.
    acknowledges_at_ms: u64,
    /// When the last acknowledgement was asked for.
    asked_at_ms: u64,
}

impl Streaming {
    /// Begins with an acknowledgement.
    pub(super) fn begun(now_ms: u64) -> Streaming {
        Streaming { since_ms: now_ms, acknowledges_at_ms: now_ms, asked_at_ms: now_ms }
    }

    pub(super) fn acknowledges_at_ms(&self) -> u64 {
        self.acknowledges_at_ms
    }

    /// Changes arrived.
    pub(super) fn changed(&mut self, now_ms: u64) {
        let due_ms = self.asked_at_ms + ACKNOWLEDGE_CHANGES_MS;
        self.acknowledges_at_ms = self.acknowledges_at_ms.min(due_ms.max(now_ms));
    }

    /// An acknowledgement was asked for.
    pub(super) fn asked_at(&mut self, now_ms: u64) {
        (self.asked_at_ms, self.acknowledges_at_ms) = (now_ms, now_ms + ACKNOWLEDGE_MS);
    }

    /// An acknowledgement was sent.
    pub(super) fn acknowledged(&mut self, now_ms: u64, is_all: bool) {
        if !is_all {
            self.acknowledges_at_ms = self.acknowledges_at_ms.min(now_ms + ACKNOWLEDGE_CHANGES_MS);
        }
    }

    pub(super) fn lasted_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.since_ms)
    }
}
