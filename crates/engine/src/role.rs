//! Becoming a replica and becoming a primary: what changes at once; the link itself is the replication side's work.

use crate::client::card::ClientId;
use crate::client::session::WaitEnd;
use crate::config::kind::PrimaryAddress;
use crate::engine::Engine;
use crate::facts::replication::PrimaryLink;
use crate::facts::replication_events::Cause;

impl Engine {
    /// Ends the link of a replica of ours, and says why.
    pub fn close_replica(&mut self, client: ClientId, cause: Cause, evidence: impl Into<String>) {
        self.replication.resyncs.will_end(client, cause, evidence);
        self.clients.close(client);
    }

    /// Follows the primary at this address from now on.
    pub fn follow(&mut self, host: &str, port: u16) {
        let now_ms = self.clock.monotonic_ms;
        self.blocking.end_all(WaitEnd::Demoted);
        self.replication.order += 1;
        self.config.replication.replicaof = Some(PrimaryAddress { host: host.to_string(), port });
        self.replication.primary = Some(PrimaryLink {
            host: host.to_string(),
            port,
            down_since_ms: now_ms,
            last_io_ms: now_ms,
            ..PrimaryLink::default()
        });
    }

    /// Follows nobody from now on: a history of our own begins, whose past is the old primary's.
    pub fn promote(&mut self) {
        self.config.replication.replicaof = None;
        if self.replication.primary.take().is_some() {
            self.replication.order += 1;
            self.propagation.branch();
        }
    }
}
