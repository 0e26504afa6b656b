//! What operators do.

use testkit::Server;

use super::{builder, linked, must_name, write};
use crate::replication::pairs::{await_in_step, await_link};

#[test]
fn the_primary_is_killed_at_the_replica() {
    let (_primary, _proxy, replica) = linked("", "");
    assert!(replica.client().run("CLIENT KILL TYPE master").integer() > 0);
    must_name(&replica, "CLIENT KILL TYPE master", "link-lost/killed");
}

#[test]
fn it_follows_another() {
    let (_primary, _proxy, replica) = linked("", "");
    let other = builder().start();
    write(&other, "other", 10, "value");
    follow(&replica, &other);
    await_in_step(&other, &replica);
    must_name(&replica, "REPLICAOF another", "ordered");
}

#[test]
fn it_follows_nobody() {
    let (_primary, _proxy, replica) = linked("", "");
    assert!(replica.client().run("REPLICAOF NO ONE").is_ok());
    must_name(&replica, "REPLICAOF NO ONE", "role-changed/ordered");
}

#[test]
fn it_becomes_a_replica() {
    let (one, other) = (builder().start(), builder().start());
    follow(&one, &other);
    await_link(&one);
    must_name(&one, "REPLICAOF at a primary", "role-changed/ordered");
}

#[test]
fn the_roles_are_exchanged() {
    let primary = builder().start();
    write(&primary, "key", 10, "value");
    let replica = builder().replica_of(&primary.address()).start();
    await_in_step(&primary, &replica);
    assert!(primary.client().run("FAILOVER").is_ok());
    must_name(&primary, "FAILOVER, at the former primary", "role-changed/failed-over");
    must_name(&replica, "FAILOVER, at the former replica", "role-changed/failed-over");
}

fn follow(server: &Server, other: &Server) {
    let reply = server.client().command(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    assert!(reply.is_ok());
}
