//! RDB files: round trips, points in time, failures, save points.

use super::bench::{Bench, DIR, read_file, write_file};
use crate::Persistence;
use engine::config::kind::SavePoint;
use engine::facts::health::Outcome;
use log::vfs::{Fault, FaultKind, MemoryVfs, Operation, Vfs};
use std::path::Path;

const DUMP: &str = "/data/dump.rdb";
/// Seconds since 1970 in milliseconds that no test reaches.
const FAR_MS: i64 = 4_000_000_000_000;

fn filled(keys: usize) -> Bench {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    for number in 0..keys {
        bench.run(&format!("SET key:{number} value:{number}"));
    }
    bench
}

#[test]
fn a_saved_data_set_comes_back() {
    let mut bench = filled(1000);
    bench.run(&format!("PEXPIREAT key:7 {FAR_MS}"));
    bench.run("SELECT 3");
    bench.run("SET other database");
    bench.with(Persistence::save_now).expect("saves");
    assert_eq!(bench.with(|_, node| node.keyspace.changes().dirty), 0);
    let again = Bench::new(bench.disk.clone(), |_| ());
    again.persistence.load().expect("loads");
    assert_eq!(again.data(), bench.data());
    assert_eq!(again.data().len(), 1001);
    let health = again.with(|_, node| node.engine.health.clone());
    assert!(health.loading.is_none());
    assert_eq!((health.save.last_load_loaded, health.save.last_load_expired), (1001, 0));
    assert_eq!(again.with(|_, node| node.keyspace.changes().dirty), 0);
}

#[test]
fn keys_that_expired_meanwhile_stay_away_on_a_primary() {
    let mut bench = filled(2);
    bench.run("PEXPIREAT key:0 1");
    bench.with(Persistence::save_now).expect("saves");
    let again = Bench::new(bench.disk.clone(), |_| ());
    again.persistence.load().expect("loads");
    assert_eq!((again.value("key:0"), again.data().len()), (None, 1));
    assert_eq!(again.with(|_, node| node.engine.health.save.last_load_expired), 1);
}

#[test]
fn a_background_save_holds_the_moment_at_which_it_began() {
    let mut bench = filled(5000);
    let before = bench.data();
    bench.with(Persistence::begin_save).expect("begins");
    let mut rounds = 0;
    while bench.with(|_, node| node.engine.health.save.job.is_some()) || rounds == 0 {
        for number in 0..200 {
            bench.run(&format!("SET key:{} changed", rounds * 200 + number));
            bench.run(&format!("DEL key:{}", 4999 - number));
            bench.run(&format!("SET new:{number} later"));
        }
        rounds += 1;
    }
    let changes = bench.with(|_, node| node.keyspace.changes().dirty);
    assert!(changes >= 400 && changes < 5000 + rounds * 600, "the changes since: {changes}");
    let save = bench.with(|_, node| node.engine.health.save.clone());
    assert_eq!((save.last_outcome, save.saves, save.last_duration_s.is_some()), (Outcome::Ok, 1, true));
    let again = Bench::new(bench.disk.clone(), |_| ());
    again.persistence.load().expect("loads");
    assert_eq!(again.data(), before);
    assert_eq!(bench.disk.list(Path::new(DIR)).expect("listed"), ["dump.rdb"]);
}

#[test]
fn a_flush_ends_the_running_save_and_replaces_the_file() {
    let bench = filled(20_000);
    let point = SavePoint { seconds: 3600, changes: 1 };
    bench.with(|_, node| node.engine.config.snapshotting.save = vec![point]);
    bench.with(Persistence::save_now).expect("saves");
    bench.with(Persistence::begin_save).expect("begins");
    bench.with(|_, node| drop(node.keyspace.flush_all()));
    bench.with(Persistence::data_set_flushed);
    let save = bench.with(|_, node| node.engine.health.save.clone());
    assert!(save.job.is_none() && save.last_outcome == Outcome::Ok && save.saves == 1);
    assert_eq!(bench.with(|_, node| node.keyspace.changes().dirty), 0);
    let again = Bench::new(bench.disk.clone(), |_| ());
    again.persistence.load().expect("loads");
    assert!(again.data().is_empty());
    assert_eq!(bench.with(Persistence::begin_save), Ok(()), "another save may begin at once");
    bench.wait_for_jobs();
}

#[test]
fn without_save_points_a_flush_leaves_the_file() {
    let bench = filled(10);
    bench.with(Persistence::save_now).expect("saves");
    bench.with(|_, node| node.engine.config.snapshotting.save.clear());
    bench.with(|_, node| drop(node.keyspace.flush_all()));
    bench.with(Persistence::data_set_flushed);
    let again = Bench::new(bench.disk.clone(), |_| ());
    again.persistence.load().expect("loads");
    assert_eq!(again.data().len(), 10);
}

#[test]
fn one_save_at_a_time() {
    let bench = filled(20_000);
    bench.with(|persistence, node| {
        persistence.begin_save(node).expect("begins");
        let busy = "ERR Background save already in progress";
        assert_eq!(persistence.begin_save(node).expect_err("busy"), busy);
        assert_eq!(persistence.save_now(node).expect_err("busy"), busy);
        persistence.begin_rewrite(node).expect("scheduled");
        assert!(node.engine.health.append_only.is_rewrite_scheduled);
    });
    bench.wait_for_jobs();
    bench.with(|persistence, node| {
        persistence.cron(node);
        assert!(node.engine.health.append_only.rewrite.is_some());
        let error = persistence.begin_save(node).expect_err("busy");
        assert!(error.starts_with("ERR Another child process is active (AOF?)"), "{error}");
        persistence.save_now(node).expect("needs no snapshot");
    });
    bench.wait_for_jobs();
}

