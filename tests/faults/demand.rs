//! What users of such servers suffer from most, each as a test of ours; `OCHRE_FAULT_WITH=redis_8,valkey_9` shows beside it what
//! others make of the same.

use std::time::Instant;

use testkit::{
    Client, Fault, Network, Program, Server, ServerBuilder, TestDirectory, network, remark, wait_for,
    wait_until,
};

use super::peers;
use crate::replication::pairs::{await_in_step, await_link, counter};

/// Signs of life come often, so that every kind of end is soon noticed.
const TIMES: &str = "repl-timeout 3\nrepl-ping-replica-period 1";

/// Keys that are at stake.
const KEYS: usize = 1000;

/// What a server made of it.
struct Found {
    words: String,
    is_good: bool,
}

/// Demands it of the server under test, and notes what the others made of it.
fn demand(name: &str, of: fn(&Program) -> Found) {
    let note = |program: &Program, found: &Found| {
        let text = format!("{name}: {program}: {}", found.words);
        #[expect(clippy::print_stderr, reason = "a table is shown where its lines are made")]
        if !peers().is_empty() {
            eprintln!("{text}");
        }
        remark(&text);
    };
    let own = Program::under_test();
    let found = of(&own);
    note(&own, &found);
    for peer in peers() {
        note(&peer, &of(&peer));
    }
    assert!(found.is_good || !own.is_ochre(), "{name}: {}", found.words);
}

/// A server of a network, told how often to give signs of life.
fn builder(program: &Program, network: &dyn Network, node: usize, lines: &str) -> ServerBuilder {
    network.place(node, Server::builder(program).lines(TIMES).lines(lines))
}

fn replica_of(program: &Program, network: &dyn Network, node: usize, lines: &str) -> Server {
    builder(program, network, node, lines).replica_of(&network.address(node, 0)).start()
}

fn write(server: &Server, prefix: &str, count: usize) {
    let requests: Vec<Vec<String>> =
        (0..count).map(|number| vec!["SET".into(), format!("{prefix}:{number}"), "value".into()]).collect();
    assert!(server.client().pipeline(&requests).iter().all(testkit::Reply::is_ok));
}

/// What a replica holds after a worse primary has come to the place of its own, and how long it took to decide.
fn after_the_exchange(replica: &Server, worse: &Server, expected: usize) -> Found {
    let began = Instant::now();
    let refused = wait_for("the replica refuses, or has followed", || {
        let ours = replica.info("replication");
        let theirs = worse.info("replication");
        let same = ours.text("master_replid") == theirs.text("master_replid")
            && ours.text("slave_repl_offset") == theirs.text("master_repl_offset");
        match (ours.text("replica_follow_state"), ours.text("master_link_status")) {
            ("refused", _) => Some(true),
            (_, "up") if same && theirs.number("connected_slaves") == 1 => Some(false),
            _ => None,
        }
    });
    let requests: Vec<Vec<String>> =
        (0..expected).map(|number| vec!["EXISTS".into(), format!("key:{number}")]).collect();
    let found = replica.client().pipeline(&requests);
    let kept = found.into_iter().filter(|reply| reply.clone().integer() == 1).count();
    let seconds = began.elapsed().as_secs_f64();
    let how = if refused { "refused to follow" } else { "followed" };
    Found {
        words: format!("{how} after {seconds:.1} s, {kept} of {expected} keys are left"),
        is_good: kept == expected,
    }
}

/// A primary without files is killed and comes back empty, sooner than anybody takes over.
#[test]
fn an_empty_primary_takes_nothing_away() {
    demand("a primary that came back empty", |program| {
        let network = network(2);
        let mut primary = builder(program, network.as_ref(), 0, "appendonly no").start();
        let replica = replica_of(program, network.as_ref(), 1, "appendonly yes");
        write(&primary, "key", KEYS);
        await_link(&replica);
        await_in_step(&primary, &replica);
        primary.restart();
        after_the_exchange(&replica, &primary, KEYS)
    });
}

/// A primary comes back from an older copy of its folder.
#[test]
fn a_younger_clone_takes_nothing_away() {
    demand("a primary that came back from an older copy", |program| {
        let network = network(2);
        let mut primary = builder(program, network.as_ref(), 0, "appendonly yes\nappendfsync always").start();
        let replica = replica_of(program, network.as_ref(), 1, "appendonly yes");
        write(&primary, "key", KEYS / 2);
        await_link(&replica);
        await_in_step(&primary, &replica);
        let older = TestDirectory::new();
        older.copy_from(primary.directory(), &["appendonlydir"]);
        write(&primary, "key", KEYS);
        await_in_step(&primary, &replica);
        primary.kill9();
        let folder = primary.directory().file("appendonlydir");
        std::fs::remove_dir_all(folder).expect("the log is there");
        primary.directory().copy_from(&older, &["appendonlydir"]);
        primary.restart();
        after_the_exchange(&replica, &primary, KEYS)
    });
}

