//! Primaries that have less than their replica.

use std::fs;

use testkit::{Proxy, Server, TestDirectory};

use super::{builder, linked, must_name, write};
use crate::replication::pairs::await_in_step;

#[test]
fn it_came_back_empty() {
    let (mut primary, _proxy, replica) = linked("appendonly no", "");
    primary.kill9();
    forget_replicas(&primary);
    primary.restart();
    must_name(&replica, "a primary that came back empty", "follow-refused/primary-empty");
}

#[test]
fn it_came_back_older() {
    let (primary, _proxy, replica) = came_back_older("");
    must_name(&replica, "a primary from an older copy", "follow-refused/primary-behind");
    drop(primary);
}

#[test]
fn it_is_a_stranger() {
    let (_primary, proxy, replica) = linked("", "");
    let stranger = builder().start();
    write(&stranger, "other", 300, "value");
    proxy.redirect(&stranger.address());
    must_name(&replica, "a stranger at the address", "follow-refused/primary-strange");
}

/// A replica that obeys whomever it meets says what it had to take.
#[test]
fn its_history_is_unknown() {
    let (mut primary, _proxy, replica) = linked("appendonly no", "replica-safe-follow no");
    primary.kill9();
    forget_replicas(&primary);
    primary.restart();
    must_name(&replica, "a primary without its log", "full-resync/unknown-history");
}

/// A primary that came back from a copy of its log which its replica has long passed, and does not know who followed it.
pub fn came_back_older(replica_lines: &str) -> (Server, Proxy, Server) {
    let (mut primary, proxy, replica) = linked("appendonly yes\nappendfsync always", replica_lines);
    let older = TestDirectory::new();
    older.copy_from(primary.directory(), &["appendonlydir"]);
    write(&primary, "later", 500, "value");
    await_in_step(&primary, &replica);
    primary.kill9();
    fs::remove_dir_all(primary.directory().file("appendonlydir")).expect("the log is there");
    primary.directory().copy_from(&older, &["appendonlydir"]);
    forget_replicas(&primary);
    primary.restart();
    (primary, proxy, replica)
}

/// Takes from a server's folder what it knows of its replicas: it would ask them, and take back what it lacks.
pub fn forget_replicas(server: &Server) {
    for name in server.directory().names("").iter().filter(|name| name.ends_with(".node")) {
        fs::remove_file(server.directory().file(name)).expect("it was there");
    }
}
