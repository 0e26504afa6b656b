//! Data sets that others took the place of: kept, bounded, brought back.

use super::bench::Bench;
use crate::replaced::KeepError;
use log::vfs::{Fault, FaultKind, MemoryVfs, Vfs};
use std::path::Path;

fn names(bench: &Bench) -> Vec<(String, u64)> {
    let node = bench.node.lock();
    let files = bench.persistence.replaced_files(&node.engine.config).expect("listed");
    files.into_iter().map(|file| (file.name, file.keys)).collect()
}

fn keep(bench: &Bench) -> String {
    bench.persistence.keep_data_set(|| true).expect("written").expect("there is something to keep")
}

#[test]
fn is_kept_and_restored_and_what_it_replaces_is_kept_too() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    bench.run("SET b 2");
    let name = keep(&bench);
    assert_eq!(names(&bench), [(name.clone(), 2)]);
    bench.run("DEL a");
    let before = bench.with(|_, node| node.engine.propagation.history.id);
    bench.with(|persistence, node| persistence.restore_replaced(node, &name)).expect("restored");
    assert_eq!((bench.value("a").as_deref(), bench.value("b").as_deref()), (Some("1"), Some("2")));
    assert_eq!(names(&bench).iter().map(|(_, keys)| *keys).collect::<Vec<_>>(), [2, 1]);
    let standing = bench.with(|_, node| node.standing());
    assert!(standing.id != before && standing.left.contains(&before), "a history of its own");
    bench.wait_for_jobs();
    bench.wait_for_disk();
    let bench = Bench::with_log(bench.close(), |_| ());
    assert_eq!(bench.value("a").as_deref(), Some("1"), "the log on disk is that of the restored data");
}

#[test]
fn the_oldest_go_first_and_the_newest_stays() {
    let mut bench = Bench::new(MemoryVfs::new(), |config| {
        config.replication.replica_replaced_files = 2;
        config.replication.replica_replaced_size = 1;
    });
    bench.run("SET a 1");
    keep(&bench);
    assert_eq!(names(&bench).len(), 1, "one file is kept however large it is");
    bench.with(|_, node| node.engine.config.replication.replica_replaced_size = 0);
    for key in ["b", "c", "d"] {
        bench.run(&format!("SET {key} 1"));
        keep(&bench);
    }
    assert_eq!(names(&bench).iter().map(|(_, keys)| *keys).collect::<Vec<_>>(), [3, 4]);
    bench.with(|_, node| node.engine.config.replication.replica_replaced_files = 0);
    assert_eq!(bench.persistence.keep_data_set(|| true).expect("nothing to do"), None);
}

#[test]
fn what_fails_or_is_not_wanted_leaves_nothing() {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    for nth in 1..=3 {
        bench.vfs.set_fault(Some(Fault {
            operation: None,
            nth,
            calls: u64::MAX,
            kind: FaultKind::Errno(28),
        }));
        assert!(matches!(bench.persistence.keep_data_set(|| true), Err(KeepError::Write(_))), "{nth}");
        bench.vfs.set_fault(None);
    }
    for key in 0..2000 {
        bench.run(&format!("SET key:{key} 1"));
    }
    assert!(matches!(bench.persistence.keep_data_set(|| false), Err(KeepError::NotWanted)));
    assert_eq!(names(&bench), []);
    let left = bench.disk.list(Path::new("/data/replaced")).unwrap_or_default();
    assert!(left.iter().all(|name| name.starts_with("temp-")), "{left:?}");
    assert!(!keep(&bench).is_empty(), "the next one is kept");
}

#[test]
fn only_names_of_the_list_are_restored() {
    let bench = Bench::new(MemoryVfs::new(), |_| ());
    for name in ["", "dump.rdb", "../dump.rdb", "1-8f2a0011-1-1.rdb"] {
        assert!(bench.with(|persistence, node| persistence.restore_replaced(node, name)).is_err(), "{name}");
    }
}
