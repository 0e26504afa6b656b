//! FAILOVER: a replica takes over, and no acknowledged write is lost.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use testkit::{AckLedger, Client, Proxy, Server, check, wait_equal, wait_until};

use super::pairs::{Pair, await_in_step, await_link, counter, must_hold_the_same, with_every_peer};
use crate::workers::{under_test, with_one_and_two_workers};

with_every_peer!(exchanges_the_roles, loses_nothing_under_load);

mod alone {
    use super::*;

    with_one_and_two_workers!(
        waits_for_who_is_behind,
        gives_up_when_the_time_is_over,
        gives_up_when_the_target_is_lost,
        forces_its_way,
        is_refused_by_a_stranger,
        does_not_touch_who_takes_a_copy,
        takes_the_other_replica_along,
        lets_go_of_those_who_wait,
        keeps_pauses_apart,
        a_shutdown_goes_on,
        says_why_roles_changed,
    );
}

fn state(server: &Server) -> String {
    server.info("replication").text("master_failover_state").to_owned()
}

fn role(server: &Server) -> String {
    server.info("replication").text("role").to_owned()
}

fn await_online(primary: &Server, replicas: i64) {
    wait_until("replicas that are online", || {
        let facts = primary.info("replication");
        let online = (0..facts.number("connected_slaves"))
            .filter(|number| facts.text(&format!("slave{number}")).contains("state=online"));
        online.count() as i64 == replicas
    });
}

fn await_exchange(old: &Server, new: &Server) {
    wait_equal("the new primary's role", &"master".to_owned(), || role(new));
    await_link(old);
    assert_eq!((role(old), state(old)), ("slave".to_owned(), "no-failover".to_owned()));
}

/// There and back: nobody takes a copy.
fn exchanges_the_roles(pair: &Pair) {
    let (first, second) = pair.linked();
    await_online(&first, 1);
    assert!(first.client().run("SET k 1").is_ok());
    let history = first.info("replication").text("master_replid").to_owned();
    let copies = (counter(&first, "sync_full"), counter(&second, "sync_full"));
    assert!(first.client().run("FAILOVER TIMEOUT 10000").is_ok());
    await_exchange(&first, &second);
    assert_eq!(second.info("replication").text("master_replid2"), history);
    assert!(second.client().run("SET k 2").is_ok());
    await_online(&second, 1);
    let port = first.port();
    assert!(second.client().run(&format!("FAILOVER TO 127.0.0.1 {port} TIMEOUT 10000")).is_ok());
    await_exchange(&second, &first);
    assert!(first.client().run("SET k 3").is_ok());
    must_hold_the_same(&first, &second);
    assert_eq!((counter(&first, "sync_full"), counter(&second, "sync_full")), copies, "partial only");
}

/// Clients write all the time, and change over to the other side when they are told that this one only reads.
fn loses_nothing_under_load(pair: &Pair) {
    let (first, second) = pair.linked();
    await_online(&first, 1);
    let is_over = AtomicBool::new(false);
    let ledgers: Vec<AckLedger> = thread::scope(|scope| {
        let write = |number: usize| {
            let mut ledger = AckLedger::new(&format!("writer{number}:"));
            let mut sides = [first.client(), second.client()];
            let mut side = 0;
            let mut key = 0;
            while !is_over.load(SeqCst) {
                match ledger.write(&mut sides[side], key % 100) {
                    Ok(()) => key += 1,
                    Err(_) => side = 1 - side,
                }
            }
            ledger
        };
        let writers: Vec<_> = (0..4).map(|number| scope.spawn(move || write(number))).collect();
        wait_until("writes are coming in", || counter(&first, "total_commands_processed") > 1_000);
        assert!(first.client().run("FAILOVER").is_ok());
        await_exchange(&first, &second);
        let before = counter(&second, "total_commands_processed");
        wait_until("writes go on", || counter(&second, "total_commands_processed") > before + 1_000);
        is_over.store(true, SeqCst);
        writers.into_iter().map(|writer| writer.join().expect("a writer")).collect()
    });
    for ledger in &ledgers {
        assert!(ledger.acknowledged_count() > 0);
        let lost = ledger.lost(&mut second.client());
        assert!(lost.is_empty(), "{lost:?}");
    }
    must_hold_the_same(&second, &first);
    assert_eq!((counter(&first, "sync_full"), counter(&second, "sync_full")), (1, 0), "partial only");
}

