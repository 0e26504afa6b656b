//! Files change hands: what one server wrote, another loads, in both directions.

use std::process::Command;

use testkit::{Dataset, Program, Server, TestDirectory, check, find_on_path, skip, wait_equal};

use crate::replication::pairs::{Pair, with_every_peer};
use crate::replication::workload::{write_every_kind, write_many, write_sizes};
use crate::workers::{under_test, with_one_and_two_workers};

with_every_peer!(
    the_rdb_file,
    the_rdb_file_without_options,
    the_append_only_directory,
    the_rewritten_directory
);

with_one_and_two_workers!(the_checkers_of_redis_are_content);

fn fill(server: &Server, round: u32) {
    let mut client = server.client();
    write_every_kind(&mut client, round);
    write_sizes(&mut client, u64::from(round));
    write_many(&mut client, "many", 10_000);
}

/// Lets the reader start on copies of the writer's files; both must then hold the same.
fn hand_over(writer: &mut Server, reader: &Program, files: &[&str], lines: &str) -> Server {
    let before = Dataset::of(writer);
    writer.kill9();
    let directory = TestDirectory::new();
    directory.copy_from(writer.directory(), files);
    let server = Server::builder(reader).directory(&directory).lines(lines).start();
    before.must_equal(&Dataset::of(&server), "the writer's and the reader's");
    server
}

fn the_rdb_file(pair: &Pair) {
    let mut writer = Server::start(&pair.primary);
    fill(&writer, 1);
    check(&mut writer.client(), "SAVE -> OK");
    hand_over(&mut writer, &pair.replica, &["dump.rdb"], "");
}

fn the_rdb_file_without_options(pair: &Pair) {
    let mut writer = Server::builder(&pair.primary).lines("rdbcompression no\nrdbchecksum no").start();
    fill(&writer, 1);
    check(&mut writer.client(), "SAVE -> OK");
    hand_over(&mut writer, &pair.replica, &["dump.rdb"], "");
}

/// The directory goes over, is written on there, and comes back.
fn the_append_only_directory(pair: &Pair) {
    let lines = "appendonly yes\nappendfsync always";
    let mut writer = Server::builder(&pair.primary).lines(lines).start();
    fill(&writer, 1);
    let mut reader = hand_over(&mut writer, &pair.replica, &["appendonlydir"], lines);
    write_every_kind(&mut reader.client(), 2);
    if pair.primary.can_follow(&pair.replica) {
        hand_over(&mut reader, &pair.primary, &["appendonlydir"], lines);
    }
}

fn the_rewritten_directory(pair: &Pair) {
    let lines = "appendonly yes\nappendfsync always";
    let mut writer = Server::builder(&pair.primary).lines(lines).start();
    fill(&writer, 1);
    let mut client = writer.client();
    client.run("BGREWRITEAOF");
    wait_equal("aof_rewrite_in_progress", &0, || {
        let info = client.info("persistence");
        info.number("aof_rewrite_in_progress") + info.number("aof_rewrite_scheduled")
    });
    write_every_kind(&mut client, 2);
    hand_over(&mut writer, &pair.replica, &["appendonlydir"], lines);
}

/// `redis-check-rdb` and `redis-check-aof` find nothing to complain of.
fn the_checkers_of_redis_are_content(workers: u32) {
    let mut server = under_test(workers).lines("appendonly yes\nappendfsync always").start();
    fill(&server, 1);
    check(&mut server.client(), "SAVE -> OK");
    server.kill9();
    for (program, file) in
        [("redis-check-rdb", "dump.rdb"), ("redis-check-aof", "appendonlydir/appendonly.aof.manifest")]
    {
        let Some(checker) = find_on_path(program) else {
            skip(&format!("there is no {program} on PATH"));
            continue;
        };
        let output =
            Command::new(checker).arg(server.directory().file(file)).output().expect("it can be run");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{program} {file}: {said}");
    }
}
