//! A full resync while writes go on, and the stream after it.

use testkit::{Client, Program, Proxy, Server, check, skip, wait_until};

use super::pairs::{Pair, await_link, counter, must_hold_the_same, with_every_peer};
use super::workload::{write_every_kind, write_many, write_short_lived, write_sizes};

with_every_peer!(
    carries_everything,
    carries_transactions,
    survives_a_cut_in_the_middle,
    goes_through_a_file,
    feeds_several_at_once,
    is_a_change_to_who_watches,
    is_loaded_through_a_file,
);

/// Everything written before, during and after the sync arrives.
fn carries_everything(pair: &Pair) {
    let primary = pair.primary().start();
    let mut client = primary.client();
    write_every_kind(&mut client, 1);
    write_short_lived(&mut client, 1);
    write_sizes(&mut client, 7);
    write_many(&mut client, "many", 20_000);
    let replica = pair.replica(&primary.address()).start();
    write_every_kind(&mut client, 2);
    write_short_lived(&mut client, 2);
    await_link(&replica);
    write_every_kind(&mut client, 3);
    write_short_lived(&mut client, 3);
    must_hold_the_same(&primary, &replica);
    assert_eq!(counter(&primary, "sync_full"), 1);
    client.run("FLUSHALL");
    client.run("SET after flushall");
    must_hold_the_same(&primary, &replica);
}

/// Transactions in the stream are applied; only asked of primaries that know MULTI.
fn carries_transactions(pair: &Pair) {
    let (primary, replica) = pair.linked();
    let mut client = primary.client();
    if client.run("MULTI").is_error() {
        return;
    }
    for line in
        ["SET in:1 a", "SELECT 4", "SET in:2 b EX 1000", "INCR in:n", "SELECT 0", "PEXPIRE in:1 900000"]
    {
        assert_eq!(client.run(line).text(), "QUEUED");
    }
    assert_eq!(client.run("EXEC").array().len(), 6);
    must_hold_the_same(&primary, &replica);
}

/// A link that breaks at some byte of the data set leads to another full sync, not to half a data set.
fn survives_a_cut_in_the_middle(pair: &Pair) {
    let primary = pair.primary().start();
    write_many(&mut primary.client(), "many", 20_000);
    let proxy = Proxy::to(&primary.address());
    proxy.cut_after(150);
    let replica = pair.replica(&proxy.address()).start();
    for bytes in [3_000, 100_000, 400_001] {
        let before = proxy.connections();
        wait_until("the proxy has cut the link", || is_cut(&proxy));
        proxy.restore();
        proxy.cut_after(bytes);
        wait_until("the replica tries again", || proxy.connections() > before);
    }
    proxy.restore();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
}

/// Whether a new connection is refused: the proxy has cut and refuses until it is restored.
fn is_cut(proxy: &Proxy) -> bool {
    let before = proxy.connections();
    Client::try_connect(&proxy.address()).is_ok_and(|mut client| client.try_reply().is_err())
        && proxy.connections() == before
}

/// The older way: the data set goes through a file at the primary.
fn goes_through_a_file(pair: &Pair) {
    let primary = pair.primary().line("repl-diskless-sync no").start();
    write_every_kind(&mut primary.client(), 1);
    let replica = pair.replica(&primary.address()).start();
    await_link(&replica);
    write_every_kind(&mut primary.client(), 2);
    must_hold_the_same(&primary, &replica);
}

/// Three replicas that arrive together, under writes.
fn feeds_several_at_once(pair: &Pair) {
    let primary = pair.primary().line("repl-diskless-sync-delay 1").start();
    let mut client = primary.client();
    write_many(&mut client, "many", 5_000);
    let replicas: Vec<Server> = (0..3).map(|_| pair.replica(&primary.address()).start()).collect();
    for round in 0..5 {
        write_every_kind(&mut client, round);
    }
    for replica in &replicas {
        await_link(replica);
        must_hold_the_same(&primary, replica);
    }
    assert_eq!(primary.info("replication").number("connected_slaves"), 3);
}

/// A full copy replaces the data set: a transaction that watched a key of either fails.
fn is_a_change_to_who_watches(pair: &Pair) {
    let primary = pair.primary().start();
    check(&mut primary.client(), "SET k new -> OK");
    let replica = pair.replica(&primary.address()).start();
    await_link(&replica);
    check(&mut replica.client(), "REPLICAOF NO ONE -> OK\nSET mine v -> OK");
    let mut watchers = ["k", "mine", "neither"].map(|key| (key, replica.client()));
    for (key, watcher) in &mut watchers {
        check(watcher, &format!("WATCH {key} -> OK\nMULTI -> OK"));
    }
    let follow = format!("REPLICAOF {} -> OK", primary.address().replace(':', " "));
    check(&mut primary.client(), "SET k newer -> OK");
    check(&mut replica.client(), &follow);
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    let outcomes = watchers.map(|(_, mut watcher)| watcher.run("EXEC").to_string());
    assert_eq!(outcomes, ["nil", "nil", "[]"]);
}

/// A replica that loads through a file keeps it as its own, unless it is told to keep nothing.
fn is_loaded_through_a_file(pair: &Pair) {
    let primary = pair.primary().start();
    write_every_kind(&mut primary.client(), 1);
    write_many(&mut primary.client(), "many", 5_000);
    for (kept, lines) in [
        (true, "repl-diskless-load disabled"),
        (false, "repl-diskless-load disabled\nrdb-del-sync-files yes"),
        (false, "repl-diskless-load on-empty-db"),
    ] {
        let mut replica = pair.replica(&primary.address()).lines(lines).start();
        await_link(&replica);
        must_hold_the_same(&primary, &replica);
        wait_until("the copy's file is kept, or not", || {
            replica.directory().file("dump.rdb").exists() == kept
        });
        assert_eq!(leftovers(&replica), [""; 0]);
        if kept {
            replica.restart();
            await_link(&replica);
            must_hold_the_same(&primary, &replica);
        }
    }
}

/// Files of copies that nobody will ever finish.
fn leftovers(replica: &Server) -> Vec<String> {
    let folder = std::fs::read_dir(replica.directory().path()).expect("the folder is there");
    let names = folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("temp-")).collect()
}

/// Loading takes longer than the primary waits for a sign of life: it gets one.
fn must_outlast_the_timeout(primary: Option<Program>) {
    let Some(primary) = primary else { return skip("the primary's program is not there") };
    let primary = Server::builder(&primary).lines("repl-timeout 2\nrepl-diskless-sync-delay 0").start();
    write_many(&mut primary.client(), "many", 5_000);
    for load in ["swapdb", "disabled"] {
        let before = counter(&primary, "sync_full");
        let replica = Server::builder(&Program::under_test())
            .lines(&format!("key-load-delay 1000\nrepl-diskless-load {load}"))
            .replica_of(&primary.address())
            .start();
        await_link(&replica);
        must_hold_the_same(&primary, &replica);
        // A link that was cut would have gone on where it was.
        let resyncs = (counter(&primary, "sync_full"), counter(&primary, "sync_partial_ok"));
        assert_eq!(resyncs, (before + 1, 0), "with {load}");
    }
}

#[test]
fn outlasts_the_timeout_of_redis_7() {
    must_outlast_the_timeout(Program::redis_7());
}

#[test]
fn outlasts_the_timeout_of_valkey_9() {
    must_outlast_the_timeout(Program::valkey_9());
}
