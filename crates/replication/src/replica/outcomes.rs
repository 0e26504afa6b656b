//! What is told of a link that failed, and of a primary that is not followed.

use super::LinkThread;
use crate::failover;
use crate::follower::ended::Ended;
use crate::follower::judge::Refusal;
use crate::follower::on_node;
use engine::facts::replication_events::What;

impl LinkThread {
    /// The link failed; it is tried again if the order still stands.
    pub(super) fn failed(&mut self, what: What, ended: &Ended) {
        self.is_over = !on_node::failed(&mut self.shared.lock(), self.order, &self.peer, what, ended);
    }

    /// The replica of ours that is to be the primary has answered.
    pub(super) fn took_over(&mut self, answer: &Result<(), String>) {
        let mut node = self.shared.lock();
        if node.engine.replication.order == self.order {
            failover::answered(&mut node.engine, answer.as_ref().copied().map_err(String::as_str));
        }
    }

    /// The primary is worse than what the node holds.
    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.is_over = !on_node::refused(&mut self.shared.lock(), self.order, refusal);
    }
}
