//! With the append-only log on, its files are the backlog: whoever comes back goes on where it was.

use testkit::{Program, Proxy, Server, ServerBuilder, TestDirectory, skip, wait_equal, wait_until};

use super::pairs::{await_in_step, await_link, await_link_down, counter, digest, must_hold_the_same};
use super::workload::{write_every_kind, write_many, write_sizes};

/// The memory of the backlog is far too small for what these tests write.
const LOG_ON: &str = "appendonly yes\nappendfsync always\nrepl-backlog-size 16kb\nrepl-ping-replica-period 3600\n\
                      repl-diskless-sync-delay 0\nauto-aof-rewrite-percentage 0";

fn with_log() -> ServerBuilder {
    Server::builder(&Program::under_test()).lines(LOG_ON)
}

fn linked(replica: &Program) -> (Server, Server) {
    let primary = with_log().start();
    let lines = if replica.is_ochre() { LOG_ON } else { "" };
    let replica = Server::builder(replica).lines(lines).replica_of(&primary.address()).start();
    await_link(&replica);
    write_every_kind(&mut primary.client(), 1);
    await_in_step(&primary, &replica);
    (primary, replica)
}

/// Full and partial resyncs that a server has granted since its start.
fn resyncs(server: &Server) -> (i64, i64) {
    (counter(server, "sync_full"), counter(server, "sync_partial_ok"))
}

fn rewrite(server: &Server) {
    let rewrites = server.info("persistence").number("aof_rewrites");
    assert!(!server.client().run("BGREWRITEAOF").is_error());
    wait_until("the log is rewritten", || server.info("persistence").number("aof_rewrites") > rewrites);
}

#[test]
fn a_replica_that_was_restarted_goes_on() {
    let (primary, mut replica) = linked(&Program::under_test());
    for (round, in_order) in [(2, true), (3, false)] {
        if in_order {
            assert_eq!(replica.terminate().code(), Some(0));
        } else {
            replica.kill9();
        }
        write_many(&mut primary.client(), "away", 20_000);
        write_every_kind(&mut primary.client(), round);
        rewrite(&primary);
        write_every_kind(&mut primary.client(), round + 10);
        replica.restart();
        await_link(&replica);
        must_hold_the_same(&primary, &replica);
        assert_eq!(resyncs(&primary), (1, i64::from(round) - 1));
    }
}

#[test]
fn a_primary_that_was_restarted_goes_on_with_its_replicas() {
    let (mut primary, replica) = linked(&Program::under_test());
    for in_order in [true, false] {
        write_many(&mut primary.client(), "many", 5_000);
        await_in_step(&primary, &replica);
        if in_order {
            assert_eq!(primary.terminate().code(), Some(0));
        }
        primary.restart();
        await_link(&replica);
        write_every_kind(&mut primary.client(), 2);
        must_hold_the_same(&primary, &replica);
        assert_eq!(resyncs(&primary), (0, 1), "in order: {in_order}");
    }
}

/// The replica misses more than memory holds, and the primary that it comes back to is another process: what it misses
/// stands in files of the run before, kept ones among them.
#[test]
fn a_replica_is_away_while_its_primary_is_restarted() {
    let (mut primary, mut replica) = linked(&Program::under_test());
    replica.kill9();
    write_many(&mut primary.client(), "away", 20_000);
    rewrite(&primary);
    write_many(&mut primary.client(), "later", 20_000);
    primary.restart();
    write_every_kind(&mut primary.client(), 2);
    rewrite(&primary);
    wait_equal("kept files", &2, || primary.info("persistence").number("aof_kept_files"));
    primary.restart();
    replica.restart();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    assert_eq!(resyncs(&primary), (0, 1));
    assert_eq!(counter(&primary, "sync_partial_err"), 0);
}

fn goes_on_after_a_restart_of_its_primary(peer: Option<Program>) {
    let Some(peer) = peer else { return skip("the replica's program is not there") };
    let (mut primary, replica) = linked(&peer);
    primary.kill9();
    await_link_down(&replica);
    primary.restart();
    await_link(&replica);
    write_every_kind(&mut primary.client(), 2);
    must_hold_the_same(&primary, &replica);
    assert_eq!(resyncs(&primary), (0, 1));
}

