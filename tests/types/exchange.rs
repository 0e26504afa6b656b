//! What a type goes through between servers: the RDB file, the log as commands, a full copy and the stream behind it.

use testkit::{Client, Server, TestDirectory, check, wait_equal};

use crate::replication::pairs::{Pair, await_link, digest, must_have_the_same_digest};

/// Starts the reader on copies of files; both must have the same digest.
#[track_caller]
pub fn hand_over(writer: &mut Server, pair: &Pair, files: &[&str], lines: &str) -> Server {
    let before = digest(writer);
    writer.kill9();
    let directory = TestDirectory::new();
    directory.copy_from(writer.directory(), files);
    let reader = Server::builder(&pair.replica).directory(&directory).lines(lines).start();
    assert_eq!(digest(&reader), before);
    reader
}

/// A server with these options saves what `change_many` makes of some seed, and the other loads it. What `ask` asks of both
/// must be the same.
#[track_caller]
pub fn rdb_file<T: PartialEq + std::fmt::Debug>(
    pair: &Pair,
    lines: &str,
    change_many: fn(&mut Client, u64),
    ask: impl Fn(&Server) -> T,
) {
    let mut writer = Server::builder(&pair.primary).lines(lines).start();
    change_many(&mut writer.client(), 1);
    check(&mut writer.client(), "SAVE -> OK");
    let before = ask(&writer);
    let reader = hand_over(&mut writer, pair, &["dump.rdb"], "");
    assert_eq!(ask(&reader), before);
}

/// The same through a rewritten log of commands, with one more command behind it.
#[track_caller]
pub fn log_as_commands(pair: &Pair, change_many: fn(&mut Client, u64), last: &str) {
    let lines = "appendonly yes\nappendfsync always\naof-use-rdb-preamble no";
    let mut writer = Server::builder(&pair.primary).lines(lines).start();
    let mut client = writer.client();
    change_many(&mut client, 2);
    client.run("BGREWRITEAOF");
    wait_equal("aof_rewrite_in_progress", &0, || {
        let info = client.info("persistence");
        info.number("aof_rewrite_in_progress") + info.number("aof_rewrite_scheduled")
    });
    assert!(!client.run(last).is_error());
    hand_over(&mut writer, pair, &["appendonlydir"], lines);
}

/// A replica takes a full copy, then further changes. Returns both.
#[track_caller]
pub fn copy_and_stream(pair: &Pair, change_many: fn(&mut Client, u64)) -> (Server, Server) {
    let primary = pair.primary().start();
    change_many(&mut primary.client(), 3);
    let replica = pair.replica(&primary.address()).start();
    await_link(&replica);
    change_many(&mut primary.client(), 4);
    must_have_the_same_digest(&primary, &replica);
    (primary, replica)
}
