//! What the replication options promise, and the protocol's first lines typed by hand.

use testkit::{Client, Program, Server, check, wait_equal, wait_until};

use super::pairs::{await_in_step, await_link, await_link_down};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    replica_read_only_can_be_lifted,
    stale_data_can_be_withheld,
    announces_another_address,
    takes_the_old_names,
    keeps_its_master_over_a_rewrite,
    replicaof_answers,
    psync_by_hand,
    sync_by_hand,
    stays_alone_after_a_restart_without_master,
);

fn linked(workers: u32, lines: &str) -> (Server, Server) {
    let primary = under_test(workers).start();
    let replica = under_test(workers).replica_of(&primary.address()).lines(lines).start();
    await_link(&replica);
    (primary, replica)
}

fn replica_read_only_can_be_lifted(workers: u32) {
    let (primary, replica) = linked(workers, "replica-read-only no");
    let mut client = replica.client();
    check(
        &mut client,
        "SET own v -> OK
         CONFIG SET replica-read-only yes -> OK
         SET own w -> READONLY You can't write against a read only replica.
         DEL own -> READONLY You can't write against a read only replica.
         GET own -> \"v\"",
    );
    // What was written at the replica never reached the primary.
    assert_eq!(primary.client().run("EXISTS own").integer(), 0);
}

fn stale_data_can_be_withheld(workers: u32) {
    let (mut primary, replica) = linked(workers, "replica-serve-stale-data no");
    assert!(primary.client().run("SET k v").is_ok());
    await_in_step(&primary, &replica);
    primary.kill9();
    await_link_down(&replica);
    check(
        &mut replica.client(),
        "GET k -> MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.
         CONFIG SET replica-serve-stale-data yes -> OK
         GET k -> \"v\"",
    );
}

fn announces_another_address(workers: u32) {
    let (primary, replica) =
        linked(workers, "replica-announce-ip 10.1.2.3\nreplica-announce-port 7777\nreplica-priority 42");
    let line = primary.info("replication").text("slave0").to_owned();
    assert!(line.starts_with("ip=10.1.2.3,port=7777,state="), "{line}");
    assert_eq!(replica.info("replication").text("slave_priority"), "42");
}

fn takes_the_old_names(workers: u32) {
    let primary = under_test(workers).start();
    let replica = under_test(workers)
        .lines("slave-read-only no\nslave-serve-stale-data yes\nslave-priority 7")
        .line(&format!("slaveof 127.0.0.1 {}", primary.port()))
        .start();
    await_link(&replica);
    check(
        &mut replica.client(),
        "CONFIG GET slave-priority -> [\"slave-priority\", \"7\"]
         CONFIG GET replica-priority -> [\"replica-priority\", \"7\"]
         CONFIG GET replica-read-only -> [\"replica-read-only\", \"no\"]
         SLAVEOF NO ONE -> OK",
    );
}

fn keeps_its_master_over_a_rewrite(workers: u32) {
    let primary = under_test(workers).start();
    let mut replica = under_test(workers).start();
    let port = primary.port();
    check(&mut replica.client(), &format!("REPLICAOF 127.0.0.1 {port} -> OK\nCONFIG REWRITE -> OK"));
    replica.restart();
    await_link(&replica);
    check(&mut replica.client(), "REPLICAOF NO ONE -> OK\nCONFIG REWRITE -> OK");
    replica.restart();
    assert_eq!(replica.info("replication").text("role"), "master");
}

fn replicaof_answers(workers: u32) {
    let (primary, replica) = linked(workers, "");
    let port = primary.port();
    check(
        &mut replica.client(),
        &format!(
            "REPLICAOF 127.0.0.1 {port} -> OK Already connected to specified master
             REPLICAOF 127.0.0.1 x -> ERR Invalid master port
             REPLICAOF 127.0.0.1 -1 -> ERR Invalid master port
             REPLICAOF 127.0.0.1 -> ERR wrong number of arguments for 'replicaof' command
             REPLICAOF NO ONE -> OK
             REPLICAOF NO ONE -> OK"
        ),
    );
}

/// The first lines of a full resync as a replica reads them, and the stream behind the data set.
fn psync_by_hand(workers: u32) {
    let primary = under_test(workers).start();
    assert!(primary.client().run("SET before v").is_ok());
    let mut link = primary.client();
    check(
        &mut link,
        "PING -> PONG
         REPLCONF listening-port 1234 -> OK
         REPLCONF capa eof capa psync2 -> OK",
    );
    link.send(b"*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n");
    let line = link.reply().text();
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!((words[0], words[1].len()), ("FULLRESYNC", 40), "{line}");
    assert_eq!(words[1], primary.info("replication").text("master_replid"));
    let offset: i64 = words[2].parse().expect("an offset");
    let payload = read_payload(&mut link);
    assert!(payload.starts_with(b"REDIS0") || payload.starts_with(b"VALKEY"));
    assert!(payload.windows(6).any(|window| window == b"before"));
    let acknowledgement = Client::encode(&["REPLCONF", "ACK", &offset.to_string()]);
    wait_until("the replica is online", || {
        link.send(&acknowledgement);
        primary.info("replication").text("slave0").contains("port=1234,state=online")
    });
    // The stream begins with the first acknowledgement after that.
    link.send(&acknowledgement);
    assert!(primary.client().run("SET after v").is_ok());
    let stream: Vec<String> = (0..2).map(|_| next_write(&mut link)).collect();
    assert_eq!(stream, ["[\"SELECT\", \"0\"]", "[\"SET\", \"after\", \"v\"]"]);
}

/// The older command: no line before the data set.
fn sync_by_hand(workers: u32) {
    let primary = under_test(workers).start();
    let mut link = primary.client();
    link.send(b"SYNC\r\n");
    let payload = read_payload(&mut link);
    assert!(payload.starts_with(b"REDIS0") || payload.starts_with(b"VALKEY"));
    wait_equal("connected replicas", &1, || primary.info("replication").number("connected_slaves"));
}

/// Reads `$EOF:MARK` or `$LENGTH` and the data set behind it; newlines before it only keep the link alive.
fn read_payload(link: &mut Client) -> Vec<u8> {
    let mut head = link.read_line();
    while head.is_empty() {
        head = link.read_line();
    }
    match head.strip_prefix("$EOF:") {
        Some(mark) => link.read_until_mark(mark.as_bytes()),
        None => {
            let length = head.strip_prefix('$').and_then(|length| length.parse().ok());
            link.read_exactly(length.unwrap_or_else(|| panic!("no data set begins with {head:?}")))
        }
    }
}

/// The next command of the stream that is not a ping.
fn next_write(link: &mut Client) -> String {
    loop {
        let command = link.reply().to_string();
        if !command.eq_ignore_ascii_case("[\"PING\"]") {
            return command;
        }
    }
}

fn stays_alone_after_a_restart_without_master(workers: u32) {
    let (mut primary, mut replica) = linked(workers, "");
    primary.kill9();
    replica.restart();
    await_link_down(&replica);
    assert!(replica.info("replication").number("master_link_down_since_seconds") >= -1);
    let again = Server::builder(&Program::under_test()).workers(workers).port(primary.port()).start();
    await_link(&replica);
    drop(again);
}