#[test]
fn redis_7_goes_on_after_a_restart_of_its_primary() {
    goes_on_after_a_restart_of_its_primary(Program::redis_7());
}

#[test]
fn redis_8_goes_on_after_a_restart_of_its_primary() {
    goes_on_after_a_restart_of_its_primary(Program::redis_8());
}

#[test]
fn valkey_9_goes_on_after_a_restart_of_its_primary() {
    goes_on_after_a_restart_of_its_primary(Program::valkey_9());
}

fn follow(server: &Server, primary: &Server) {
    let port = primary.port().to_string();
    assert!(server.client().command(&["REPLICAOF", "127.0.0.1", &port]).is_ok());
}

fn promote(server: &Server) {
    assert!(server.client().run("REPLICAOF NO ONE").is_ok());
}

/// Two changes of roles and a restart pass while a replica is away: its history is that of a grandparent, which only the
/// chain in the files still names.
#[test]
fn a_replica_is_away_while_the_roles_change_twice() {
    let (mut first, second) = linked(&Program::under_test());
    let mut third = with_log().replica_of(&first.address()).start();
    await_link(&third);
    write_every_kind(&mut first.client(), 2);
    await_in_step(&first, &third);
    await_in_step(&first, &second);
    third.kill9();
    promote(&second);
    follow(&first, &second);
    await_link(&first);
    write_many(&mut second.client(), "second", 5_000);
    await_in_step(&second, &first);
    promote(&first);
    follow(&second, &first);
    await_link(&second);
    write_many(&mut first.client(), "first", 5_000);
    must_hold_the_same(&first, &second);
    first.restart();
    third.restart();
    await_link(&third);
    await_link(&second);
    write_every_kind(&mut first.client(), 3);
    must_hold_the_same(&first, &third);
    must_hold_the_same(&first, &second);
    assert_eq!(resyncs(&first), (0, 2));
}

/// What rewrites have replaced goes by the limits; a replica that misses it needs a full copy, and is told why.
#[test]
fn limits_of_what_is_kept_are_kept() {
    let (primary, mut replica) = linked(&Program::under_test());
    let refused = counter(&primary, "sync_partial_err");
    let mut client = primary.client();
    let kept = |name: &str| primary.info("persistence").number(name);
    write_many(&mut client, "kept", 5_000);
    rewrite(&primary);
    wait_until("something is kept", || kept("aof_kept_files") > 0 && kept("aof_kept_size") > 100_000);
    assert_eq!(kept("repl_log_first_byte_offset"), 1);
    assert!(client.run("CONFIG SET repl-log-size 1000").is_ok());
    wait_equal("kept files", &0, || kept("aof_kept_files"));
    wait_until("less is held", || kept("repl_log_first_byte_offset") > 1);
    replica.kill9();
    write_many(&mut client, "gone", 5_000);
    rewrite(&primary);
    wait_equal("kept files", &0, || kept("aof_kept_files"));
    let names = primary.directory().names("appendonlydir");
    assert!(!names.iter().any(|name| name.contains("kept")), "{names:?}");
    replica.restart();
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
    assert_eq!((resyncs(&primary), counter(&primary, "sync_partial_err")), ((2, 0), refused + 1));
}

/// A replica that takes nothing for a while stays: the files hold what waits for it, and memory stays small.
#[test]
fn a_slow_replica_is_fed_from_the_files() {
    let limits = "client-output-buffer-limit replica 1mb 1mb 1\nappendfsync no";
    let primary = with_log().lines(limits).start();
    let proxy = Proxy::to(&primary.address());
    let replica = with_log().replica_of(&proxy.address()).start();
    await_link(&replica);
    proxy.pause();
    let mut client = primary.client();
    let before = primary.info("memory").number("used_memory");
    for seed in 0..30 {
        write_sizes(&mut client, seed);
    }
    let grown = primary.info("memory").number("used_memory") - before;
    assert!(grown < 50 << 20, "{grown} bytes for 130 MB of writes of 4 MB of data");
    assert_eq!(primary.info("replication").number("connected_slaves"), 1);
    proxy.restore();
    must_hold_the_same(&primary, &replica);
    write_every_kind(&mut client, 2);
    must_hold_the_same(&primary, &replica);
    assert_eq!(counter(&primary, "sync_full"), 1);
}