/// An address is given to another server, which has other data.
#[test]
fn a_stranger_takes_nothing_away() {
    demand("a stranger at the primary's address", |program| {
        let network = network(3);
        let primary = builder(program, network.as_ref(), 0, "").start();
        let replica = replica_of(program, network.as_ref(), 1, "");
        let stranger = builder(program, network.as_ref(), 2, "").start();
        write(&primary, "key", KEYS);
        write(&stranger, "other", 3 * KEYS);
        await_link(&replica);
        await_in_step(&primary, &replica);
        network.give_address(0, 2);
        after_the_exchange(&replica, &stranger, KEYS)
    });
}

/// How a process ends.
#[derive(Clone, Copy)]
enum End {
    InOrder,
    Killed,
}

/// Which resync follows when one of two servers with logs has been away, while the other one, if it is the primary, goes on.
fn resync_after_restart(program: &Program, of_primary: bool, end: End) -> Found {
    let network = network(2);
    let lines = "appendonly yes\nappendfsync everysec";
    let mut primary = builder(program, network.as_ref(), 0, lines).start();
    write(&primary, "before", KEYS);
    let mut replica = replica_of(program, network.as_ref(), 1, lines);
    await_link(&replica);
    write(&primary, "key", KEYS);
    await_in_step(&primary, &replica);
    wait_until("the replica's log begins with the copy that it has taken", || {
        let info = replica.info("persistence");
        ["aof_rewrite_in_progress", "aof_rewrite_scheduled"].iter().all(|field| info.text(field) == "0")
    });
    let full = counter(&primary, "sync_full");
    let gone = if of_primary { &mut primary } else { &mut replica };
    match end {
        End::InOrder => drop(gone.terminate()),
        End::Killed => gone.kill9(),
    }
    if !of_primary {
        write(&primary, "meanwhile", KEYS);
    }
    let gone = if of_primary { &mut primary } else { &mut replica };
    gone.restart();
    let before = if of_primary { 0 } else { full };
    await_link(&replica);
    await_in_step(&primary, &replica);
    let (full, partial) = (counter(&primary, "sync_full") - before, counter(&primary, "sync_partial_ok"));
    let keys = replica.client().run("DBSIZE").integer();
    Found {
        words: format!("{full} full resyncs, {partial} partial ones, {keys} keys"),
        is_good: full == 0 && partial > 0,
    }
}

#[test]
fn a_replica_with_a_log_goes_on_after_its_end() {
    demand("a replica with a log ended and came back", |program| {
        resync_after_restart(program, false, End::InOrder)
    });
}

#[test]
fn a_replica_with_a_log_goes_on_after_a_kill() {
    demand("a replica with a log was killed and came back", |program| {
        resync_after_restart(program, false, End::Killed)
    });
}

#[test]
fn a_primary_with_a_log_is_known_after_its_end() {
    demand("a primary with a log ended and came back", |program| {
        resync_after_restart(program, true, End::InOrder)
    });
}

#[test]
fn a_primary_with_a_log_is_known_after_a_kill() {
    demand("a primary with a log was killed and came back", |program| {
        resync_after_restart(program, true, End::Killed)
    });
}

/// A copy takes longer over a slow wire than the output buffer can hold what is written meanwhile.
#[test]
fn a_full_copy_under_load_does_not_loop() {
    demand("a full copy over a slow wire under load", |program| {
        let network = network(2);
        let lines = "appendonly yes\nclient-output-buffer-limit replica 1mb 1mb 1\nrepl-backlog-size 1mb";
        let primary = builder(program, network.as_ref(), 0, lines).start();
        let noise: String = (0..8000).map(|_| fastrand::alphanumeric()).collect();
        let mut client = primary.client();
        let large = |number| vec!["SET".to_owned(), format!("large:{number}"), noise.clone()];
        assert!(client.pipeline(&(0..4000).map(large).collect::<Vec<_>>()).iter().all(testkit::Reply::is_ok));
        network.set(&[Fault::Slow(0, 8 << 20)]);
        let replica = replica_of(program, network.as_ref(), 1, "appendonly yes");
        let began = Instant::now();
        wait_until("the copy is there, or has been begun a third time", || {
            load(&mut client, &noise);
            let up = replica.info("replication").text("master_link_status") == "up";
            up || counter(&primary, "sync_full") > 2
        });
        let seconds = began.elapsed().as_secs_f64();
        let copies = counter(&primary, "sync_full");
        let up = replica.info("replication").text("master_link_status") == "up";
        network.set(&[]);
        await_link(&replica);
        let state = if up { "in" } else { "not finished after" };
        Found { words: format!("{copies} copies, {state} {seconds:.1} s"), is_good: up && copies == 1 }
    });
}

/// Some writes for each look at the replica: less than the wire carries, more in all than the buffer holds.
fn load(client: &mut Client, value: &str) {
    let write = |number| vec!["SET".to_owned(), format!("written:{number}"), value.to_owned()];
    assert!(client.pipeline(&(0..10).map(write).collect::<Vec<_>>()).iter().all(testkit::Reply::is_ok));
}
