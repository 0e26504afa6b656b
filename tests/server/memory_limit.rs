//! The limits of memory: what each policy evicts, what is refused, who is told, which clients are closed.

use testkit::{Client, Server, check, wait_until};

use crate::replication::pairs::{await_in_step, await_link, must_hold_the_same};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    each_policy_evicts_what_it_should,
    without_anything_to_evict_writes_are_refused,
    a_lower_limit_takes_effect_at_once,
    those_who_want_to_know_are_told,
    replicas_follow,
    counts_of_use_outlive_a_restart,
    the_largest_clients_are_closed,
);

const KEYS: usize = 12_000;

fn used_bytes(client: &mut Client) -> u64 {
    client.info("memory").number("used_memory").unsigned_abs()
}

/// Sets a limit of so many bytes more than is used.
fn limit(client: &mut Client, policy: &str, more_bytes: u64) -> u64 {
    let bytes = used_bytes(client) + more_bytes;
    let set = format!("CONFIG SET maxmemory-policy {policy} maxmemory {bytes}");
    assert_eq!(client.run(&set).to_string(), "OK");
    bytes
}

/// Writes keys of some hundred bytes, with an expiry the later ones of which come later; returns how many were refused.
fn fill(client: &mut Client, keys: std::ops::Range<usize>, is_expiring: bool) -> usize {
    let value = "x".repeat(300);
    let writes: Vec<Vec<String>> = keys
        .map(|number| {
            let mut words = vec!["SET".to_owned(), format!("key:{number}"), value.clone()];
            if is_expiring {
                words.extend(["EX".to_owned(), (10_000 + number).to_string()]);
            }
            words
        })
        .collect();
    client.pipeline(&writes).iter().filter(|reply| !reply.is_ok()).count()
}

fn held(client: &mut Client, keys: std::ops::Range<usize>) -> usize {
    let asked: Vec<Vec<String>> =
        keys.map(|number| vec!["EXISTS".to_owned(), format!("key:{number}")]).collect();
    client.pipeline(&asked).iter().filter(|reply| reply.integer() == 1).count()
}

fn each_policy_evicts_what_it_should(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    for policy in
        ["allkeys-random", "volatile-random", "volatile-ttl", "allkeys-lfu", "volatile-lfu", "allkeys-lru"]
    {
        check(&mut client, "FLUSHALL SYNC -> OK\nCONFIG SET maxmemory 0 -> OK\nCONFIG RESETSTAT -> OK");
        let is_expiring = policy.starts_with("volatile");
        // These have no expiry: a volatile policy never takes them.
        let kept: Vec<Vec<String>> =
            (0..200).map(|number| vec!["SET".to_owned(), format!("kept:{number}"), "v".to_owned()]).collect();
        client.pipeline(&kept);
        let bytes = limit(&mut client, policy, 2 << 20);
        fill(&mut client, 0..500, is_expiring);
        if policy.ends_with("lfu") {
            for _ in 0..30 {
                held_by_get(&mut client, 0..500);
            }
        }
        assert_eq!(fill(&mut client, 500..KEYS, is_expiring), 0, "{policy}");
        let mut evicted = 0;
        wait_until("all keys are there or evicted", || {
            evicted = client.info("stats").number("evicted_keys");
            client.run("DBSIZE").integer() + evicted == KEYS as i64 + 200
        });
        assert!(evicted > KEYS as i64 / 4, "{policy}: {evicted}");
        wait_until("it is below the limit", || used_bytes(&mut client) < bytes + (256 << 10));
        let first = held(&mut client, 0..500);
        match policy {
            "volatile-ttl" => assert!(first < 50, "{policy}: {first}"),
            "allkeys-lfu" | "volatile-lfu" => assert!(first > 450, "{policy}: {first}"),
            _ => {}
        }
        if is_expiring {
            let asked: Vec<Vec<String>> =
                (0..200).map(|number| vec!["EXISTS".to_owned(), format!("kept:{number}")]).collect();
            assert!(client.pipeline(&asked).iter().all(|reply| reply.integer() == 1), "{policy}");
        }
    }
}

fn held_by_get(client: &mut Client, keys: std::ops::Range<usize>) {
    let asked: Vec<Vec<String>> =
        keys.map(|number| vec!["GET".to_owned(), format!("key:{number}")]).collect();
    client.pipeline(&asked);
}

fn without_anything_to_evict_writes_are_refused(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    for policy in ["noeviction", "volatile-lru", "volatile-ttl", "volatile-random"] {
        check(&mut client, "FLUSHALL SYNC -> OK\nCONFIG SET maxmemory 0 -> OK");
        limit(&mut client, policy, 1 << 20);
        assert!(fill(&mut client, 0..KEYS, false) > KEYS / 2, "{policy}");
        // What clients had in their buffers is free again.
        check(&mut client, "CONFIG SET maxmemory 1000 -> OK");
        check(
            &mut client,
            "SET k v -> OOM command not allowed when used memory > 'maxmemory'.
             MULTI -> OK
             GET key:1 -> OOM command not allowed when used memory > 'maxmemory'.
             EXEC -> EXECABORT Transaction discarded because of previous errors.
             PING -> PONG
             DEL key:0 -> 1
             CONFIG SET maxmemory 0 -> OK
             MULTI -> OK
             SET k v -> QUEUED
             EXEC -> [OK]",
        );
    }
}

