//! Links that are slow, and commands that wait for them.

use std::time::Duration;

use testkit::{Proxy, wait_equal, wait_until};

use super::pairs::{Pair, await_in_step, await_link, counter, must_hold_the_same, with_every_peer};
use super::workload::{write_every_kind, write_sizes};

with_every_peer!(
    delayed_is_still_in_step,
    too_slow_is_closed_and_comes_back,
    is_counted_by_wait,
    shows_its_state_in_role,
);

/// Every piece arrives some milliseconds late.
fn delayed_is_still_in_step(pair: &Pair) {
    let primary = pair.primary().start();
    let proxy = Proxy::to(&primary.address());
    proxy.delay(Duration::from_millis(5));
    let replica = pair.replica(&proxy.address()).start();
    write_every_kind(&mut primary.client(), 1);
    await_link(&replica);
    write_every_kind(&mut primary.client(), 2);
    must_hold_the_same(&primary, &replica);
}

/// A replica that takes nothing is closed when its output buffer passes the limit, so that the primary's memory stays
/// bounded; afterwards it is made whole again.
fn too_slow_is_closed_and_comes_back(pair: &Pair) {
    let limits = "client-output-buffer-limit replica 2mb 1mb 1\nrepl-backlog-size 1mb";
    let primary = pair.primary().lines(limits).start();
    let proxy = Proxy::to(&primary.address());
    let replica = pair.replica(&proxy.address()).start();
    await_link(&replica);
    proxy.pause();
    let mut client = primary.client();
    wait_until("the primary has closed the link", || {
        write_sizes(&mut client, 3);
        client.info("replication").number("connected_slaves") == 0
    });
    proxy.restore();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
}

/// WAIT answers with how many replicas have acknowledged.
fn is_counted_by_wait(pair: &Pair) {
    let primary = pair.primary().start();
    let proxy = Proxy::to(&primary.address());
    let replica = pair.replica(&proxy.address()).start();
    await_link(&replica);
    wait_equal("replicas that are online", &1, || primary.info("replication").number("connected_slaves"));
    let mut client = primary.client();
    assert!(client.run("SET k 1").is_ok());
    assert_eq!(client.run("WAIT 1 0").integer(), 1);
    assert_eq!(client.run("WAIT 2 50").integer(), 1);
    await_in_step(&primary, &replica);
    proxy.pause();
    assert!(client.run("SET k 2").is_ok());
    assert_eq!(client.run("WAIT 1 50").integer(), 0);
    proxy.restore();
    assert_eq!(client.run("WAIT 1 0").integer(), 1);
    // After the pause the link may be made anew once more.
    wait_equal("a count that waits for nobody", &1, || client.run("WAIT 0 10").integer());
    assert_eq!(replica.client().run("GET k").text(), "2");
}

/// ROLE at both ends.
fn shows_its_state_in_role(pair: &Pair) {
    let (primary, replica) = pair.linked();
    write_every_kind(&mut primary.client(), 1);
    await_in_step(&primary, &replica);
    let offset = primary.info("replication").number("master_repl_offset");
    assert_eq!(
        replica.client().run("ROLE").to_string(),
        format!("[\"slave\", \"127.0.0.1\", {}, \"connected\", {offset}]", primary.port())
    );
    let expected = format!("[\"master\", {offset}, [[\"127.0.0.1\", \"{}\", \"{offset}\"]]]", replica.port());
    wait_equal("ROLE of the primary", &expected, || primary.client().run("ROLE").to_string());
    assert_eq!(counter(&primary, "sync_full"), 1);
}
