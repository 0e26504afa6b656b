//! The append-only files: what a restart finds, rewrites, turning the log on and off, files of others.

use super::bench::{Bench, Data, LOG_DIR, append_to, log_names, read_file, write_file};
use crate::Persistence;
use engine::config::options::AppendFsync;
use engine::facts::health::Outcome;
use log::Offset;
use log::vfs::{Fault, FaultKind, MemoryVfs, Operation, Vfs};
use std::path::Path;

const FIRST: [&str; 3] =
    ["appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"];
const FIRST_INCREMENT: &str = "/data/appendonlydir/appendonly.aof.1.incr.aof";

fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    resp::request::append_multibulk(&mut bytes, words.iter().map(|word| word.as_bytes()));
    bytes
}

fn rewrite(bench: &Bench) {
    bench.with(Persistence::begin_rewrite).expect("begins");
    bench.wait_for_jobs();
    assert_eq!(bench.with(|_, node| node.engine.health.append_only.last_rewrite), Outcome::Ok);
}

fn end(bench: &Bench) -> Offset {
    bench.with(|_, node| node.engine.propagation.end())
}

#[test]
fn a_restart_finds_everything_and_goes_on_in_the_same_history() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    assert_eq!(log_names(&bench.disk), FIRST);
    bench.run("SET a 1");
    bench.run("SELECT 5");
    bench.run("SET b 2");
    bench.run("PEXPIREAT b 1");
    let (data, at) = (bench.data(), end(&bench));
    let id = bench.with(|_, node| node.engine.propagation.history.id);
    let disk = bench.close();
    assert_eq!(log_names(&disk), FIRST);
    let mut again = Bench::with_log(disk, |_| ());
    assert_eq!((again.data(), end(&again)), (data, at));
    let history = again.with(|_, node| node.engine.propagation.history);
    assert_eq!(history.second_id, Some((id, at)));
    assert_ne!(history.id, id);
    again.run("SET c 3");
    assert_eq!(again.value("c").as_deref(), Some("3"));
    let held = again.with(|_, node| node.engine.propagation.tail.start());
    assert!(held < at, "replicas that are a little behind can go on");
    let (data, at) = (again.data(), end(&again));
    let third = Bench::with_log(again.close(), |_| ());
    assert_eq!((third.data(), end(&third)), (data, at));
    assert_eq!(log_names(&third.disk), FIRST);
}

#[test]
fn a_killed_process_loses_nothing_that_was_written() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |config| {
        config.append_only.appendfsync = AppendFsync::Always;
    });
    for number in 0..50 {
        bench.run(&format!("SET key:{number} value"));
    }
    bench.wait_for_disk();
    let again = Bench::with_log(bench.disk.crash(7), |_| ());
    assert_eq!(again.data(), bench.data());
    assert_eq!(end(&again), end(&bench));
}

#[test]
fn a_rewrite_leaves_a_base_and_one_increment() {
    for preamble in [true, false] {
        let mut bench = Bench::with_log(MemoryVfs::new(), |config| {
            config.append_only.aof_use_rdb_preamble = preamble;
            config.append_only.aof_timestamp_enabled = true;
        });
        for number in 0..2000 {
            bench.run(&format!("SET key:{} value:{number}", number % 100));
        }
        bench.run("PEXPIREAT key:1 4000000000000");
        bench.run("SELECT 2");
        bench.run("SET far away");
        bench.with(Persistence::begin_rewrite).expect("begins");
        for number in 0..2000 {
            bench.run(&format!("SET late:{} {number}", number % 300));
            bench.run(&format!("DEL late:{}", number % 7));
        }
        bench.wait_for_jobs();
        let end_of_base = if preamble { "rdb" } else { "aof" };
        let base = format!("appendonly.aof.2.base.{end_of_base}");
        assert_eq!(log_names(&bench.disk), [base.as_str(), "appendonly.aof.2.incr.aof", FIRST[2]]);
        let health = bench.with(|_, node| node.engine.health.append_only.clone());
        assert_eq!((health.rewrites, health.last_rewrite, health.failed_rewrites), (1, Outcome::Ok, 0));
        assert!(health.base_bytes > 1000 && health.base_bytes == health.current_bytes);
        let (data, at) = (bench.data(), end(&bench));
        let again = Bench::with_log(bench.close(), |_| ());
        assert_eq!((again.data(), end(&again)), (data, at));
    }
}

#[test]
fn the_growth_of_the_files_begins_a_rewrite() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |config| {
        config.append_only.auto_aof_rewrite_min_size = 20_000;
    });
    while bench.with(|persistence, node| {
        persistence.cron(node);
        node.engine.health.append_only.rewrite.is_none()
    }) {
        bench.run(&format!("SET key {}", "x".repeat(500)));
    }
    bench.wait_for_jobs();
    assert_eq!(bench.with(|_, node| node.engine.health.append_only.rewrites), 1);
    bench.with(Persistence::cron);
    assert!(bench.with(|_, node| node.engine.health.append_only.rewrite.is_none()));
}