fn a_lower_limit_takes_effect_at_once(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let before = used_bytes(&mut client);
    fill(&mut client, 0..KEYS, false);
    let bytes = before + (1 << 20);
    let set = format!("CONFIG SET maxmemory-policy allkeys-lru maxmemory {bytes}");
    assert_eq!(client.run(&set).to_string(), "OK");
    server.wait_for_log("is smaller than the current memory usage");
    wait_until("it is below the limit", || used_bytes(&mut client) < bytes + (256 << 10));
    assert!(client.run("DBSIZE").integer() < KEYS as i64 / 2);
    wait_until("it is over", || client.info("stats").number("current_eviction_exceeded_time") == 0);
}

fn those_who_want_to_know_are_told(workers: u32) {
    let server = under_test(workers).line("notify-keyspace-events Ee").start();
    let (mut listener, mut reader, mut client) = (server.client(), server.client(), server.client());
    listener.run("SUBSCRIBE __keyevent@0__:evicted");
    check(&mut client, "SET watched v -> OK");
    check(&mut reader, "WATCH watched -> OK\nMULTI -> OK\nPING -> QUEUED");
    limit(&mut client, "allkeys-random", 0);
    wait_until("the key is gone", || client.run("EXISTS watched").integer() == 0);
    let told = listener.reply().to_string();
    assert_eq!(told, r#"["message", "__keyevent@0__:evicted", "watched"]"#);
    assert_eq!(reader.run("EXEC").to_string(), "nil");
}

fn replicas_follow(workers: u32) {
    // The backlog counts as well, up to its size.
    let primary = under_test(workers).line("repl-backlog-size 64kb").start();
    let replica: Server =
        under_test(workers).line(&format!("replicaof 127.0.0.1 {}", primary.port())).start();
    await_link(&replica);
    let mut client = primary.client();
    for (policy, lazy) in [("allkeys-lru", "yes"), ("volatile-lfu", "no")] {
        assert!(client.run("FLUSHALL SYNC").is_ok());
        assert!(client.run(&format!("CONFIG SET maxmemory 0 lazyfree-lazy-eviction {lazy}")).is_ok());
        limit(&mut client, policy, 2 << 20);
        assert_eq!(fill(&mut client, 0..KEYS, true), 0);
        wait_until("it is over", || client.info("stats").number("current_eviction_exceeded_time") == 0);
        await_in_step(&primary, &replica);
        must_hold_the_same(&primary, &replica);
        assert!(client.run("DBSIZE").integer() < KEYS as i64);
    }
    assert_eq!(replica.client().info("stats").number("evicted_keys"), 0);
}

fn counts_of_use_outlive_a_restart(workers: u32) {
    let mut server =
        under_test(workers).line("maxmemory-policy allkeys-lfu").line("lfu-log-factor 0").start();
    let mut client = server.client();
    check(&mut client, "SET k v -> OK\nRPUSH l a -> 1");
    (0..20).for_each(|_| drop(client.run("GET k")));
    let before = client.run("OBJECT FREQ k").integer();
    assert!((20..=25).contains(&before), "{before}");
    check(&mut client, "SAVE -> OK");
    server.restart();
    let mut client = server.client();
    let after = client.run("OBJECT FREQ k").integer();
    assert!((before - 2..=before).contains(&after), "{before} before, {after} after");
    assert!((3..=6).contains(&client.run("OBJECT FREQ l").integer()));
    assert!(client.run("OBJECT IDLETIME k").text().starts_with("ERR An LFU maxmemory policy is selected"));
}

fn the_largest_clients_are_closed(workers: u32) {
    let server = under_test(workers).line("maxmemory-clients 4mb").start();
    let (mut large, mut exempt, mut small) = (server.client(), server.client(), server.client());
    check(&mut exempt, "CLIENT NO-EVICT ON -> OK");
    // Unfinished requests: their bytes wait in the query buffers.
    exempt.send(&[b"*2\r\n$4\r\nECHO\r\n$3000000\r\n".as_slice(), &[b'x'; 2_000_000]].concat());
    let begun = [b"*2\r\n$4\r\nECHO\r\n$6000000\r\n".as_slice(), &[b'x'; 5_000_000]].concat();
    if large.try_send(&begun).is_ok() {
        wait_until("the large client is closed", || large.is_closed());
    }
    wait_until("it is counted", || small.info("stats").number("evicted_clients") == 1);
    exempt.send(&[&[b'x'; 1_000_000], b"\r\n".as_slice()].concat());
    assert_eq!(exempt.reply().text().len(), 3_000_000);
    check(&mut small, "PING -> PONG");
    server.wait_for_log("Evicting client: ");
}
