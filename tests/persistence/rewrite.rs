//! BGREWRITEAOF: a new base while writes go on.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use testkit::{AckLedger, Client, Dataset, Server, check, wait_equal, wait_until};

use crate::replication::workload::{write_every_kind, write_many};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    makes_the_files_smaller,
    loses_nothing_under_load,
    survives_a_kill_in_the_middle,
    comes_by_itself_when_the_file_has_grown,
    can_write_a_base_of_commands,
);

fn rewrite(client: &mut Client) {
    let started = client.run("BGREWRITEAOF").text();
    assert!(started.starts_with("Background append only file rewriting"), "{started}");
    await_rewrite(client);
}

fn await_rewrite(client: &mut Client) {
    wait_equal("aof_rewrite_in_progress", &0, || {
        let info = client.info("persistence");
        info.number("aof_rewrite_in_progress") + info.number("aof_rewrite_scheduled")
    });
    assert_eq!(client.info("persistence").text("aof_last_bgrewrite_status"), "ok");
}

fn folder_size(server: &Server) -> usize {
    let names = server.directory().names("appendonlydir");
    names.iter().map(|name| server.directory().read(&format!("appendonlydir/{name}")).len()).sum()
}

fn makes_the_files_smaller(workers: u32) {
    let mut server =
        under_test(workers).lines("appendonly yes\nrepl-log-size 0").line("appendfsync always").start();
    let mut client = server.client();
    let overwrites: Vec<Vec<String>> = (0..20_000)
        .map(|number| vec!["SET".to_owned(), format!("k:{}", number % 10), number.to_string()])
        .collect();
    client.pipeline(&overwrites);
    write_every_kind(&mut client, 1);
    let large = folder_size(&server);
    rewrite(&mut client);
    wait_until("the old files are gone", || folder_size(&server) < large / 10);
    write_every_kind(&mut client, 2);
    let before = Dataset::of(&server);
    let names = server.directory().names("appendonlydir");
    for file in ["appendonly.aof.2.base.rdb", "appendonly.aof.2.incr.aof", "appendonly.aof.manifest"] {
        assert!(names.iter().any(|name| name == file), "{file} in {names:?}");
    }
    assert_eq!(names.len(), 3, "{names:?}");
    server.restart();
    before.must_equal(&Dataset::of(&server), "before and after the restart");
}

/// Two clients write while five rewrites pass; then kill -9.
fn loses_nothing_under_load(workers: u32) {
    let mut server = under_test(workers).line("appendonly yes").line("appendfsync always").start();
    write_many(&mut server.client(), "many", 20_000);
    let stop = AtomicBool::new(false);
    let ledgers: Vec<AckLedger> = thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|number| {
                let (server, stop) = (&server, &stop);
                scope.spawn(move || {
                    let (mut ledger, mut client) =
                        (AckLedger::new(&format!("ledger:{number}")), server.client());
                    while !stop.load(Relaxed) {
                        let key = fastrand::u64(0..500);
                        ledger.write(&mut client, key).expect("the server lives");
                    }
                    ledger
                })
            })
            .collect();
        for _ in 0..5 {
            rewrite(&mut server.client());
        }
        stop.store(true, Relaxed);
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    });
    let before = Dataset::of(&server);
    server.restart();
    before.must_equal(&Dataset::of(&server), "before and after kill -9");
    for ledger in ledgers {
        assert_eq!(ledger.lost(&mut server.client()).len(), 0);
    }
}

/// Killed at various moments after the start of a rewrite: old files and new together bring everything back.
fn survives_a_kill_in_the_middle(workers: u32) {
    let mut server =
        under_test(workers).lines("appendonly yes\nrepl-log-size 0").line("appendfsync always").start();
    write_many(&mut server.client(), "many", 30_000);
    for round in 0..6 {
        let mut client = server.client();
        client.run("BGREWRITEAOF");
        let mut ledger = AckLedger::new(&format!("round:{round}"));
        // Writes instead of a pause: each round is killed a little later.
        for key in 0..round * round * 20 {
            ledger.write(&mut client, key).expect("the server lives");
        }
        let before = Dataset::of(&server);
        server.restart();
        before.must_equal(&Dataset::of(&server), &format!("round {round}, before and after kill -9"));
        assert_eq!(ledger.lost(&mut server.client()).len(), 0);
    }
    rewrite(&mut server.client());
    let names = server.directory().names("appendonlydir");
    wait_until("what the killed rewrites left is cleared away", || {
        server.directory().names("appendonlydir").len() <= 3
    });
    assert!(!names.is_empty());
}

fn comes_by_itself_when_the_file_has_grown(workers: u32) {
    let server = under_test(workers)
        .lines("appendonly yes\nauto-aof-rewrite-percentage 100\nauto-aof-rewrite-min-size 100kb")
        .start();
    let mut client = server.client();
    wait_until("a rewrite has come by itself", || {
        write_many(&mut client, "many", 2_000);
        client.info("persistence").number("aof_rewrites") > 0
    });
    await_rewrite(&mut client);
    check(&mut client, "GET many:7 -> \"value:7\"");
}

fn can_write_a_base_of_commands(workers: u32) {
    let mut server =
        under_test(workers).lines("appendonly yes\nappendfsync always\naof-use-rdb-preamble no").start();
    let mut client = server.client();
    write_every_kind(&mut client, 1);
    rewrite(&mut client);
    let names = server.directory().names("appendonlydir");
    assert!(names.contains(&"appendonly.aof.2.base.aof".to_owned()), "{names:?}");
    let before = Dataset::of(&server);
    server.restart();
    before.must_equal(&Dataset::of(&server), "before and after the restart");
}
