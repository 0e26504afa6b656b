//! A planned change of roles under way: what was ordered and how far it is.

use log::Offset;

/// How far a failover is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Writes wait until the target has everything.
    WaitingForSync,
    /// We follow the target, which is to take over.
    InProgress,
}

impl Phase {
    /// The word of INFO's `master_failover_state`.
    pub const fn word(self) -> &'static str {
        match self {
            Phase::WaitingForSync => "waiting-for-sync",
            Phase::InProgress => "failover-in-progress",
        }
    }
}

/// A failover that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failover {
    /// The replica that is to take over; `None` for whichever is in step first.
    pub target: Option<(String, u16)>,
    /// Monotonic time at which the wait for the target is over, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// When the time is over the target takes over although it has not everything.
    pub is_forced: bool,
    /// How far it is.
    pub phase: Phase,
    /// Who acknowledges this offset has every write.
    pub goal: Offset,
    /// The log's end when acknowledgements were asked for: nothing may follow it.
    pub asked_up_to: Offset,
}

impl Failover {
    /// The target as the log shows it.
    pub fn target_words(&self) -> String {
        self.target
            .as_ref()
            .map_or_else(|| "any replica".to_string(), |(host, port)| format!("{host}:{port}"))
    }
}
