//! What is promised with replicas: WAIT and WAITAOF, enough replicas to write, replicas that take writes, how old data are.

use testkit::{Client, Proxy, Server, check, wait_equal, wait_until};

use super::pairs::{await_in_step, await_link, must_hold_the_same};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    refuses_writes_without_enough_replicas,
    waits_can_be_ended,
    waits_for_disks,
    a_replica_takes_writes_for_itself,
    tells_how_old_data_are,
    pings_and_gives_up,
    gives_up_a_backlog_that_nobody_uses,
    gathers_replicas_for_one_copy,
    passes_options_of_the_link_on,
);

fn linked(workers: u32, of_primary: &str, of_replica: &str) -> (Server, Proxy, Server) {
    let primary = under_test(workers).lines(of_primary).start();
    let proxy = Proxy::to(&primary.address());
    let replica = under_test(workers).lines(of_replica).replica_of(&proxy.address()).start();
    await_link(&replica);
    wait_until("the replica is online", || {
        primary.info("replication").names().contains(&"slave0")
            && primary.info("replication").text("slave0").contains("state=online")
    });
    (primary, proxy, replica)
}

fn good_replicas(primary: &Server) -> i64 {
    primary.info("replication").number("min_slaves_good_slaves")
}

fn refuses_writes_without_enough_replicas(workers: u32) {
    let options = "min-replicas-to-write 1\nmin-replicas-max-lag 2";
    let (primary, proxy, replica) = linked(workers, options, "");
    let mut client = primary.client();
    check(&mut client, "SET k 1 -> OK\nMULTI -> OK\nSET k 2 -> QUEUED");
    assert_eq!(good_replicas(&primary), 1);
    proxy.pause();
    wait_equal("good replicas", &0, || good_replicas(&primary));
    check(
        &mut client,
        "EXEC -> EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write.
         SET k 3 -> NOREPLICAS Not enough good replicas to write.
         GET k -> \"1\"
         MULTI -> OK
         SET k 4 -> NOREPLICAS Not enough good replicas to write.
         EXEC -> EXECABORT Transaction discarded because of previous errors.
         CONFIG SET min-replicas-to-write 0 -> OK
         SET k 5 -> OK
         CONFIG SET min-replicas-to-write 1 -> OK",
    );
    proxy.restore();
    wait_equal("good replicas", &1, || good_replicas(&primary));
    check(&mut client, "SET k 6 -> OK\nCONFIG SET min-replicas-to-write 2 -> OK");
    assert_eq!(client.run("SET k 7").to_string(), "NOREPLICAS Not enough good replicas to write.");
    must_hold_the_same(&primary, &replica);
}

fn waiting(server: &Server, request: &[&str]) -> (Client, i64) {
    let mut client = server.client();
    assert!(client.run("SET k v").is_ok());
    let id = client.run("CLIENT ID").integer();
    client.send(&Client::encode(request));
    wait_equal("blocked clients", &1, || server.info("clients").number("blocked_clients"));
    (client, id)
}

