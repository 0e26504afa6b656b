//! What applications do with the crate `redis` while they block.

use std::collections::HashMap;
use std::thread;

use redis::streams::{StreamAutoClaimReply, StreamPendingReply, StreamReadOptions, StreamReadReply};
use redis::{Client, Commands, Connection, RedisResult, Value, cmd, pipe, transaction};
use testkit::{Server, wait_equal, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    every_type,
    pipelines_and_transactions,
    messages,
    waiting_for_a_key,
    streams_with_groups,
    scans_and_binary_values,
    errors_and_lost_connections,
    a_replica,
);

/// The protocol versions, as an address names them.
const PROTOCOLS: [&str; 2] = ["resp2", "resp3"];

/// The library's client of a server.
pub fn library_client(server: &Server, protocol: &str) -> Client {
    Client::open(format!("redis://{}/?protocol={protocol}", server.address())).expect("an address")
}

/// Runs a check over each protocol, on an empty server.
fn over_each_protocol(workers: u32, check: fn(&Server, &Client, &mut Connection)) {
    let server = under_test(workers).start();
    for protocol in PROTOCOLS {
        let client = library_client(&server, protocol);
        let mut connection = client.get_connection().unwrap();
        connection.flushall::<()>().unwrap();
        check(&server, &client, &mut connection);
    }
}

