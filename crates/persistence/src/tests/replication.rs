//! The place in the history: across restarts, full copies, promotions.

use super::bench::{Bench, log_names};
use crate::Persistence;
use engine::engine::Node;
use engine::propagation::new_id;
use log::vfs::MemoryVfs;
use log::{History, Offset, ReplicationId};

fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    resp::request::append_multibulk(&mut bytes, words.iter().map(|word| word.as_bytes()));
    bytes
}

/// A full copy of another history was loaded: one key.
fn take_copy(node: &mut Node, id: ReplicationId, offset: Offset) {
    node.keyspace.flush_all();
    node.engine.health.data_set += 1;
    node.engine.propagation.adopt(id, offset);
    node.engine.commit.restart(offset);
}

/// The primary's stream goes on; the bytes become the log, and are run elsewhere.
fn stream(bench: &Bench, words: &[&str]) {
    bench.with(|_, node| {
        node.engine.propagation.append_stream(&command(words));
        node.engine.propagation.submit();
    });
}

fn replica(disk: MemoryVfs) -> Bench {
    try_replica(disk).expect("loads")
}

fn try_replica(disk: MemoryVfs) -> Result<Bench, String> {
    let bench = Bench::new(disk, |config| config.append_only.appendonly = true);
    bench.with(|_, node| node.engine.follow("primary", 6379));
    bench.persistence.load()?;
    bench.persistence.open_log()?;
    Ok(bench)
}

fn place(bench: &Bench) -> (History, Offset) {
    bench.with(|_, node| (node.engine.propagation.history, node.engine.propagation.end()))
}

#[test]
fn a_replica_goes_on_in_its_primary_s_history() {
    let id = new_id();
    let bench = replica(MemoryVfs::new());
    bench.with(|persistence, node| {
        take_copy(node, id, Offset(5000));
        persistence.data_set_replaced(node);
        assert_eq!(node.engine.commit.durable(), Offset::ZERO);
    });
    bench.wait_for_jobs();
    stream(&bench, &["SELECT", "3"]);
    stream(&bench, &["SET", "k", "1"]);
    bench.with(|_, node| node.engine.replication.stream_database = 3);
    bench.with(Persistence::begin_rewrite).expect("begins");
    bench.wait_for_jobs();
    stream(&bench, &["SET", "l", "2"]);
    let (history, at) = place(&bench);
    assert_eq!(history, History::new(id));
    let again = replica(bench.close());
    assert_eq!(place(&again), (history, at));
    assert_eq!(again.with(|_, node| node.engine.replication.stream_database), 3);
    assert_eq!(again.data().keys().cloned().collect::<Vec<_>>(), [(3, "l".to_string())]);
    stream(&again, &["SET", "m", "3"]);
    let third = Bench::with_log(again.close(), |_| ());
    let (history, at) = place(&third);
    assert_eq!((history.second_id, history.id == id), (Some((id, at)), false));
    assert_eq!(third.data().len(), 2);
}

#[test]
fn nothing_of_two_histories_is_mixed_in_the_files() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    for number in 0..100 {
        bench.run(&format!("SET old:{number} 1"));
    }
    let id = new_id();
    bench.with(|persistence, node| {
        node.engine.follow("primary", 6379);
        take_copy(node, id, Offset(70));
        persistence.data_set_replaced(node);
    });
    // Bytes that were not forced may have holes after a loss of power: such files are refused.
    let check = |disk: MemoryVfs| {
        let again = match try_replica(disk) {
            Ok(again) => again,
            Err(reason) => return assert!(reason.contains("Bad file format"), "{reason}"),
        };
        let (data, (history, at)) = (again.data(), place(&again));
        if history.id == id {
            assert!(data.len() <= 1 && at >= Offset(70), "{data:?}");
        } else {
            assert!(data.keys().all(|(_, key)| key.starts_with("old:")), "{data:?}");
        }
    };
    for seed in 0..20 {
        check(bench.disk.crash(seed));
    }
    stream(&bench, &["SET", "new", "1"]);
    bench.wait_for_jobs();
    bench.wait_until(|node| node.engine.commit.durable() >= Offset(70));
    for seed in 0..20 {
        check(bench.disk.crash(seed));
    }
    assert_eq!(place(&replica(bench.disk.fork())).0, History::new(id));
    assert_eq!(log_names(&bench.disk).len(), 3);
}

#[test]
fn a_promotion_is_in_the_files() {
    let id = new_id();
    let bench = replica(MemoryVfs::new());
    bench.with(|persistence, node| {
        take_copy(node, id, Offset(10));
        persistence.data_set_replaced(node);
    });
    bench.wait_for_jobs();
    stream(&bench, &["SET", "k", "1"]);
    let mut bench = bench;
    bench.with(|_, node| node.engine.promote());
    let (history, branched_at) = place(&bench);
    assert_eq!(history.second_id, Some((id, branched_at)));
    bench.run("SET own 1");
    let (_, at) = place(&bench);
    let again = replica(bench.close());
    assert_eq!(place(&again), (history, at));
    assert_eq!(again.data().len(), 2);
}

#[test]
fn a_snapshot_tells_its_place_too() {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    bench.with(|_, node| node.engine.propagation.tail.activate_backlog());
    bench.run("SET a 1");
    bench.run("SET gone 1");
    bench.run("PEXPIREAT gone 1");
    bench.with(Persistence::save_now).expect("saves");
    let (history, at) = place(&bench);
    let replica = Bench::new(bench.disk.fork(), |_| ());
    replica.with(|_, node| node.engine.follow("primary", 6379));
    replica.persistence.load().expect("loads");
    assert_eq!(place(&replica), (History::new(history.id), at));
    assert_eq!(replica.data().len(), 2, "only the primary decides that a key has expired");
    let primary = Bench::new(bench.disk.fork(), |_| ());
    primary.persistence.load().expect("loads");
    let (new, end) = place(&primary);
    assert_eq!(new.second_id, Some((history.id, at)));
    let told = primary.with(|_, node| node.engine.propagation.tail.read(at).map(<[u8]>::to_vec));
    let told = told.expect("in the backlog");
    assert_eq!(told, [command(&["SELECT", "0"]), command(&["DEL", "gone"])].concat());
    assert_eq!(end, at.plus(told.len()));
}
