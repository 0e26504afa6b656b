//! What goes wrong with a link is named: for each fault, the cause that `OCHRE EVENTS` has to tell afterwards.
//!
//! `cargo xtask test` shows at its end each fault with the sentence that names it.

mod at_the_primary;
mod connecting;
mod copies;
mod orders;
mod stream;
mod worse;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use testkit::{
    Namespaces, Network as _, Program, Proxy, Server, ServerBuilder, remark, skip, wait_for, wait_until,
};

use crate::replication::pairs::await_in_step;

/// A server that notices silence soon.
fn builder() -> ServerBuilder {
    Server::builder(&Program::under_test()).lines("repl-timeout 3\nrepl-ping-replica-period 1")
}

/// A replica of whoever listens at this port.
fn replica_of_port(port: u16) -> Server {
    builder().replica_of(&format!("127.0.0.1:{port}")).start()
}

/// A primary with a hundred keys, a proxy before it, and a replica in step.
fn linked(primary_lines: &str, replica_lines: &str) -> (Server, Proxy, Server) {
    let primary = builder().lines(primary_lines).start();
    write(&primary, "key", 100, "value");
    let proxy = Proxy::to(&primary.address());
    let replica = builder().lines(replica_lines).replica_of(&proxy.address()).start();
    await_in_step(&primary, &replica);
    // So that there is a past to go on from.
    write(&primary, "key", 100, "value");
    await_in_step(&primary, &replica);
    await_online(&primary);
    (primary, proxy, replica)
}

fn write(server: &Server, prefix: &str, count: usize, value: &str) {
    let write = |number| vec!["SET".to_owned(), format!("{prefix}:{number}"), value.to_owned()];
    let replies = server.client().pipeline(&(0..count).map(write).collect::<Vec<_>>());
    assert!(replies.iter().all(testkit::Reply::is_ok));
}

/// Values that no compression makes smaller.
fn noise(bytes: usize) -> String {
    (0..bytes).map(|_| fastrand::alphanumeric()).collect()
}

/// A network of namespaces, which some faults need; `None`, said aloud, where there is none.
fn namespaces(count: usize) -> Option<Namespaces> {
    match Namespaces::new(count) {
        Ok(network) => Some(network),
        Err(error) => {
            skip(&format!("no network namespaces: {error}"));
            None
        }
    }
}

/// A primary and a replica in step, in namespaces.
fn linked_in_namespaces() -> Option<(Namespaces, Server, Server)> {
    let network = namespaces(2)?;
    let primary = network.place(0, builder()).start();
    let replica = network.place(1, builder().replica_of(&network.address(1, 0))).start();
    await_in_step(&primary, &replica);
    await_online(&primary);
    Some((network, primary, replica))
}

/// Waits until a server has noted this: `cause`, or `what/cause`, each as it stands in JSON.
#[track_caller]
fn must_name(server: &Server, fault: &str, expected: &str) {
    if !server.program().is_ochre() {
        return skip("only Ochre tells what happened");
    }
    let (what, cause) = expected.split_once('/').unwrap_or(("", expected));
    let is_it = |event: &str| {
        event.contains(&format!("\"cause\":\"{cause}\""))
            && (what.is_empty() || event.contains(&format!("\"what\":\"{what}\"")))
    };
    let seen = RefCell::new(String::new());
    let named = catch_unwind(AssertUnwindSafe(|| {
        wait_for("the fault is named", || {
            seen.replace(server.client().run("OCHRE EVENTS JSON").text());
            seen.borrow().split("},{").position(is_it)
        })
    }));
    let Ok(place) = named else { panic!("{fault}: should be {expected}, is {}", seen.borrow()) };
    let sentences = server.client().run("OCHRE EVENTS").array();
    let sentence = sentences.get(place).map(testkit::Reply::text).unwrap_or_default();
    remark(&format!("{fault}: {sentence}"));
}

/// Waits until the primary, too, takes the copy of its replica for finished.
#[track_caller]
fn await_online(primary: &Server) {
    wait_until("the replica is online", || {
        primary.info("replication").text("slave0").contains("state=online")
    });
}

/// Waits until a replica's link is down.
#[track_caller]
fn await_down(replica: &Server) {
    wait_until("the link is down", || replica.info("replication").text("master_link_status") == "down");
}