fn every_type(workers: u32) {
    over_each_protocol(workers, |_, _, redis| {
        let () = redis.set_ex("s", "10", 100).unwrap();
        let sum: f64 = redis.incr("s", 0.5).unwrap();
        let left: i64 = redis.ttl("s").unwrap();
        assert!(sum == 10.5 && (1..=100).contains(&left));
        let length: usize = redis.rpush("l", &["a", "b", "c"]).unwrap();
        let items: Vec<String> = redis.lrange("l", 0, -1).unwrap();
        assert_eq!((length, items.join("")), (3, "abc".to_owned()));
        let () = redis.hset_multiple("h", &[("a", 1), ("b", 2)]).unwrap();
        let fields: HashMap<String, u32> = redis.hgetall("h").unwrap();
        assert_eq!(fields, HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
        let expiring: Vec<i64> = redis.hexpire("h", 100, redis::ExpireOption::NONE, &["a", "none"]).unwrap();
        assert_eq!(expiring, [1, -2]);
        let added: u32 = redis.sadd("x", &["a", "b"]).unwrap();
        let is_member: bool = redis.sismember("x", "a").unwrap();
        assert!(added == 2 && is_member);
        let () = redis.zadd_multiple("z", &[(1.0, "one"), (2.5, "two")]).unwrap();
        let ranked: Vec<(String, f64)> = redis.zrange_withscores("z", 0, -1).unwrap();
        assert_eq!(ranked, [("one".to_owned(), 1.0), ("two".to_owned(), 2.5)]);
        let none: Option<String> = redis.get("none").unwrap();
        assert_eq!(none, None);
    });
}

fn pipelines_and_transactions(workers: u32) {
    over_each_protocol(workers, |_, client, redis| {
        let mut many = pipe();
        for number in 0..5000 {
            many.set(format!("key:{number}"), number);
        }
        let () = many.query(redis).unwrap();
        let replies: (u32, u32) = pipe().atomic().get("key:1").incr("key:1", 1).query(redis).unwrap();
        assert_eq!(replies, (1, 2));
        let mut other = client.get_connection().unwrap();
        let mut attempts = 0;
        let (taken,): (u32,) = transaction(redis, &["key:7"], |redis, pipe| {
            let count: u32 = redis.get("key:7")?;
            attempts += 1;
            if attempts == 1 {
                let () = other.set("key:7", 70)?;
            }
            pipe.set("key:7", count + 1).ignore().get("key:7").query(redis)
        })
        .unwrap();
        assert_eq!((attempts, taken), (2, 71));
    });
}

fn messages(workers: u32) {
    over_each_protocol(workers, |_, client, redis| {
        let mut listening = client.get_connection().unwrap();
        let mut subscriber = listening.as_pubsub();
        subscriber.subscribe("news").unwrap();
        subscriber.psubscribe("n?ws").unwrap();
        let heard_by: u32 = redis.publish("news", "hello").unwrap();
        assert_eq!(heard_by, 2);
        let (first, second) = (subscriber.get_message().unwrap(), subscriber.get_message().unwrap());
        assert_eq!((first.get_channel_name(), first.from_pattern()), ("news", false));
        assert_eq!(second.get_pattern::<String>().unwrap(), "n?ws");
        assert_eq!(
            first.get_payload::<String>().unwrap() + &second.get_payload::<String>().unwrap(),
            "hellohello"
        );
    });
}

fn waiting_for_a_key(workers: u32) {
    over_each_protocol(workers, |server, client, redis| {
        let mut waiting = client.get_connection().unwrap();
        let waiter =
            thread::spawn(move || -> RedisResult<(String, String)> { waiting.blpop(&["a", "b"], 0.0) });
        wait_equal("blocked_clients", &1, || server.info("clients").number("blocked_clients"));
        let () = redis.rpush("b", "job").unwrap();
        assert_eq!(waiter.join().unwrap().unwrap(), ("b".to_owned(), "job".to_owned()));
        let nothing: Option<(String, String)> = redis.blpop("none", 0.01).unwrap();
        assert_eq!(nothing, None);
    });
}

fn streams_with_groups(workers: u32) {
    over_each_protocol(workers, |_, _, redis| {
        let () = redis.xgroup_create_mkstream("orders", "workers", "0").unwrap();
        for number in 1..=5 {
            let () = redis.xadd("orders", format!("{number}-1"), &[("number", number)]).unwrap();
        }
        let options = StreamReadOptions::default().group("workers", "alice").count(3);
        let reply: StreamReadReply = redis.xread_options(&["orders"], &[">"], &options).unwrap();
        let entries = &reply.keys[0].ids;
        assert_eq!((reply.keys[0].key.as_str(), entries.len()), ("orders", 3));
        assert_eq!(entries[2].get::<u32>("number"), Some(3));
        let acknowledged: u32 = redis.xack("orders", "workers", &["1-1"]).unwrap();
        let pending: StreamPendingReply = redis.xpending("orders", "workers").unwrap();
        assert_eq!((acknowledged, pending.count()), (1, 2));
        let claimed: StreamAutoClaimReply = redis
            .xautoclaim_options(
                "orders",
                "workers",
                "bob",
                0,
                "0",
                redis::streams::StreamAutoClaimOptions::default(),
            )
            .unwrap();
        assert_eq!((claimed.next_stream_id.as_str(), claimed.claimed.len()), ("0-0", 2));
    });
}

fn scans_and_binary_values(workers: u32) {
    over_each_protocol(workers, |_, _, redis| {
        let mut many = pipe();
        for number in 0..1000 {
            many.hset("h", number, number).ignore();
        }
        let () = many.query(redis).unwrap();
        let found: RedisResult<HashMap<u32, u32>> = redis.hscan("h").unwrap().collect();
        assert_eq!(found.unwrap().len(), 1000);
        let every_byte: Vec<u8> = (0..=255).collect();
        let big = every_byte.repeat(65_536);
        let () = redis.set(&every_byte, &big).unwrap();
        let read: Vec<u8> = redis.get(&every_byte).unwrap();
        assert!(read == big, "a big binary value comes back as it was");
    });
}

fn errors_and_lost_connections(workers: u32) {
    over_each_protocol(workers, |_, client, redis| {
        let () = redis.set("s", "text").unwrap();
        let code = |outcome: RedisResult<Value>| outcome.unwrap_err().code().map(str::to_owned);
        assert_eq!(code(redis.lpush("s", 1)).as_deref(), Some("WRONGTYPE"));
        assert_eq!(code(redis.incr("s", 1)).as_deref(), Some("ERR"));
        assert_eq!(code(redis.xgroup_destroy("none", "g")).as_deref(), Some("ERR"));
        let mut other = client.get_connection().unwrap();
        let number: i64 = cmd("CLIENT").arg("ID").query(&mut other).unwrap();
        let killed: u32 = cmd("CLIENT").arg(&["KILL", "ID"]).arg(number).query(redis).unwrap();
        let lost = other.get::<_, Value>("s").unwrap_err();
        assert!(killed == 1 && (lost.is_connection_dropped() || lost.is_io_error()), "{lost}");
        assert_eq!(client.get_connection().unwrap().get::<_, String>("s").unwrap(), "text");
    });
}

fn a_replica(workers: u32) {
    let primary = under_test(workers).start();
    let replica = under_test(workers).replica_of(&primary.address()).start();
    let link_is_up = || replica.info("replication").text("master_link_status") == "up";
    wait_until("the link is up", link_is_up);
    for protocol in PROTOCOLS {
        let mut redis = library_client(&primary, protocol).get_connection().unwrap();
        let mut reader = library_client(&replica, protocol).get_connection().unwrap();
        let () = redis.set("k", protocol).unwrap();
        let replicas: u32 = cmd("WAIT").arg(&[1, 60_000]).query(&mut redis).unwrap();
        assert_eq!((replicas, reader.get::<_, String>("k").unwrap().as_str()), (1, protocol));
        let refused = reader.set::<_, _, ()>("k", 1).unwrap_err();
        assert_eq!(refused.code(), Some("READONLY"));
    }
}
