//! Links that were up and end.

use testkit::{Fault, Network as _, signal};

use super::{await_down, linked, linked_in_namespaces, must_name, replica_of_port};
use crate::replication::pairs::await_link;
use crate::replication::rubbish::{FakePrimary, after_fullresync};

#[test]
fn it_is_reset() {
    let Some((network, _primary, replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Reset(0, 1)]);
    must_name(&replica, "a reset in the stream", "link-lost/connection-broken");
}

#[test]
fn it_is_closed() {
    let (_primary, proxy, replica) = linked("", "");
    proxy.cut_off();
    must_name(&replica, "a closed connection", "link-lost/closed-by-peer");
}

#[test]
fn it_falls_silent() {
    let Some((network, _primary, replica)) = linked_in_namespaces() else { return };
    network.set(&[Fault::Silence(0, 1)]);
    must_name(&replica, "dropped packets", "link-lost/silence");
}

#[test]
fn the_primary_is_stopped() {
    let (primary, _proxy, replica) = linked("", "");
    assert!(signal(primary.pid(), "STOP"));
    must_name(&replica, "a primary that is stopped", "link-lost/silence");
    assert!(signal(primary.pid(), "CONT"));
}

#[test]
fn the_primary_is_shut_down() {
    let (mut primary, _proxy, replica) = linked("", "");
    assert!(primary.terminate().success());
    must_name(&replica, "a primary that shuts down", "link-lost/closed-by-peer");
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
    let (_primary, proxy, replica) = linked("", "");
    proxy.cut_off();
    await_down(&replica);
    proxy.restore();
    await_link(&replica);
    must_name(&replica, "a cut that was short", "partial-resync/in-step");
}
