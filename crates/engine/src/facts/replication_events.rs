//! What happened to the links of replication, and why: the last events, to be read after the fact.

mod cause;
mod json;

pub use cause::Cause;

use std::collections::VecDeque;
use std::fmt;

/// Events that are kept; older ones are forgotten.
pub const EVENTS_MAX: usize = 256;

/// Bytes of evidence that are kept of one event.
const EVIDENCE_BYTES_MAX: usize = 512;

/// Which link an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The link to the primary that we follow.
    Primary,
    /// The link of a replica of ours.
    Replica,
}

impl Side {
    /// The word in texts and in JSON: what the other end of the link is.
    pub const fn word(self) -> &'static str {
        match self {
            Side::Primary => "primary",
            Side::Replica => "replica",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A link could not be made.
    LinkFailed,
    /// A link that was up, or was transferring a copy, ended.
    LinkLost,
    /// The stream went on where it was.
    PartialResync,
    /// A full copy was asked for and sent or taken.
    FullResync,
    /// A full copy ended before it was whole.
    FullResyncFailed,
    /// We do not follow a primary that has less than we hold.
    FollowRefused,
    /// The node became a primary or a replica.
    RoleChanged,
}

impl What {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            What::LinkFailed => "link-failed",
            What::LinkLost => "link-lost",
            What::PartialResync => "partial-resync",
            What::FullResync => "full-resync",
            What::FullResyncFailed => "full-resync-failed",
            What::FollowRefused => "follow-refused",
            What::RoleChanged => "role-changed",
        }
    }
}

/// What it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes that went over the link.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Names an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId(u64);

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counted from one since the start of the process.
    pub number: u64,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// Which link.
    pub side: Side,
    /// The address of the other end.
    pub peer: String,
    /// What happened.
    pub what: What,
    /// Why.
    pub cause: Cause,
    /// What was seen: an error of the system, a reply, two offsets.
    pub evidence: String,
    /// What it took; `None` until it is over, and for what costs nothing.
    pub cost: Option<Cost>,
    /// The same happened so often in a row: the count and the time of the last.
    pub repeated: u64,
    /// When it happened last, in milliseconds since 1970.
    pub last_at_ms: i64,
}

/// The last events.
#[derive(Clone, Debug, Default)]
pub struct ReplicationEvents {
    events: VecDeque<Event>,
    ever: u64,
}

impl ReplicationEvents {
    /// Keeps an event. The same one again, of the same link, is counted instead: a link that is tried again and again
    /// must not push out what came before.
    pub fn record(
        &mut self,
        at_ms: i64,
        (side, peer): (Side, &str),
        what: What,
        cause: Cause,
        evidence: impl fmt::Display,
    ) -> EventId {
        let evidence = cut(evidence.to_string());
        if let Some(last) =
            self.events.iter_mut().rev().find(|event| event.side == side && event.peer == peer)
            && (last.what, last.cause) == (what, cause)
            && matches!(what, What::LinkFailed | What::FollowRefused)
        {
            last.repeated += 1;
            (last.last_at_ms, last.evidence) = (at_ms, evidence);
            return EventId(last.number);
        }
        self.ever += 1;
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(Event {
            number: self.ever,
            at_ms,
            side,
            peer: peer.to_string(),
            what,
            cause,
            evidence,
            cost: None,
            repeated: 1,
            last_at_ms: at_ms,
        });
        EventId(self.ever)
    }

    /// The event is over and took so much.
    pub fn complete(&mut self, id: EventId, cost: Cost) {
        if let Some(event) = self.events.iter_mut().rev().find(|event| event.number == id.0) {
            event.cost = Some(cost);
        }
    }

    /// The events, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter()
    }
}

fn cut(mut evidence: String) -> String {
    if evidence.len() > EVIDENCE_BYTES_MAX {
        let end = (0..=EVIDENCE_BYTES_MAX).rev().find(|&end| evidence.is_char_boundary(end));
        evidence.truncate(end.unwrap_or(0));
    }
    evidence
}

/// The event in a sentence: what, why, what was seen, what it took, what helps.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (side, peer) = (self.side.word(), &self.peer);
        let is_ours = self.side == Side::Primary;
        match self.what {
            What::LinkFailed => write!(f, "no link to {side} {peer}"),
            What::LinkLost => write!(f, "lost the link to {side} {peer}"),
            What::PartialResync if is_ours => write!(f, "went on with {side} {peer}"),
            What::PartialResync => write!(f, "{side} {peer} went on where it was"),
            What::FullResync if is_ours => write!(f, "took a full copy from {side} {peer}"),
            What::FullResync => write!(f, "{side} {peer} needed a full copy"),
            What::FullResyncFailed => write!(f, "a full copy between us and {side} {peer} failed"),
            What::FollowRefused => write!(f, "refused to follow {side} {peer}"),
            What::RoleChanged => write!(f, "changed the role"),
        }?;
        write!(f, ": {}", self.cause.words())?;
        if !self.evidence.is_empty() {
            write!(f, " ({})", self.evidence)?;
        }
        if let Some(cost) = self.cost {
            write!(f, "; {} bytes in {} ms", cost.bytes, cost.duration_ms)?;
        }
        if self.repeated > 1 {
            write!(f, "; {} times", self.repeated)?;
        }
        match self.cause.remedy() {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(events: &mut ReplicationEvents, at_ms: i64, what: What, cause: Cause) -> EventId {
        events.record(at_ms, (Side::Primary, "10.0.0.1:6379"), what, cause, "seen")
    }

    #[test]
    fn what_fails_again_is_counted() {
        let mut events = ReplicationEvents::default();
        record(&mut events, 1, What::LinkFailed, Cause::NobodyListens);
        record(&mut events, 2, What::LinkFailed, Cause::NobodyListens);
        record(&mut events, 3, What::LinkFailed, Cause::WrongPassword);
        let seen: Vec<_> =
            events.iter().map(|event| (event.number, event.repeated, event.last_at_ms)).collect();
        assert_eq!(seen, [(1, 2, 2), (2, 1, 3)]);
    }

    #[test]
    fn the_ring_is_bounded_and_costs_come_later() {
        let mut events = ReplicationEvents::default();
        let first = record(&mut events, 0, What::FullResync, Cause::FirstCopy);
        for at_ms in 0..EVENTS_MAX as i64 {
            record(&mut events, at_ms, What::LinkLost, Cause::ClosedByPeer);
        }
        events.complete(first, Cost { bytes: 1, duration_ms: 2 });
        assert_eq!(events.iter().count(), EVENTS_MAX);
        assert!(events.iter().all(|event| event.cost.is_none()));
        let last = record(&mut events, 9, What::FullResync, Cause::UnknownHistory);
        events.complete(last, Cost { bytes: 21, duration_ms: 41 });
        let text = events.iter().next_back().unwrap().to_string();
        assert!(text.starts_with("took a full copy from primary 10.0.0.1:6379: "), "{text}");
        assert!(text.contains("(seen); 21 bytes in 41 ms; "), "{text}");
    }

    #[test]
    fn evidence_is_cut_between_characters() {
        let mut events = ReplicationEvents::default();
        let long = "ä".repeat(400);
        events.record(0, (Side::Replica, "x"), What::LinkLost, Cause::ClosedByPeer, long);
        assert_eq!(events.iter().next().unwrap().evidence.len(), EVIDENCE_BYTES_MAX);
    }
}
