//! Tests of every step of a failover.

use super::*;
use engine::command::index::Table;
use engine::config::Config;
use engine::facts::replication::PrimaryLink;
use engine::facts::requests::ProcessRequest;
use std::sync::OnceLock;

const END: Offset = Offset(200);
const GOAL: Offset = Offset(163);

fn replica(port: u16, acknowledged: u64) -> ReplicaFact {
    ReplicaFact {
        client: u64::from(port),
        address: "10.0.0.1".to_string(),
        port,
        state: ReplicaState::Online,
        acknowledged: Offset(acknowledged),
        acknowledged_on_disk: Offset::ZERO,
        acknowledged_at_ms: 0,
        online_since_ms: 0,
        rdb_only: false,
    }
}

fn failover(target: Option<u16>) -> Failover {
    Failover {
        target: target.map(|port| ("10.0.0.1".to_string(), port)),
        deadline_ms: Some(100),
        is_forced: false,
        phase: Phase::WaitingForSync,
        goal: GOAL,
        asked_up_to: END,
    }
}

fn to(port: u16) -> Next {
    Next::HandOver("10.0.0.1".to_string(), port)
}

#[test]
fn the_first_in_step_takes_over() {
    let any = failover(None);
    let replicas = [replica(1, 162), replica(2, 163), replica(3, 200)];
    assert_eq!(next(&any, 0, END, &replicas), to(2));
    assert_eq!(next(&any, 0, END, &replicas[..1]), Next::Wait);
}

#[test]
fn only_the_target_counts() {
    let ordered = failover(Some(1));
    assert_eq!(next(&ordered, 0, END, &[replica(1, 162), replica(2, 200)]), Next::Wait);
    assert_eq!(next(&ordered, 0, END, &[replica(1, 163), replica(2, 200)]), to(1));
}

#[test]
fn who_takes_a_copy_or_has_no_port_is_waited_for() {
    let syncing = ReplicaFact { state: ReplicaState::SendSnapshot, ..replica(1, 200) };
    assert_eq!(next(&failover(None), 0, END, &[syncing, replica(0, 200)]), Next::Wait);
}

#[test]
fn what_is_written_after_the_question_is_asked_for() {
    let replicas = [replica(1, 200)];
    assert_eq!(next(&failover(None), 0, Offset(201), &replicas), Next::AskAgain);
    assert_eq!(
        next(&failover(None), 100, Offset(201), &replicas),
        Next::GiveUp("Replica never caught up before timeout")
    );
}

#[test]
fn the_time_is_over() {
    let late = [replica(1, 0)];
    let plain = failover(Some(1));
    assert_eq!(next(&plain, 99, END, &late), Next::Wait);
    assert_eq!(next(&plain, 100, END, &late), Next::GiveUp("Replica never caught up before timeout"));
    let forced = Failover { is_forced: true, ..plain };
    assert_eq!(next(&forced, 99, END, &late), Next::Wait);
    assert_eq!(next(&forced, 100, END, &late), Next::Force("10.0.0.1".to_string(), 1));
    assert_eq!(next(&forced, 100, END, &[replica(1, 163)]), to(1), "in step at the last moment");
    let endless = Failover { deadline_ms: None, ..failover(None) };
    assert_eq!(next(&endless, u64::MAX, END, &late), Next::Wait);
}

#[test]
fn who_is_gone_does_not_come_back() {
    let lost = Next::GiveUp("The connection with the replica was lost");
    assert_eq!(next(&failover(Some(1)), 0, END, &[replica(2, 0)]), lost);
    assert_eq!(next(&failover(None), 0, END, &[]), lost);
    let forced = Failover { is_forced: true, ..failover(Some(1)) };
    assert_eq!(next(&forced, 0, END, &[]), Next::Wait, "it takes over when the time is over");
}

#[test]
fn what_is_in_progress_waits_for_the_answer() {
    let in_progress = Failover { phase: Phase::InProgress, ..failover(Some(1)) };
    assert_eq!(next(&in_progress, 1000, Offset(0), &[]), Next::Wait);
}

fn node() -> Node {
    static NO_COMMANDS: OnceLock<Table> = OnceLock::new();
    let mut node = Node::new(Config::default(), NO_COMMANDS.get_or_init(|| Table::new(&[])));
    node.engine.propagation.tail.activate_backlog();
    node.engine.replication.replicas.push(replica(1, 0));
    node
}

fn role_changes(node: &Node) -> usize {
    let is_one = |request: &&ProcessRequest| **request == ProcessRequest::RoleChanged;
    node.engine.requests.iter().map(|asked| &asked.request).filter(is_one).count()
}

fn is_paused(node: &Node) -> bool {
    node.engine.health.is_paused(0)
}

#[test]
fn from_the_order_to_the_answer() {
    let mut node = node();
    node.engine.begin_failover(None, None, false);
    advance(&mut node);
    assert!(is_paused(&node) && !node.engine.replication.hands_over());
    let end = node.engine.propagation.end();
    node.engine.replication.replicas[0].acknowledged = end;
    advance(&mut node);
    assert!(is_paused(&node) && node.engine.replication.hands_over());
    let followed = |node: &Node| node.engine.replication.primary.as_ref().map(|link: &PrimaryLink| link.port);
    assert_eq!((followed(&node), role_changes(&node)), (Some(1), 1));
    answered(&mut node.engine, Ok(()));
    assert!(!is_paused(&node) && node.engine.replication.failover.is_none());
    assert_eq!((followed(&node), role_changes(&node)), (Some(1), 1));
    assert_eq!(node.engine.propagation.end(), end, "nothing was added to the log");
}

#[test]
fn a_refusal_makes_us_the_primary_again() {
    for (answer, is_replica) in [("-ERR no", false), ("-ERR PSYNC FAILOVER can't be sent to a master.", true)]
    {
        let mut node = node();
        node.engine.begin_failover(None, None, false);
        node.engine.hand_over("10.0.0.1", 1);
        answered(&mut node.engine, Err(answer));
        assert!(!is_paused(&node));
        assert_eq!(node.engine.replication.is_replica(), is_replica, "{answer}");
        assert_eq!(node.engine.replication.events.iter().count(), 1);
    }
}
