//! Links that were up and end.

use testkit::{Fault, Network as _, signal, wait_until};

use super::{await_down, builder, linked, linked_in_namespaces, must_name, noise, replica_of_port, write};
use crate::replication::pairs::{await_in_step, await_link};
use crate::replication::rubbish::{FakePrimary, after_fullresync};

#[test]
fn it_is_reset() {
    let Some((network, primary, replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Reset(0, 1)]);
    must_name(&replica, "a reset in the stream, at the replica", "link-lost/connection-broken");
    must_name(&primary, "a reset in the stream, at the primary", "link-lost/connection-broken");
}

#[test]
fn it_is_closed() {
    let (primary, proxy, replica) = linked("", "");
    proxy.cut_off();
    must_name(&replica, "a closed connection, at the replica", "link-lost/closed-by-peer");
    must_name(&primary, "a closed connection, at the primary", "link-lost/closed-by-peer");
}

#[test]
fn it_falls_silent() {
    let Some((network, primary, replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Silence(0, 1)]);
    must_name(&replica, "dropped packets, at the replica", "link-lost/silence");
    must_name(&primary, "dropped packets, at the primary", "link-lost/silence");
}

#[test]
fn acknowledgements_are_lost() {
    let Some((network, primary, _replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::OneWay { from: 1, to: 0 }]);
    must_name(&primary, "dropped acknowledgements", "link-lost/silence");
}

#[test]
fn the_primary_is_stopped() {
    let (primary, _proxy, replica) = linked("", "");
    assert!(signal(primary.pid(), "STOP"));
    must_name(&replica, "a primary that is stopped", "link-lost/silence");
    assert!(signal(primary.pid(), "CONT"));
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
fn the_primary_is_shut_down() {
    let (mut primary, _proxy, replica) = linked("", "");
    assert!(primary.terminate().success());
    must_name(&replica, "a primary that shuts down", "link-lost/closed-by-peer");
}

#[test]
fn the_replica_is_shut_down() {
    let (primary, _proxy, mut replica) = linked("", "");
    assert!(replica.terminate().success());
    must_name(&primary, "a replica that shuts down", "link-lost/closed-by-peer");
}

#[test]
fn the_stream_is_rubbish() {
    let empty = b"REDIS0010\xff\x00\x00\x00\x00\x00\x00\x00\x00";
    let bytes = [format!("${}\r\n", empty.len()).as_bytes(), empty, b"*1\r\n$-7\r\n"].concat();
    let fake = FakePrimary::start(after_fullresync(bytes));
    must_name(&replica_of_port(fake.port), "rubbish in the stream", "link-lost/not-understood");
}

/// No fault: but what went well is told too.
#[test]
fn it_goes_on() {
    let (primary, proxy, replica) = linked("", "");
    proxy.cut_off();
    await_down(&replica);
    proxy.restore();
    await_link(&replica);
    must_name(&replica, "a cut that was short, at the replica", "partial-resync/in-step");
    must_name(&primary, "a cut that was short, at the primary", "partial-resync/in-step");
}

#[test]
fn the_backlog_is_too_short() {
    let (primary, proxy, replica) = linked("repl-backlog-size 16kb\nappendonly no", "");
    proxy.cut_off();
    await_down(&replica);
    write(&primary, "meanwhile", 2000, &noise(200));
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