/// A primary and a replica whose link passes through a proxy.
fn behind_proxy(workers: u32) -> (Server, Proxy, Server) {
    let primary = under_test(workers).start();
    let proxy = Proxy::to(&primary.address());
    let replica = under_test(workers).replica_of(&proxy.address()).start();
    await_link(&replica);
    await_online(&primary, 1);
    (primary, proxy, replica)
}

fn send_write(server: &Server, value: &str) -> Client {
    let mut client = server.client();
    client.send(&Client::encode(&["SET", "k", value]));
    client
}

fn waits_for_who_is_behind(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    proxy.pause();
    let mut client = primary.client();
    assert!(client.run("SET k 1").is_ok());
    check(&mut client, "FAILOVER -> OK\nGET k -> \"1\"\nFAILOVER -> ERR FAILOVER already in progress.");
    assert_eq!((state(&primary), role(&primary)), ("waiting-for-sync".to_owned(), "master".to_owned()));
    let mut paused = send_write(&primary, "2");
    proxy.restore();
    await_exchange(&primary, &replica);
    assert_eq!(paused.reply().to_string(), "READONLY You can't write against a read only replica.");
    assert_eq!(replica.client().run("GET k").text(), "1");
}

fn gives_up_when_the_time_is_over(workers: u32) {
    let (primary, proxy, _replica) = behind_proxy(workers);
    proxy.pause();
    let mut client = primary.client();
    check(&mut client, "SET k 1 -> OK\nFAILOVER TIMEOUT 100 -> OK");
    // It waits, and goes on as before.
    assert!(send_write(&primary, "2").reply().is_ok());
    primary.wait_for_log("FAILOVER to any replica aborted: Replica never caught up before timeout");
    assert_eq!((state(&primary), role(&primary)), ("no-failover".to_owned(), "master".to_owned()));
    check(
        &mut client,
        "FAILOVER ABORT -> ERR No failover in progress.\nFAILOVER -> OK\nFAILOVER ABORT -> OK",
    );
    assert!(client.run("SET k 3").is_ok());
}

fn gives_up_when_the_target_is_lost(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    proxy.pause();
    let port = replica.port();
    check(&mut primary.client(), &format!("SET k 1 -> OK\nFAILOVER TO 127.0.0.1 {port} -> OK"));
    let mut paused = send_write(&primary, "2");
    proxy.cut_off();
    assert!(paused.reply().is_ok());
    primary.wait_for_log("aborted: The connection with the replica was lost");
}

/// The target cannot have everything: it takes over with what it has, and we follow it as soon as it can be reached.
fn forces_its_way(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    proxy.pause();
    let port = replica.port();
    let order = format!("FAILOVER TO 127.0.0.1 {port} FORCE TIMEOUT 100");
    check(&mut primary.client(), &format!("SET k 1 -> OK\n{order} -> OK"));
    await_exchange(&primary, &replica);
    assert_eq!(primary.log_count("time out exceeded, failing over."), 1);
    must_hold_the_same(&replica, &primary);
}

/// Who cannot be told to take over refuses, and everything is as before.
fn is_refused_by_a_stranger(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    proxy.pause();
    let stranger = under_test(workers).replica_of(&primary.address()).start();
    await_online(&primary, 2);
    let port = stranger.port();
    let mut client = primary.client();
    assert!(client.run("SET k 1").is_ok());
    let mut inside = stranger.client();
    assert!(inside.run("CONFIG SET requirepass secret").is_ok());
    assert!(client.run(&format!("FAILOVER TO 127.0.0.1 {port}")).is_ok());
    primary.wait_for_log("aborted: Failover target rejected psync request");
    assert_eq!((state(&primary), role(&primary)), ("no-failover".to_owned(), "master".to_owned()));
    assert!(client.run("SET k 2").is_ok());
    assert_eq!(inside.info("replication").text("role"), "slave");
    drop(replica);
}

