//! Full copies that fail, and why they were needed.

use testkit::{Fault, Network as _, Proxy, Server, wait_until};

use super::{builder, linked, must_name, namespaces, noise, replica_of_port, write};
use crate::persistence::full_disk::SmallDisk;
use crate::replication::rubbish::{FakePrimary, after_fullresync};

/// Values that make a copy of some megabytes.
fn write_megabytes(server: &Server, count: usize) {
    write(server, "large", count * 100, &noise(10_000));
}

#[test]
fn it_is_the_first() {
    let (_primary, _proxy, replica) = linked("", "");
    must_name(&replica, "a first copy", "full-resync/first-copy");
}

#[test]
fn the_copy_is_damaged() {
    let mut data = b"REDIS0010\xfe\x00\x00\x03key\x05value\xc8\x03abc\xff".to_vec();
    data.extend_from_slice(&[0; 8]);
    let bytes = [format!("${}\r\n", data.len()).as_bytes(), &data].concat();
    let fake = FakePrimary::start(after_fullresync(bytes));
    must_name(&replica_of_port(fake.port), "a damaged copy", "full-resync-failed/bad-copy");
}

#[test]
fn the_copy_is_too_new() {
    let bytes = b"$18\r\nREDIS0099\xff\x00\x00\x00\x00\x00\x00\x00\x00";
    let fake = FakePrimary::start(after_fullresync(bytes));
    must_name(&replica_of_port(fake.port), "a copy of a later version", "full-resync-failed/copy-too-new");
}

#[test]
fn the_copy_is_cut() {
    let primary = builder().start();
    write_megabytes(&primary, 4);
    let proxy = Proxy::to(&primary.address());
    proxy.cut_after(1 << 20);
    let replica = builder().replica_of(&proxy.address()).start();
    must_name(&replica, "a connection that is closed in a copy", "full-resync-failed/closed-by-peer");
}

#[test]
fn the_copy_stands_still() {
    let Some(network) = namespaces(2) else { return };
    let primary = network.place(0, builder()).start();
    write_megabytes(&primary, 8);
    network.set(&[Fault::Slow(0, 1 << 20)]);
    let replica = network.place(1, builder().replica_of(&network.address(1, 0))).start();
    wait_until("the copy comes", || {
        let info = replica.info("replication");
        info.text("master_sync_in_progress") == "1" && info.number("master_sync_read_bytes") > 0
    });
    network.set(&[Fault::Silence(0, 1)]);
    must_name(&replica, "silence in a copy", "full-resync-failed/silence");
}

#[test]
fn the_disk_of_the_replica_is_full() {
    let Some(disk) = SmallDisk::mount("1m") else { return };
    let primary = builder().start();
    write_megabytes(&primary, 4);
    let through_file = builder().line("repl-diskless-load disabled").folder(disk.path.clone());
    let replica = through_file.replica_of(&primary.address()).start();
    must_name(&replica, "a full disk at the replica", "full-resync-failed/disk-failed");
}
