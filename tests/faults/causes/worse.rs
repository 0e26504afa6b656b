//! Primaries that have less than their replica.

use std::fs;

use testkit::{Proxy, Server, TestDirectory};

use super::{builder, linked, must_name, write};
use crate::replication::pairs::await_in_step;

#[test]
fn it_came_back_empty() {
    let (mut primary, _proxy, replica) = linked("appendonly no", "");
    primary.restart();
    must_name(&replica, "a primary that came back empty", "follow-refused/primary-empty");
}

/// Where the replica obeys whomever it meets, the primary says why it sent everything.
#[test]
fn its_history_is_unknown() {
    let (mut primary, _proxy, replica) = linked("appendonly no", "replica-safe-follow no");
    primary.restart();
    await_in_step(&primary, &replica);
    must_name(&primary, "a primary without its log, at the primary", "full-resync/unknown-history");
    must_name(&replica, "a primary without its log, at the replica", "full-resync/unknown-history");
}

#[test]
fn it_came_back_older() {
    let (primary, _proxy, replica) = came_back_older("");
    must_name(&replica, "a primary from an older copy", "follow-refused/primary-behind");
    drop(primary);
}

#[test]
fn the_replica_is_ahead() {
    let (primary, _proxy, replica) = came_back_older("replica-safe-follow no");
    await_in_step(&primary, &replica);
    must_name(&primary, "a replica that is ahead", "full-resync/replica-ahead");
}

#[test]
fn it_is_a_stranger() {
    let (_primary, proxy, replica) = linked("", "");
    let stranger = builder().start();
    write(&stranger, "other", 300, "value");
    proxy.redirect(&stranger.address());
    must_name(&replica, "a stranger at the address", "follow-refused/primary-strange");
}

/// A primary that came back from a copy of its log which its replica has long passed, and does not know who followed it:
/// otherwise it would ask them, and take back what it lacks.
fn came_back_older(replica_lines: &str) -> (Server, Proxy, Server) {
    let (mut primary, proxy, replica) = linked("appendonly yes\nappendfsync always", replica_lines);
    let older = TestDirectory::new();
    older.copy_from(primary.directory(), &["appendonlydir"]);
    write(&primary, "later", 500, "value");
    await_in_step(&primary, &replica);
    primary.kill9();
    fs::remove_dir_all(primary.directory().file("appendonlydir")).expect("the log is there");
    primary.directory().copy_from(&older, &["appendonlydir"]);
    for name in primary.directory().names("").iter().filter(|name| name.ends_with(".node")) {
        fs::remove_file(primary.directory().file(name)).expect("it was there");
    }
    primary.restart();
    (primary, proxy, replica)
}
