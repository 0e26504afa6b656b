//! Calls to the operating system that fail in the real server: nothing acknowledged is lost, and it goes on by itself.

use std::path::PathBuf;

use testkit::{AckLedger, Client, Injection, Server, skip, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    always_survives_what_fails,
    everysec_survives_what_fails,
    a_write_that_lies_is_found_at_the_next_start,
);

/// Calls, and what becomes of which of them.
const FAULTS: &[(&str, &str)] = &[
    ("write", "error=EIO:when=1"),
    ("write", "error=ENOSPC:when=2..4"),
    ("write", "error=EROFS:when=3..5"),
    ("fdatasync", "error=EIO:when=1"),
    ("fdatasync", "error=EIO:when=2..4"),
    ("fdatasync", "error=ENOSPC:when=3"),
    ("ftruncate", "error=EIO:when=1"),
    ("rename", "error=EIO:when=1"),
    ("rename", "error=ENOSPC:when=2..3"),
    ("unlink", "error=EIO:when=1..2"),
    ("fsync", "error=EIO:when=1..2"),
];

/// Writes to the log before, and while, calls fail.
const WRITES: u64 = 40;

fn always_survives_what_fails(workers: u32) {
    for fault in FAULTS {
        survive(workers, "always", fault);
    }
}

fn everysec_survives_what_fails(workers: u32) {
    for fault in FAULTS.iter().step_by(2) {
        survive(workers, "everysec", fault);
    }
}

/// The log's files: calls that work on sockets must not fail.
fn increments(server: &Server) -> Vec<PathBuf> {
    let name = |number| format!("appendonlydir/appendonly.aof.{number}.incr.aof");
    (1..=3).map(|number| server.directory().file(&name(number))).collect()
}

fn inject(server: &Server, (calls, fault): &(&str, &str)) -> Option<Injection> {
    let paths = if matches!(*calls, "write" | "fdatasync") { increments(server) } else { Vec::new() };
    let injection = Injection::attach(server.pid(), calls, fault, &paths);
    if injection.is_none() {
        skip("making calls fail needs strace and the right to trace a process");
    }
    injection
}

fn survive(workers: u32, mode: &str, fault: &(&str, &str)) {
    let mut server = under_test(workers).line("appendonly yes").line(&format!("appendfsync {mode}")).start();
    let mut ledger = AckLedger::new("injected");
    write(&mut ledger, &server, 0..WRITES / 2);
    let Some(injection) = inject(&server, fault) else { return };
    write(&mut ledger, &server, 0..WRITES / 2);
    server.client().run("BGREWRITEAOF");
    write(&mut ledger, &server, WRITES / 2..WRITES);
    drop(injection);
    let mut last = AckLedger::new("last");
    wait_until("it goes on by itself", || {
        Client::try_connect(&server.address()).is_ok_and(|mut client| last.write(&mut client, 1).is_ok())
    });
    let mut client = server.client();
    last.write(&mut client, 2).expect("all is well");
    let forced = client.run("WAITAOF 1 0 0").to_string();
    assert!(forced.starts_with("[1"), "{fault:?}: {forced}");
    server.restart();
    for ledger in [ledger, last] {
        let lost = ledger.lost(&mut server.client());
        assert!(lost.is_empty(), "{mode}, {fault:?}: {} lost, such as {:?}", lost.len(), lost[0]);
    }
}

/// Writes each key once; what is refused, or closed without an answer, is not acknowledged.
fn write(ledger: &mut AckLedger, server: &Server, keys: std::ops::Range<u64>) {
    let mut client = server.client();
    for key in keys {
        if ledger.write(&mut client, key).is_err() {
            client = server.client();
        }
    }
}

/// The system says that all was written when nothing was: no start takes what is left for whole.
fn a_write_that_lies_is_found_at_the_next_start(workers: u32) {
    let mut server = under_test(workers).line("appendonly yes").line("appendfsync always").start();
    let mut ledger = AckLedger::new("lie");
    write(&mut ledger, &server, 0..WRITES / 2);
    let lie = "retval=64:when=1";
    let Some(injection) = inject(&server, &("write", lie)) else { return };
    // Long enough for the write that is swallowed to be cut short by the lie: the rest of it follows.
    let swallowed = server.client().run(&format!("SET swallowed {}", "x".repeat(500)));
    assert!(swallowed.is_ok(), "{swallowed}");
    drop(injection);
    write(&mut ledger, &server, WRITES / 2..WRITES);
    let failure = server.try_restart().expect_err("the file is damaged");
    assert!(failure.said().contains("Bad file format"), "{failure}");
    assert!(failure.said().contains(" offset "), "{failure}");
}
