//! What is under way with the links of our replicas, until it is over and its cost or its cause is known.

use super::replication_events::{Cause, Cost, EventId};
use crate::client::card::ClientId;

/// A resync that has begun.
#[derive(Clone, Debug)]
struct Resync {
    client: ClientId,
    event: EventId,
    began_ms: u64,
}

/// Resyncs under way, and links that are about to end.
#[derive(Clone, Debug, Default)]
pub struct Resyncs {
    under_way: Vec<Resync>,
    endings: Vec<(ClientId, Cause, String)>,
}

impl Resyncs {
    /// The resync of a replica, kept as `event`, begins. `now_ms` is monotonic.
    pub fn begin(&mut self, client: ClientId, event: EventId, now_ms: u64) {
        self.under_way.retain(|resync| resync.client != client);
        self.under_way.push(Resync { client, event, began_ms: now_ms });
    }

    /// It is over, and took so many bytes. Returns the event with its cost.
    pub fn finish(&mut self, client: ClientId, bytes: u64, now_ms: u64) -> Option<(EventId, Cost)> {
        let index = self.under_way.iter().position(|resync| resync.client == client)?;
        let resync = self.under_way.swap_remove(index);
        Some((resync.event, Cost { bytes, duration_ms: now_ms.saturating_sub(resync.began_ms) }))
    }

    /// Says why a link is about to end. What was said first stands.
    pub fn will_end(&mut self, client: ClientId, cause: Cause, evidence: impl Into<String>) {
        if !self.endings.iter().any(|(other, ..)| *other == client) {
            self.endings.push((client, cause, evidence.into()));
        }
    }

    /// The link has ended: why, if somebody said so.
    pub fn ended(&mut self, client: ClientId) -> Option<(Cause, String)> {
        self.under_way.retain(|resync| resync.client != client);
        let index = self.endings.iter().position(|(other, ..)| *other == client)?;
        let (_, cause, evidence) = self.endings.swap_remove(index);
        Some((cause, evidence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::replication_events::{ReplicationEvents, Side, What};

    #[test]
    fn costs_and_causes_belong_to_their_links() {
        let mut resyncs = Resyncs::default();
        let mut events = ReplicationEvents::default();
        let event = events.record(0, (Side::Replica, "a:1"), What::FullResync, Cause::FirstCopy, "");
        resyncs.begin(7, event, 1000);
        assert_eq!(resyncs.finish(8, 1, 2000), None);
        let cost = Cost { bytes: 5, duration_ms: 500 };
        assert_eq!(resyncs.finish(7, 5, 1500), Some((event, cost)));
        assert_eq!(resyncs.finish(7, 5, 1500), None);
        resyncs.will_end(7, Cause::Silence, "first");
        resyncs.will_end(7, Cause::Killed, "second");
        assert_eq!(resyncs.ended(8), None);
        assert_eq!(resyncs.ended(7), Some((Cause::Silence, "first".to_string())));
        assert_eq!(resyncs.ended(7), None);
    }
}
