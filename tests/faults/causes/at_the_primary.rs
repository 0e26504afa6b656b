//! What a primary tells of its replicas' links.

use testkit::{Fault, Network as _, signal, wait_until};

use super::worse::{came_back_older, forget_replicas};
use super::{await_down, builder, linked, linked_in_namespaces, must_name, noise, write};
use crate::persistence::full_disk::SmallDisk;
use crate::replication::pairs::{await_in_step, await_link};

#[test]
fn it_is_reset() {
    let Some((network, primary, _replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Reset(0, 1)]);
    must_name(&primary, "a reset in the stream, at the primary", "link-lost/connection-broken");
}

#[test]
fn it_is_closed() {
    let (primary, proxy, _replica) = linked("", "");
    proxy.cut_off();
    must_name(&primary, "a closed connection, at the primary", "link-lost/closed-by-peer");
}

#[test]
fn it_falls_silent() {
    let Some((network, primary, _replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Silence(0, 1)]);
    must_name(&primary, "dropped packets, at the primary", "link-lost/silence");
}

/// No fault: but what went well is told too.
#[test]
fn it_goes_on() {
    let (primary, proxy, replica) = linked("", "");
    must_name(&primary, "a first copy, at the primary", "full-resync/first-copy");
    proxy.cut_off();
    await_down(&replica);
    proxy.restore();
    await_link(&replica);
    must_name(&primary, "a cut that was short, at the primary", "partial-resync/in-step");
}

#[test]
fn acknowledgements_are_lost() {
    let Some((network, primary, _replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::OneWay { from: 1, to: 0 }]);
    must_name(&primary, "dropped acknowledgements", "link-lost/silence");
}

#[test]
fn the_replica_is_stopped() {
    let (primary, _proxy, replica) = linked("", "");
    assert!(signal(replica.pid(), "STOP"));
    must_name(&primary, "a replica that is stopped", "link-lost/silence");
    assert!(signal(replica.pid(), "CONT"));
}

#[test]
fn the_replica_is_too_slow() {
    let limits = "client-output-buffer-limit replica 2mb 1mb 1\nrepl-backlog-size 1mb";
    let (primary, proxy, _replica) = linked(limits, "");
    proxy.pause();
    let value = noise(8000);
    wait_until("the primary has closed the link", || {
        write(&primary, "large", 200, &value);
        primary.info("replication").number("connected_slaves") == 0
    });
    must_name(&primary, "a replica that takes nothing", "output-limit");
}

#[test]
fn the_replica_is_shut_down() {
    let (primary, _proxy, mut replica) = linked("", "");
    assert!(replica.terminate().success());
    must_name(&primary, "a replica that shuts down", "link-lost/closed-by-peer");
}

#[test]
fn the_backlog_is_too_short() {
    let (primary, proxy, replica) = linked("repl-backlog-size 16kb\nappendonly no", "");
    proxy.cut_off();
    await_down(&replica);
    write(&primary, "meanwhile", 10_000, &noise(1000));
    proxy.restore();
    await_in_step(&primary, &replica);
    must_name(&primary, "a backlog that is too short", "full-resync/bytes-gone");
}

#[test]
fn the_history_below_changes() {
    let (_primary, _proxy, middle) = linked("", "");
    let end = builder().replica_of(&middle.address()).start();
    await_link(&end);
    assert!(middle.client().run("REPLICAOF NO ONE").is_ok());
    must_name(&middle, "a promotion above a replica", "link-lost/history-changed");
}

#[test]
fn the_disk_of_the_primary_is_full() {
    let Some(disk) = SmallDisk::mount("1m") else { return };
    let lines = "repl-diskless-sync no\nappendonly no\nstop-writes-on-bgsave-error no";
    let primary = builder().lines(lines).folder(disk.path.clone()).start();
    write(&primary, "large", 400, &noise(10_000));
    let _replica = builder().replica_of(&primary.address()).start();
    must_name(&primary, "a full disk at the primary", "full-resync-failed/disk-failed");
}

#[test]
fn a_replica_is_killed_at_the_primary() {
    let (primary, _proxy, _replica) = linked("", "");
    assert!(primary.client().run("CLIENT KILL TYPE replica").integer() > 0);
    must_name(&primary, "CLIENT KILL TYPE replica", "link-lost/killed");
}

/// Where the replica obeys whomever it meets, the primary says why it sent everything.
#[test]
fn its_history_is_unknown() {
    let (mut primary, _proxy, replica) = linked("appendonly no", "replica-safe-follow no");
    primary.kill9();
    forget_replicas(&primary);
    primary.restart();
    await_in_step(&primary, &replica);
    must_name(&primary, "a primary without its log, at the primary", "full-resync/unknown-history");
}

#[test]
fn the_replica_is_ahead() {
    let (primary, _proxy, replica) = came_back_older("replica-safe-follow no");
    await_in_step(&primary, &replica);
    must_name(&primary, "a replica that is ahead", "full-resync/replica-ahead");
}