/// More is written while a full copy is loaded than the output buffer may hold: with the log on disk and without.
fn one_full_copy_under_writes(lines: &str) {
    let limits = "client-output-buffer-limit replica 8mb 8mb 1\nrepl-backlog-size 16kb";
    let primary = Server::builder(&Program::under_test()).lines(limits).lines(lines).start();
    write_many(&mut primary.client(), "many", 20_000);
    let replica = Server::builder(&Program::under_test())
        .lines("key-load-delay 50\nrepl-diskless-load disabled")
        .replica_of(&primary.address())
        .start();
    let mut client = primary.client();
    let before = primary.info("memory").number("used_memory");
    let mut seed = 0;
    wait_until("the copy is loaded under writes", || {
        seed += 1;
        write_sizes(&mut client, seed % 7);
        seed >= 30 && replica.info("replication").text("master_link_status") == "up"
    });
    let grown = primary.info("memory").number("used_memory") - before;
    assert!(grown < 50 << 20, "{grown} bytes for {} MB of writes", seed * 4);
    must_hold_the_same(&primary, &replica);
    write_every_kind(&mut client, 2);
    must_hold_the_same(&primary, &replica);
    assert_eq!(resyncs(&primary), (1, 0));
    let names = primary.directory().names("");
    assert!(!names.iter().any(|name| name.starts_with("temp-")), "{names:?}");
}

#[test]
fn one_full_copy_is_enough_under_writes_with_the_log_on_disk() {
    one_full_copy_under_writes("appendonly yes\nrepl-diskless-sync-delay 0");
}

#[test]
fn one_full_copy_is_enough_under_writes_without_a_log() {
    one_full_copy_under_writes("appendonly no\nsave \"\"\nrepl-diskless-sync-delay 0");
}

/// Kept files mean nothing to another program, which may write on; what it wrote is of no history of ours.
fn is_used_by_another_program(peer: Option<Program>) {
    let Some(peer) = peer else { return skip("the other program is not there") };
    let mut ours = with_log().start();
    write_many(&mut ours.client(), "many", 5_000);
    rewrite(&ours);
    write_every_kind(&mut ours.client(), 2);
    wait_equal("kept files", &1, || ours.info("persistence").number("aof_kept_files"));
    let sum = digest(&ours);
    assert_eq!(ours.terminate().code(), Some(0));
    let names = ours.directory().names("appendonlydir");
    let copy = TestDirectory::new();
    copy.copy_from(ours.directory(), &["appendonlydir"]);
    let theirs = Server::builder(&peer).lines("appendonly yes\nauto-aof-rewrite-percentage 0");
    let mut theirs = theirs.directory(&copy).start();
    assert_eq!(digest(&theirs), sum);
    assert!(theirs.client().run("SET theirs 1").is_ok());
    theirs.terminate();
    assert_eq!(copy.names("appendonlydir"), names);
    ours.directory().copy_from(&copy, &["appendonlydir"]);
    ours.restart();
    assert_eq!(ours.client().run("GET theirs").text(), "1");
    wait_equal("kept files", &0, || ours.info("persistence").number("aof_kept_files"));
    assert_eq!(
        ours.directory().names("appendonlydir").iter().filter(|name| name.contains("kept")).count(),
        0
    );
}

#[test]
fn redis_7_loads_beside_kept_files() {
    is_used_by_another_program(Program::redis_7());
}

#[test]
fn redis_8_loads_beside_kept_files() {
    is_used_by_another_program(Program::redis_8());
}

#[test]
fn valkey_9_loads_beside_kept_files() {
    is_used_by_another_program(Program::valkey_9());
}