#[test]
fn a_torn_end_is_cut_off_or_refused_as_configured() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    bench.run("SET b 2");
    let (data, at, disk) = (bench.data(), end(&bench), bench.close());
    let whole = read_file(&disk, FIRST_INCREMENT);
    let torn = [command(&["MULTI"]), command(&["SET", "c", "3"]), b"*3\r\n$3\r\nSET\r\n$1".to_vec()].concat();
    append_to(&disk, FIRST_INCREMENT, &torn);
    let strict = Bench::new(disk.fork(), |config| {
        config.append_only.appendonly = true;
        config.append_only.aof_load_truncated = false;
    });
    let error = strict.persistence.load().expect_err("torn");
    assert!(error.contains(FIRST_INCREMENT) && error.contains("Unexpected end of file"), "{error}");
    assert_eq!(read_file(&strict.disk, FIRST_INCREMENT).len(), whole.len() + torn.len());
    assert!(strict.persistence.open_log().is_err(), "what was not loaded is not written to");
    let mut lenient = Bench::with_log(disk.fork(), |_| ());
    assert_eq!(lenient.data(), data);
    lenient.run("SET d 4");
    let data = lenient.data();
    let again = Bench::with_log(lenient.close(), |config| config.append_only.aof_load_truncated = false);
    assert_eq!((again.data(), end(&again) > at), (data, true));
}

#[test]
fn damage_anywhere_is_refused_and_nothing_is_changed() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    for number in 0..50 {
        bench.run(&format!("SET key:{number} {}", "v".repeat(200)));
    }
    let disk = bench.close();
    let whole = read_file(&disk, FIRST_INCREMENT);
    let last_line = whole.windows(5).rposition(|text| text == b"#END:").expect("closed in order");
    for at in (0..last_line).step_by(37) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let copy = disk.fork();
        write_file(&copy, FIRST_INCREMENT, &damaged);
        let again = Bench::new(copy, |config| config.append_only.appendonly = true);
        let error = again.persistence.load().expect_err("damaged");
        assert!(error.contains(FIRST_INCREMENT), "{error}");
        assert_eq!(read_file(&again.disk, FIRST_INCREMENT), damaged);
    }
    for (name, content, reason) in [
        (FIRST[2], "file ../x seq 1 type b\n", "File can't be a path"),
        (FIRST[2], "rubbish\n", "Invalid AOF manifest file format"),
        (FIRST[2], "", "Found an empty AOF manifest"),
        (FIRST[2], "file missing seq 1 type i\n", "Unable to obtain the AOF file"),
        (FIRST[0], "REDIS0010", "Error reading the RDB preamble"),
        (FIRST[0], "*1\r\n$3\r\n", "the truncated file is not the last file"),
        (FIRST[1], "*1\r\n$7\r\nUNKNOWN\r\n", "Unknown command 'UNKNOWN'"),
        (FIRST[1], "*2\r\n$6\r\nSELECT\r\n$2\r\n16\r\n", "ERR DB index is out of range"),
        (FIRST[1], "plain words\r\n", "Bad file format"),
    ] {
        let copy = disk.fork();
        write_file(&copy, &format!("{LOG_DIR}/{name}"), content.as_bytes());
        let before: Vec<Vec<u8>> =
            FIRST.iter().map(|name| read_file(&copy, &format!("{LOG_DIR}/{name}"))).collect();
        let again = Bench::new(copy, |config| config.append_only.appendonly = true);
        let error = again.persistence.load().expect_err(reason);
        assert!(error.contains(reason), "{error}");
        let after: Vec<Vec<u8>> =
            FIRST.iter().map(|name| read_file(&again.disk, &format!("{LOG_DIR}/{name}"))).collect();
        assert_eq!(before, after);
    }
}