fn waits_can_be_ended(workers: u32) {
    let (primary, proxy, replica) = linked(workers, "", "");
    let mut client = primary.client();
    check(
        &mut client,
        "SET k 1 -> OK\nWAIT 1 0 -> 1\nWAIT 0 0 -> 1\nMULTI -> OK\nWAIT 5 0 -> QUEUED\nEXEC -> [1]",
    );
    let (mut waits, id) = waiting(&primary, &["WAIT", "2", "0"]);
    assert_eq!(client.run(&format!("CLIENT UNBLOCK {id}")).integer(), 1);
    assert!((0..=1).contains(&waits.reply().integer()), "as many as have acknowledged by then");
    let (mut waits, id) = waiting(&primary, &["WAIT", "2", "0"]);
    assert_eq!(client.run(&format!("CLIENT UNBLOCK {id} ERROR")).integer(), 1);
    assert_eq!(waits.reply().to_string(), "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    // A replica that has vanished does not count, and whoever waits goes on waiting.
    proxy.cut_off();
    wait_equal("replicas", &0, || primary.info("replication").number("connected_slaves"));
    assert_eq!(client.run("WAIT 1 10").integer(), 0);
    let (mut waits, _) = waiting(&primary, &["WAIT", "1", "0"]);
    proxy.restore();
    assert_eq!(waits.reply().integer(), 1, "the replica has come back");
    // Who becomes a replica has nothing to wait for any more.
    let (mut waits, _) = waiting(&primary, &["WAIT", "2", "0"]);
    assert!(client.run("REPLICAOF 127.0.0.1 1").is_ok());
    assert!(waits.reply().to_string().starts_with("UNBLOCKED force unblock from blocking operation"));
    assert_eq!(waits.read_to_close(), b"");
    let refused = client.run("WAIT 0 0").to_string();
    assert!(refused.starts_with("ERR WAIT cannot be used with replica instances."), "{refused}");
    drop(replica);
}

fn waits_for_disks(workers: u32) {
    let on_disk = "appendonly yes\nappendfsync everysec";
    let (primary, _proxy, replica) = linked(workers, on_disk, on_disk);
    let mut client = primary.client();
    check(
        &mut client,
        "SET k 1 -> OK
         WAITAOF 1 1 0 -> [1, 1]
         WAITAOF 0 0 0 -> [1, 1]
         WAITAOF 1 2 50 -> [1, 1]
         MULTI -> OK
         WAITAOF 1 5 0 -> QUEUED
         EXEC -> [[1, 1]]",
    );
    assert!(replica.client().run("CONFIG SET appendonly no").is_ok());
    check(&mut client, "SET k 2 -> OK\nWAITAOF 1 0 0 -> [1, 0]\nWAITAOF 1 1 50 -> [1, 0]\nWAIT 1 0 -> 1");
}

fn a_replica_takes_writes_for_itself(workers: u32) {
    let (primary, _proxy, replica) = linked(workers, "", "replica-read-only no");
    let below = under_test(workers).replica_of(&replica.address()).start();
    await_link(&below);
    let mut client = replica.client();
    check(
        &mut client,
        "SET own v -> OK
         SET short v PX 30 -> OK
         EXPIRE own 10000 -> 1
         PERSIST own -> 1",
    );
    wait_equal("keys of the replica", &1, || client.run("DBSIZE").integer());
    assert!(primary.client().run("SET shared v").is_ok());
    await_in_step(&primary, &replica);
    await_in_step(&replica, &below);
    assert_eq!(below.client().run("KEYS *").to_string(), "[\"shared\"]", "nothing is passed on");
    assert_eq!(primary.client().run("DBSIZE").integer(), 1);
    assert_eq!(client.run("DBSIZE").integer(), 2);
}

fn lag_ms(primary: &Server) -> i64 {
    let facts = primary.info("replication");
    let (_, lag) = facts.text("slave0").rsplit_once("lag_ms=").expect("a lag");
    lag.parse().expect("a number")
}

fn tells_how_old_data_are(workers: u32) {
    let (primary, proxy, replica) = linked(workers, "", "");
    assert!(primary.client().run("SET k 1").is_ok());
    wait_equal("the lag", &0, || lag_ms(&primary));
    assert_eq!(replica.info("replication").number("master_link_lag_ms"), 0);
    proxy.pause();
    assert!(primary.client().run("SET k 2").is_ok());
    wait_until("the lag grows", || lag_ms(&primary) > 50);
    proxy.restore();
    wait_equal("the lag", &0, || lag_ms(&primary));
    proxy.cut_off();
    wait_until("the replica knows", || replica.info("replication").number("master_link_lag_ms") > 50);
}

fn pings_and_gives_up(workers: u32) {
    let options = "repl-ping-replica-period 1\nrepl-timeout 2";
    let (primary, proxy, replica) = linked(workers, options, options);
    let before = primary.info("replication").number("master_repl_offset");
    wait_until("a ping", || primary.info("replication").number("master_repl_offset") > before);
    assert_eq!(primary.log_count("Disconnecting timedout replica"), 0);
    proxy.pause();
    primary.wait_for_log("Disconnecting timedout replica (streaming sync)");
    replica.wait_for_log("MASTER timeout: no data nor PING received...");
    proxy.restore();
    await_link(&replica);
}

fn gives_up_a_backlog_that_nobody_uses(workers: u32) {
    let (primary, _proxy, replica) = linked(workers, "repl-backlog-ttl 1", "");
    assert_eq!(primary.info("replication").number("repl_backlog_active"), 1);
    assert!(replica.client().run("REPLICAOF NO ONE").is_ok());
    wait_equal("repl_backlog_active", &0, || primary.info("replication").number("repl_backlog_active"));
    primary.wait_for_log("Replication backlog freed after 1 seconds without connected replicas.");
}

fn gathers_replicas_for_one_copy(workers: u32) {
    let options = "repl-diskless-sync-delay 3600\nrepl-diskless-sync-max-replicas 2";
    let primary = under_test(workers).lines(options).start();
    let first = under_test(workers).replica_of(&primary.address()).start();
    wait_equal("replicas", &1, || primary.info("replication").number("connected_slaves"));
    assert!(primary.info("replication").text("slave0").contains("state=wait_bgsave"));
    let second = under_test(workers).replica_of(&primary.address()).start();
    await_link(&first);
    await_link(&second);
}

fn passes_options_of_the_link_on(workers: u32) {
    let delays = "repl-disable-tcp-nodelay yes";
    let (primary, _proxy, replica) =
        linked(workers, delays, "repl-disable-tcp-nodelay yes\nreplica-announced no");
    assert_eq!(replica.info("replication").number("replica_announced"), 0);
    assert!(primary.client().run("SET k v").is_ok());
    must_hold_the_same(&primary, &replica);
}
