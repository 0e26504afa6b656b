//! What is told of a link that failed, and of a primary that is not followed.

use super::LinkThread;
use crate::failover;
use crate::follower::ended::Ended;
use crate::follower::judge::Refusal;
use engine::facts::replication::LinkState;
use engine::facts::replication_events::{Cause, Side, What};
use stdx::logging::{notice, warning};

impl LinkThread {
    /// The link failed; it is tried again if the order still stands.
    pub(super) fn failed(&mut self, what: What, ended: &Ended) {
        let now_ms = super::now_ms();
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            self.is_over = true;
            if matches!(what, What::LinkLost | What::FullResyncFailed) {
                node.engine.note_link((Side::Primary, &self.peer), what, Cause::Ordered, "");
            }
            return;
        }
        let Some(link) = &mut node.engine.replication.primary else { return };
        if what == What::LinkLost {
            link.down_since_ms = now_ms;
        }
        link.state = LinkState::Connect;
        link.last_error.clone_from(&ended.text);
        node.engine.note_link((Side::Primary, &self.peer), what, ended.cause, &ended.text);
        drop(node);
        warning!("{ended}");
        if what == What::LinkLost {
            notice!("Caching the disconnected master state.");
        }
    }

    /// The replica of ours that is to be the primary has answered.
    pub(super) fn took_over(&mut self, answer: &Result<(), String>) {
        let mut node = self.shared.lock();
        if node.engine.replication.order == self.order {
            failover::answered(&mut node.engine, answer.as_ref().copied().map_err(String::as_str));
        }
    }

    /// The primary is worse than what the node holds: it serves that on, and says so once.
    pub(super) fn refused(&mut self, refusal: &Refusal) {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            self.is_over = true;
            return;
        }
        let Some(link) = &mut node.engine.replication.primary else { return };
        link.state = LinkState::Connect;
        let is_new = link.refusal.as_ref() != Some(&refusal.words);
        link.refusal = Some(refusal.words.clone());
        link.last_error.clone_from(&refusal.words);
        node.engine.note_link(
            (Side::Primary, &self.peer),
            What::FollowRefused,
            refusal.cause,
            &refusal.words,
        );
        drop(node);
        if is_new {
            warning!("refused: {}", refusal.words);
        }
    }
}