/// Bytes that a crash tore apart while they were on their way to the disk.
#[test]
fn damage_behind_the_last_fsync_is_cut_off() {
    let bench = |disk| Bench::new(disk, |config| config.append_only.appendonly = true);
    let mut first = Bench::with_log(MemoryVfs::new(), |_| ());
    first.run("SET forced 1");
    let disk = first.close();
    let forced = read_file(&disk, FIRST_INCREMENT).len();
    let mut second = bench(disk);
    second.persistence.load().and_then(|()| second.persistence.open_log()).expect("whole");
    for number in 0..100 {
        second.run(&format!("SET key:{number} {}", "v".repeat(200)));
    }
    second.wait_for_disk();
    let disk = second.disk.fork();
    let whole = read_file(&disk, FIRST_INCREMENT);
    let sum = whole.windows(5).rposition(|text| text == b"#SUM:").expect("an fsync is announced");
    for at in (forced..whole.len()).step_by(211) {
        let mut torn = whole.clone();
        let end = (at + 300).min(torn.len());
        torn[at..end].fill(0);
        torn.extend_from_slice(if at % 2 == 0 { b"" } else { &[0; 700] });
        let copy = disk.fork();
        write_file(&copy, FIRST_INCREMENT, &torn);
        let refuses = Bench::new(copy.fork(), |config| {
            config.append_only.appendonly = true;
            config.append_only.aof_load_corrupt_tail_max_size = 0;
        });
        assert_eq!(refuses.persistence.load().is_err(), end < sum, "zeros from {at}");
        let again = bench(copy);
        again.persistence.load().and_then(|()| again.persistence.open_log()).expect("cut off");
        assert_eq!(again.value("forced").as_deref(), Some("1"));
        let data = again.data();
        assert_eq!(bench_data(again.close()), data, "what was cut off stays away");
    }
}

fn bench_data(disk: MemoryVfs) -> Data {
    Bench::with_log(disk, |_| ()).data()
}

#[test]
fn a_missing_piece_between_two_files_is_refused() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |config| {
        config.append_only.appendfsync = AppendFsync::Always;
    });
    bench.run("SET a 1");
    bench.wait_for_disk();
    let short = read_file(&bench.disk, FIRST_INCREMENT);
    bench.run("SET b 2");
    bench.wait_for_disk();
    let fault = Fault { operation: Some(Operation::Create), nth: 3, calls: 1, kind: FaultKind::Errno(28) };
    bench.vfs.set_fault(Some(fault));
    bench.with(Persistence::begin_rewrite).expect("begins");
    bench.wait_for_jobs();
    assert_eq!(bench.with(|_, node| node.engine.health.append_only.last_rewrite), Outcome::Failed);
    bench.run("SET c 3");
    let disk = bench.close();
    assert_eq!(log_names(&disk)[1..3], ["appendonly.aof.1.incr.aof", "appendonly.aof.2.incr.aof"]);
    assert_eq!(Bench::with_log(disk.fork(), |_| ()).data().len(), 3);
    write_file(&disk, FIRST_INCREMENT, &short);
    let gap = Bench::new(disk, |config| config.append_only.appendonly = true);
    let error = gap.persistence.load().expect_err("b is missing");
    assert!(error.contains("the one before it ends at offset"), "{error}");
}

#[test]
fn a_single_file_of_an_old_release_becomes_the_base() {
    let tail = [command(&["SELECT", "1"]), command(&["SET", "k", "v"])].concat();
    let disk = MemoryVfs::new();
    write_file(&disk, "/data/appendonly.aof", &tail);
    let mut bench = Bench::with_log(disk, |_| ());
    let names = ["appendonly.aof", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"];
    assert_eq!(log_names(&bench.disk), names);
    assert!(!bench.disk.exists(Path::new("/data/appendonly.aof")).expect("asked"));
    bench.run("SET more 1");
    let data = bench.data();
    assert_eq!(data.len(), 2);
    let again = Bench::with_log(bench.close(), |_| ());
    assert_eq!(again.data(), data);
    rewrite(&again);
    assert_eq!(log_names(&again.disk), ["appendonly.aof.2.base.rdb", "appendonly.aof.2.incr.aof", FIRST[2]]);

    let mut old = Bench::new(MemoryVfs::new(), |_| ());
    old.run("SET before 1");
    old.with(Persistence::save_now).expect("saves");
    let preamble = read_file(&old.disk, "/data/dump.rdb");
    let disk = MemoryVfs::new();
    write_file(&disk, "/data/appendonly.aof", &[preamble, tail].concat());
    disk.create_dir(Path::new(LOG_DIR)).expect("made");
    let mixed = Bench::with_log(disk, |_| ());
    assert_eq!((mixed.data().len(), mixed.value("before").as_deref()), (2, Some("1")));
}

#[test]
fn commands_of_others_behind_our_end_are_run_but_not_of_our_history() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    let disk = bench.close();
    append_to(
        &disk,
        FIRST_INCREMENT,
        &[command(&["SELECT", "0"]), command(&["SET", "theirs", "1"])].concat(),
    );
    let mut again = Bench::with_log(disk, |_| ());
    assert_eq!((again.data().len(), end(&again)), (2, Offset(0)));
    assert_eq!(again.with(|_, node| node.engine.propagation.history.second_id), None);
    again.run("SET ours 1");
    let at = end(&again);
    let third = Bench::with_log(again.close(), |_| ());
    assert_eq!((third.data().len(), end(&third)), (3, at));
}

