//! A link that was cut goes on where it stopped.

use testkit::{Proxy, Server, wait_until};

use super::pairs::{
    Pair, await_in_step, await_link, await_link_down, counter, must_hold_the_same, with_every_peer,
};
use super::workload::{write_every_kind, write_many, write_short_lived};

with_every_peer!(
    follows_a_cut,
    follows_cuts_at_any_byte,
    gives_way_to_a_full_one_when_the_backlog_is_too_short,
    follows_a_silent_link,
);

fn linked_through_proxy(pair: &Pair, lines: &str) -> (Server, Proxy, Server) {
    let primary = pair.primary().line("repl-timeout 5").lines(lines).start();
    let proxy = Proxy::to(&primary.address());
    let replica = pair.replica(&proxy.address()).line("repl-timeout 5").start();
    await_link(&replica);
    (primary, proxy, replica)
}

/// Writes made while the link was away arrive by a partial resync.
fn follows_a_cut(pair: &Pair) {
    let (primary, proxy, replica) = linked_through_proxy(pair, "");
    let mut client = primary.client();
    write_every_kind(&mut client, 1);
    await_in_step(&primary, &replica);
    proxy.cut_off();
    await_link_down(&replica);
    write_every_kind(&mut client, 2);
    write_short_lived(&mut client, 2);
    proxy.restore();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    assert_eq!((counter(&primary, "sync_full"), counter(&primary, "sync_partial_ok")), (1, 1));
}

/// The stream breaks off inside a command, again and again; nothing is lost and nothing applied twice.
fn follows_cuts_at_any_byte(pair: &Pair) {
    let (primary, proxy, replica) = linked_through_proxy(pair, "");
    let mut client = primary.client();
    let mut random = fastrand::Rng::with_seed(11);
    for round in 1..=6 {
        proxy.cut_after(random.u32(0..1500));
        write_every_kind(&mut client, round);
        await_link_down(&replica);
        proxy.restore();
        await_link(&replica);
    }
    must_hold_the_same(&primary, &replica);
    // A replica of Redis that loses the link while it waits for the answer to PSYNC asks for everything.
    let most_full = if pair.replica.is_ochre() { 1 } else { 2 };
    let (full, partial) = (counter(&primary, "sync_full"), counter(&primary, "sync_partial_ok"));
    assert!(
        (1..=most_full).contains(&full) && full + partial >= 7,
        "{full} full syncs, {partial} partial ones"
    );
}

/// More was written than the backlog holds: the data set is sent anew, and is right. Our own backlog may reach back
/// further than its size in memory says; then the partial resync is right.
fn gives_way_to_a_full_one_when_the_backlog_is_too_short(pair: &Pair) {
    let (primary, proxy, replica) = linked_through_proxy(pair, "repl-backlog-size 16kb");
    let mut client = primary.client();
    proxy.cut_off();
    await_link_down(&replica);
    write_many(&mut client, "many", 5_000);
    client.run("DEL many:17");
    proxy.restore();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    let resyncs = (counter(&primary, "sync_full"), counter(&primary, "sync_partial_err"));
    assert!(resyncs == (2, 1) || pair.primary.is_ochre(), "full syncs and refused partial ones: {resyncs:?}");
}

/// A network that drops everything without a word: both sides time out, and the link comes back by itself.
fn follows_a_silent_link(pair: &Pair) {
    let (primary, proxy, replica) = linked_through_proxy(pair, "");
    let mut client = primary.client();
    proxy.swallow();
    write_every_kind(&mut client, 1);
    await_link_down(&replica);
    wait_until("the primary has given the replica up", || {
        primary.info("replication").number("connected_slaves") == 0
    });
    proxy.restore();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    assert_eq!(counter(&primary, "sync_full"), 1);
}