fn does_not_touch_who_takes_a_copy(workers: u32) {
    let primary = under_test(workers).lines("repl-diskless-sync-delay 3600").start();
    let replica = under_test(workers).replica_of(&primary.address()).start();
    wait_equal("connected replicas", &1, || primary.info("replication").number("connected_slaves"));
    let port = replica.port();
    check(
        &mut primary.client(),
        &format!(
            "FAILOVER TO 127.0.0.1 {port} -> ERR FAILOVER target replica is not online.
             FAILOVER TO 127.0.0.1 1 -> ERR FAILOVER target HOST and PORT is not a replica.
             FAILOVER TIMEOUT 50 -> OK
             SET k v -> OK"
        ),
    );
    assert_eq!(role(&primary), "master");
}

fn takes_the_other_replica_along(workers: u32) {
    let primary = under_test(workers).start();
    let [first, second] = [(); 2].map(|()| under_test(workers).replica_of(&primary.address()).start());
    await_online(&primary, 2);
    let port = second.port();
    assert!(primary.client().run("SET k 1").is_ok());
    assert!(primary.client().run(&format!("FAILOVER TO 127.0.0.1 {port}")).is_ok());
    await_exchange(&primary, &second);
    assert!(second.client().run("SET k 2").is_ok());
    must_hold_the_same(&second, &first);
    assert_eq!(counter(&primary, "sync_full"), 2, "the first goes on as a replica of the old primary");
}

fn lets_go_of_those_who_wait(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    let mut waiting = ["BLPOP nothing 0", "WAIT 2 0"].map(|request| {
        let mut client = primary.client();
        assert!(client.run("SET k 1").is_ok());
        let words: Vec<&str> = request.split(' ').collect();
        client.send(&Client::encode(&words));
        client
    });
    wait_equal("blocked clients", &2, || primary.info("clients").number("blocked_clients"));
    assert!(primary.client().run("FAILOVER").is_ok());
    await_exchange(&primary, &replica);
    for client in &mut waiting {
        assert_eq!(
            client.reply().to_string(),
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"
        );
        assert_eq!(client.read_to_close(), b"");
    }
    drop(proxy);
}

/// CLIENT PAUSE and a failover do not end one another.
fn keeps_pauses_apart(workers: u32) {
    let (primary, proxy, replica) = behind_proxy(workers);
    proxy.pause();
    let mut client = primary.client();
    check(&mut client, "CLIENT PAUSE 100000 WRITE -> OK\nFAILOVER -> OK\nCLIENT UNPAUSE -> OK");
    let mut paused = send_write(&primary, "2");
    check(&mut client, "CLIENT PAUSE 100000 WRITE -> OK\nFAILOVER ABORT -> OK");
    assert_eq!(client.run("EXISTS k").integer(), 0, "the pause of the command still holds");
    check(&mut client, "CLIENT UNPAUSE -> OK");
    assert!(paused.reply().is_ok());
    drop(replica);
}

fn a_shutdown_goes_on(workers: u32) {
    let (mut primary, proxy, _replica) = behind_proxy(workers);
    proxy.pause();
    let mut client = primary.client();
    check(&mut client, "CONFIG SET shutdown-timeout 100000 -> OK\nSET k 1 -> OK\nFAILOVER -> OK");
    let mut ends = primary.client();
    ends.send(&Client::encode(&["SHUTDOWN", "NOSAVE"]));
    primary.wait_for_log("Waiting for replicas before shutting down");
    check(&mut client, "SHUTDOWN ABORT -> OK");
    assert_eq!(state(&primary), "waiting-for-sync", "the failover goes on when the shutdown does not");
    let mut paused = send_write(&primary, "2");
    check(&mut client, "GET k -> \"1\"\nFAILOVER ABORT -> OK");
    assert!(paused.reply().is_ok());
    check(&mut client, "FAILOVER -> OK");
    client.send(&Client::encode(&["SHUTDOWN", "NOSAVE", "NOW"]));
    assert!(primary.await_exit().success());
}

fn says_why_roles_changed(workers: u32) {
    let (primary, _proxy, replica) = behind_proxy(workers);
    await_in_step(&primary, &replica);
    assert!(primary.client().run("FAILOVER").is_ok());
    await_exchange(&primary, &replica);
    let target = format!("127.0.0.1:{}", replica.port());
    assert_eq!(primary.log_count(&format!("Failover target {target} is synced, failing over.")), 1);
    assert_eq!(replica.log_count("Failover request received for replid"), 1);
    assert_eq!(replica.log_count("MASTER MODE enabled (failover request from"), 1);
}