#[test]
fn transactions_come_back_whole() {
    let disk = MemoryVfs::new();
    let bytes = [
        command(&["SET", "a", "1"]),
        command(&["MULTI"]),
        command(&["SET", "b", "1"]),
        command(&["DEL", "a"]),
        command(&["EXEC"]),
        command(&["MULTI"]),
        command(&["DEL", "b"]),
    ];
    write_file(&disk, "/data/appendonly.aof", &bytes.concat());
    let bench = Bench::with_log(disk, |_| ());
    assert_eq!((bench.value("a"), bench.value("b").as_deref()), (None, Some("1")));
}

#[test]
fn an_expired_key_met_while_loading_stays_until_the_log_deletes_it() {
    let disk = MemoryVfs::new();
    let bytes = [
        command(&["SET", "k", "v"]),
        command(&["PEXPIREAT", "k", "1"]),
        command(&["PEXPIREAT", "k", "4000000000000"]),
    ];
    write_file(&disk, "/data/appendonly.aof", &bytes.concat());
    let bench = Bench::with_log(disk, |_| ());
    assert_eq!(bench.value("k").as_deref(), Some("v"));
}

#[test]
fn the_log_is_turned_on_with_a_base_of_what_is_there() {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    bench.run("SELECT 1");
    bench.run("SET before 1");
    bench.with(|persistence, node| {
        node.engine.config.append_only.appendonly = true;
        persistence.set_append_only(node, true).expect("turned on");
        assert!(
            node.engine.health.append_only.is_enabled && node.engine.health.append_only.rewrite.is_some()
        );
    });
    bench.run("SET meanwhile 1");
    bench.wait_for_jobs();
    bench.run("SET after 1");
    assert_eq!(log_names(&bench.disk), FIRST);
    assert!(!bench.with(|_, node| node.engine.health.append_only.is_fsync_suspended));
    bench.with(|persistence, node| persistence.set_append_only(node, false)).expect("turned off");
    assert!(!bench.with(|_, node| node.engine.propagation.has_file()));
    bench.run("SET lost 1");
    let again = Bench::with_log(bench.disk.fork(), |_| ());
    assert_eq!(again.data().len(), 3);
    bench.with(|persistence, node| persistence.set_append_only(node, true)).expect("turned on");
    bench.wait_for_jobs();
    bench.run("SET last 1");
    let data = bench.data();
    assert_eq!(Bench::with_log(bench.close(), |_| ()).data(), data);
}

#[test]
fn a_log_turned_on_is_no_log_before_its_base_is_there() {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    let fault =
        Fault { operation: Some(Operation::Write), nth: 2, calls: u64::MAX, kind: FaultKind::Errno(28) };
    bench.vfs.set_fault(Some(fault));
    bench.with(|persistence, node| persistence.set_append_only(node, true)).expect("turned on");
    bench.wait_for_jobs();
    bench.wait_until(|node| node.engine.health.append_only.write_error.is_some());
    assert!(!bench.try_run("SET b 1"), "refused while the disk is full");
    assert!(!log_names(&bench.disk).contains(&FIRST[2].to_string()));
    let crashed = Bench::with_log(bench.disk.fork(), |_| ());
    assert!(crashed.data().is_empty());
    assert_eq!(end(&crashed), Offset(0));
    bench.vfs.set_fault(None);
    loop {
        let done = bench.with(|persistence, node| {
            persistence.cron(node);
            node.engine.health.append_only.rewrites > 0
        });
        if done {
            break;
        }
        std::thread::yield_now();
    }
    let data = bench.data();
    assert_eq!(Bench::with_log(bench.close(), |_| ()).data(), data);
}

#[test]
fn without_the_log_a_rewrite_makes_a_base_alone() {
    let mut bench = Bench::new(MemoryVfs::new(), |_| ());
    bench.run("SET a 1");
    rewrite(&bench);
    assert_eq!(log_names(&bench.disk), [FIRST[0], FIRST[2]]);
    let again = Bench::with_log(bench.disk.fork(), |_| ());
    assert_eq!(again.data(), bench.data());
    rewrite(&bench);
    assert_eq!(log_names(&bench.disk), ["appendonly.aof.2.base.rdb", FIRST[2]]);
}

#[test]
fn debug_loadaof_reads_the_files_back() {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    bench.run("SELECT 4");
    (0..100).for_each(|number| bench.run(&format!("SET key:{number} 1")));
    let (data, at) = (bench.data(), end(&bench));
    bench.with(Persistence::load_append_only_again).expect("reads");
    assert_eq!((bench.data(), end(&bench)), (data.clone(), at));
    append_to(&bench.disk, FIRST_INCREMENT, b"rubbish");
    assert!(bench.with(Persistence::load_append_only_again).is_err());
    assert_eq!(bench.data(), data);
}
