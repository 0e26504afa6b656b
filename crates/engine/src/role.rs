//! Becoming a replica and becoming a primary: what changes at once; the link itself is the replication side's work.

use crate::client::card::ClientId;
use crate::client::session::WaitEnd;
use crate::config::kind::PrimaryAddress;
use crate::engine::Engine;
use crate::facts::failover::{Failover, Phase};
use crate::facts::replication::PrimaryLink;
use crate::facts::replication_events::{Cause, Side, What};
use crate::facts::requests::{Asked, ProcessRequest};
use log::Offset;

impl Engine {
    /// Ends the link of a replica of ours, and says why.
    pub fn close_replica(&mut self, client: ClientId, cause: Cause, evidence: impl Into<String>) {
        self.replication.resyncs.will_end(client, cause, evidence);
        self.clients.close(client);
    }

    /// Follows the primary at this address from now on: an order, so whoever answers there may replace our data once.
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
            has_consent: true,
            ..PrimaryLink::default()
        });
    }

    /// Follows nobody from now on: a history of our own begins, whose past is the old primary's.
    pub fn promote(&mut self) {
        self.config.replication.replicaof = None;
        if self.replication.primary.take().is_some() {
            self.replication.order += 1;
            self.propagation.branch();
            self.replication.own_keys.clear();
            self.close_replica_links();
        }
    }

    /// Ends the links of our replicas: they connect anew, and so learn of a new history.
    pub fn close_replica_links(&mut self) {
        let replicas: Vec<_> = self.replication.replicas.iter().map(|replica| replica.client).collect();
        for client in replicas {
            self.close_replica(client, Cause::HistoryChanged, "");
        }
    }

    /// Begins a planned change of roles: writes wait from now on, until the target (`None`: whichever replica is in step
    /// first) has everything.
    pub fn begin_failover(
        &mut self,
        target: Option<(String, u16)>,
        deadline_ms: Option<u64>,
        is_forced: bool,
    ) {
        let phase = Phase::WaitingForSync;
        let (goal, asked_up_to) = (Offset::ZERO, Offset::ZERO);
        let failover = Failover { target, deadline_ms, is_forced, phase, goal, asked_up_to };
        stdx::logging::notice!("FAILOVER requested to {}.", failover.target_words());
        self.health.pauses.set_by_failover(true);
        self.replication.failover = Some(failover);
        self.ask_failover_targets();
    }

    /// Asks how far the replicas are, twice: whoever answers the second time has taken in the first question too, whether
    /// it counts a question before or after its answer. So its offset is ours when it takes over.
    pub fn ask_failover_targets(&mut self) {
        let goal = self.propagation.append_question();
        let asked_up_to = self.propagation.append_question();
        if let Some(failover) = &mut self.replication.failover {
            (failover.goal, failover.asked_up_to) = (goal, asked_up_to);
        }
    }

    /// Follows the replica that is to take over; it is told to when it is greeted.
    pub fn hand_over(&mut self, host: &str, port: u16) {
        if let Some(failover) = &mut self.replication.failover {
            failover.phase = Phase::InProgress;
            failover.target = Some((host.to_string(), port));
        }
        self.follow(host, port);
        self.tell_process_of_role();
    }

    /// The failover is over; clients go on, with what they may do in the role that we have now.
    pub fn end_failover(&mut self) -> Option<Failover> {
        let failover = self.replication.failover.take()?;
        self.health.pauses.set_by_failover(false);
        self.clients.wake_all();
        Some(failover)
    }

    /// Gives a failover up: we are the primary still, or again. Returns whether there was one.
    pub fn abort_failover(&mut self, reason: &str) -> bool {
        let Some(failover) = self.end_failover() else { return false };
        stdx::logging::notice!("FAILOVER to {} aborted: {reason}", failover.target_words());
        if failover.phase == Phase::InProgress {
            self.promote();
            self.note_role(&failover.target_words(), Cause::FailedOver, format_args!("aborted: {reason}"));
            self.tell_process_of_role();
        }
        true
    }

    /// Keeps that the role changed. `peer` is the primary that we follow now, or followed.
    pub fn note_role(&mut self, peer: &str, cause: Cause, evidence: impl std::fmt::Display) {
        self.note_link((Side::Primary, peer), What::RoleChanged, cause, evidence);
    }

    fn tell_process_of_role(&mut self) {
        self.requests.push(Asked { request: ProcessRequest::RoleChanged, client: None });
    }
}
