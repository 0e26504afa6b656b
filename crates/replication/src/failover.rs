//! FAILOVER: waits until a replica has everything, lets it take over and follows it.
//!
//! The engine's part is in `engine/role.rs`: writes are paused and acknowledgements asked for when it begins. Here is what
//! comes next, looked at once a turn, so that it goes on with the acknowledgement that it waits for.

use engine::engine::{Engine, Node};
use engine::execute::serve;
use engine::facts::failover::{Failover, Phase};
use engine::facts::replication::{ReplicaFact, ReplicaState};
use engine::facts::replication_events::Cause;
use log::Offset;

/// What a replica says that was promoted already: by us, when its answer was lost, or by somebody else.
const IS_PRIMARY: &str = "PSYNC FAILOVER can't be sent to a master";

/// What a failover that waits for its target does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It waits.
    Wait,
    /// Something was written after the question: it is asked once more.
    AskAgain,
    /// The one at this address has everything and takes over.
    HandOver(String, u16),
    /// The time is over: the one at this address takes over with what it has.
    Force(String, u16),
    /// It is given up, for this reason.
    GiveUp(&'static str),
}

/// What comes next, with these replicas and the log's end at `end`.
pub fn next(failover: &Failover, now_ms: u64, end: Offset, replicas: &[ReplicaFact]) -> Next {
    if failover.phase != Phase::WaitingForSync {
        return Next::Wait;
    }
    let is_target = |replica: &&ReplicaFact| {
        failover.target.as_ref().is_none_or(|(host, port)| (&replica.address, replica.port) == (host, *port))
    };
    let mut targets = replicas.iter().filter(is_target).peekable();
    let is_gone = targets.peek().is_none();
    if end == failover.asked_up_to
        && let Some(replica) = targets.find(|replica| is_in_step(replica, failover.goal))
    {
        return Next::HandOver(replica.address.clone(), replica.port);
    }
    if failover.deadline_ms.is_some_and(|deadline_ms| now_ms >= deadline_ms) {
        return match &failover.target {
            Some((host, port)) if failover.is_forced => Next::Force(host.clone(), *port),
            _ => Next::GiveUp("Replica never caught up before timeout"),
        };
    }
    if end != failover.asked_up_to {
        return Next::AskAgain;
    }
    // Nobody may synchronise while a failover waits, so who is gone does not come back before it ends.
    if is_gone && !failover.is_forced {
        return Next::GiveUp("The connection with the replica was lost");
    }
    Next::Wait
}

fn is_in_step(replica: &ReplicaFact, goal: Offset) -> bool {
    replica.state == ReplicaState::Online && replica.port != 0 && replica.acknowledged >= goal
}

/// Goes on with a failover, if one is under way. Once a turn.
#[inline]
pub fn advance(node: &mut Node) {
    if node.engine.replication.failover.is_some() {
        take_step(node);
    }
}

#[cold]
fn take_step(node: &mut Node) {
    let engine = &mut node.engine;
    let Some(failover) = &engine.replication.failover else { return };
    let now_ms = engine.clock.monotonic_ms;
    let (host, port) = match next(failover, now_ms, engine.propagation.end(), &engine.replication.replicas) {
        Next::Wait => return,
        Next::AskAgain => return engine.ask_failover_targets(),
        Next::GiveUp(reason) => {
            engine.abort_failover(reason);
            return;
        }
        Next::HandOver(host, port) => {
            stdx::logging::notice!("Failover target {host}:{port} is synced, failing over.");
            (host, port)
        }
        Next::Force(host, port) => {
            stdx::logging::notice!("FAILOVER to {host}:{port} time out exceeded, failing over.");
            (host, port)
        }
    };
    engine.hand_over(&host, port);
    // Who waits for keys waits in vain here.
    serve::serve(node);
}

/// The replica that is to take over has answered: it did, or it says why not.
pub fn answered(engine: &mut Engine, answer: Result<(), &str>) {
    let evidence = match answer {
        Ok(()) => "the replica has taken over",
        // Two primaries would be worse than to follow one that was promoted without us.
        Err(reason) if reason.contains(IS_PRIMARY) => "the replica is a primary already",
        Err(reason) => {
            stdx::logging::warning!("{reason}");
            engine.abort_failover("Failover target rejected psync request");
            return;
        }
    };
    if let Some(failover) = engine.end_failover() {
        engine.note_role(&failover.target_words(), Cause::FailedOver, evidence);
    }
}

#[cfg(test)]
mod tests;
