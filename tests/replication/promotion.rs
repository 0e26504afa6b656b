//! A replica takes over, and the old primary follows it.

use testkit::{Server, wait_equal};

use super::pairs::{Pair, await_in_step, await_link, counter, must_hold_the_same, with_every_peer};
use super::workload::write_every_kind;

with_every_peer!(
    swaps_the_roles_and_back,
    takes_the_other_replica_along,
    discards_what_was_written_meanwhile,
);

fn make_replica_of(server: &Server, primary: &Server) {
    let port = primary.port().to_string();
    assert!(server.client().command(&["REPLICAOF", "127.0.0.1", &port]).is_ok());
}

fn promote(server: &Server) {
    assert!(server.client().command(&["REPLICAOF", "NO", "ONE"]).is_ok());
    assert_eq!(server.info("replication").text("role"), "master");
}

/// Whether each reads what the other writes.
fn can_swap(pair: &Pair) -> bool {
    let can = pair.primary.can_follow(&pair.replica);
    if !can {
        testkit::skip(&format!("{} does not read what {} writes", pair.primary, pair.replica));
    }
    can
}

/// A planned change of roles, there and back: no data set is sent a second time.
fn swaps_the_roles_and_back(pair: &Pair) {
    if !can_swap(pair) {
        return;
    }
    let (first, second) = pair.linked();
    write_every_kind(&mut first.client(), 1);
    await_in_step(&first, &second);
    let history = first.info("replication").text("master_replid").to_owned();
    promote(&second);
    assert_eq!(second.info("replication").text("master_replid2"), history);
    make_replica_of(&first, &second);
    await_link(&first);
    write_every_kind(&mut second.client(), 2);
    must_hold_the_same(&second, &first);
    promote(&first);
    make_replica_of(&second, &first);
    await_link(&second);
    write_every_kind(&mut first.client(), 3);
    must_hold_the_same(&first, &second);
    assert_eq!((counter(&first, "sync_full"), counter(&first, "sync_partial_ok")), (1, 1));
    assert_eq!((counter(&second, "sync_full"), counter(&second, "sync_partial_ok")), (0, 1));
}

/// Two replicas; one is promoted, the other goes over to it by a partial resync.
fn takes_the_other_replica_along(pair: &Pair) {
    if !pair.replica.can_follow(&pair.replica) {
        return;
    }
    let (mut primary, first) = pair.linked();
    let second = pair.replica(&primary.address()).start();
    await_link(&second);
    write_every_kind(&mut primary.client(), 1);
    await_in_step(&primary, &first);
    await_in_step(&primary, &second);
    primary.kill9();
    promote(&first);
    make_replica_of(&second, &first);
    await_link(&second);
    write_every_kind(&mut first.client(), 2);
    must_hold_the_same(&first, &second);
    assert_eq!((counter(&first, "sync_full"), counter(&first, "sync_partial_ok")), (0, 1));
}

/// Both sides wrote after the parting: the one that follows gives its own writes up.
fn discards_what_was_written_meanwhile(pair: &Pair) {
    if !can_swap(pair) {
        return;
    }
    let (first, second) = pair.linked();
    write_every_kind(&mut first.client(), 1);
    await_in_step(&first, &second);
    promote(&second);
    assert!(first.client().command(&["SET", "lost", "v"]).is_ok());
    assert!(second.client().command(&["SET", "kept", "v"]).is_ok());
    make_replica_of(&first, &second);
    await_link(&first);
    must_hold_the_same(&second, &first);
    let mut client = first.client();
    wait_equal("the write of the new primary", &"\"v\"".to_owned(), || client.run("GET kept").to_string());
    assert_eq!(client.run("GET lost").to_string(), "nil");
}