#[test]
fn a_save_that_fails_leaves_the_old_file_and_is_told() {
    let mut bench = filled(10);
    bench.with(Persistence::save_now).expect("saves");
    let old = read_file(&bench.disk, DUMP);
    bench.run("SET more 1");
    for operation in [Operation::Create, Operation::Write, Operation::Sync, Operation::Rename] {
        let fault = Fault { operation: Some(operation), nth: 1, calls: 1, kind: FaultKind::Errno(28) };
        bench.vfs.set_fault(Some(fault));
        bench.with(Persistence::begin_save).expect("begins");
        bench.wait_for_jobs();
        assert_eq!(
            bench.with(|_, node| node.engine.health.save.last_outcome),
            Outcome::Failed,
            "{operation:?}"
        );
        bench.vfs.set_fault(Some(fault));
        assert_eq!(bench.with(Persistence::save_now), Err("ERR".to_string()));
        assert_eq!(read_file(&bench.disk, DUMP), old);
        assert_eq!(bench.disk.list(Path::new(DIR)).expect("listed"), ["dump.rdb"]);
    }
    bench.vfs.set_fault(None);
    assert_eq!(bench.with(|_, node| node.keyspace.changes().dirty), 1);
    bench.with(Persistence::save_now).expect("saves");
    assert_eq!(bench.with(|_, node| node.engine.health.save.last_outcome), Outcome::Ok);
}

#[test]
fn save_points_and_scheduled_saves_are_cron_s_work() {
    let mut bench = filled(0);
    bench.with(|_, node| {
        node.engine.config.snapshotting.save = vec![SavePoint { seconds: 60, changes: 3 }];
        node.engine.health.save.last_save_s = node.engine.clock.wall_ms / 1000 - 100;
    });
    bench.run("SET a 1");
    bench.run("SET b 1");
    bench.with(|persistence, node| {
        persistence.cron(node);
        assert!(node.engine.health.save.job.is_none());
    });
    bench.run("SET c 1");
    bench.with(|persistence, node| {
        persistence.cron(node);
        assert!(node.engine.health.save.job.is_some());
    });
    bench.wait_for_jobs();
    bench.with(|persistence, node| {
        node.engine.health.save.is_scheduled = true;
        persistence.cron(node);
        assert!(node.engine.health.save.job.is_some() && !node.engine.health.save.is_scheduled);
    });
    bench.wait_for_jobs();
    assert_eq!(bench.with(|_, node| node.engine.health.save.saves), 2);
}

#[test]
fn damaged_files_are_refused_with_their_place() {
    let bench = filled(100);
    bench.with(Persistence::save_now).expect("saves");
    let whole = read_file(&bench.disk, DUMP);
    for (at, byte) in [(0, b'X'), (whole.len() / 2, 0xf5), (whole.len() - 1, 0)] {
        let mut damaged = whole.clone();
        damaged[at] = byte;
        write_file(&bench.disk, DUMP, &damaged);
        let again = Bench::new(bench.disk.fork(), |_| ());
        let error = again.persistence.load().expect_err("damaged");
        assert!(error.contains(DUMP) && error.contains("at offset"), "{error}");
        assert!(again.data().is_empty());
        assert_eq!(read_file(&again.disk, DUMP), damaged);
    }
    write_file(&bench.disk, DUMP, &whole[..whole.len() / 2]);
    let again = Bench::new(bench.disk.fork(), |_| ());
    assert!(again.persistence.load().expect_err("cut").contains("the file ends early"));
}

#[test]
fn a_shutdown_ends_a_background_save_whose_file_never_replaces_the_last_one() {
    for _ in 0..20 {
        let mut bench = filled(3000);
        bench.with(Persistence::begin_save).expect("begins");
        bench.run("SET last 1");
        bench.with(|persistence, node| {
            persistence.close_log(node).expect("nothing to close");
            persistence.save_now(node).expect("saves");
        });
        // The thread of the ended save goes away by itself; what it does must not matter.
        for _ in 0..100 {
            std::thread::yield_now();
        }
        let again = Bench::new(bench.disk.fork(), |_| ());
        again.persistence.load().expect("loads");
        assert_eq!(again.value("last").as_deref(), Some("1"));
    }
}

#[test]
fn debug_reload_brings_the_same_data_set_back() {
    let mut bench = filled(500);
    bench.run("PEXPIREAT key:1 1");
    let before = bench.data();
    bench.with(|persistence, node| persistence.reload(node, true, true)).expect("reloads");
    assert_eq!(bench.data(), before);
    bench.run("SET more 1");
    bench.with(|persistence, node| persistence.reload(node, false, false)).expect("reloads");
    assert_eq!(bench.value("more").as_deref(), Some("1"));
    write_file(&bench.disk, DUMP, b"rubbish");
    let kept = bench.data();
    assert!(bench.with(|persistence, node| persistence.reload(node, false, true)).is_err());
    assert_eq!(bench.data(), kept);
}
