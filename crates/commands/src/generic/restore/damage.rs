//! RESTORE of damaged payloads: refused, or a value that all commands of its type can work on.

use crate::testing::{Bench, check_on};
use datatypes::collection::Value;
use datatypes::limits::Limits;
use rdb::dump;
use stdx::{bytes, crc};

/// A key of every type and encoding, and one that no payload may touch.
const KEYS: &str = "SET s abc | SET i 12345 | SET kept yes
    RPUSH l a 1 -5 70000 | CONFIG SET list-max-listpack-size 2 | RPUSH q a b 3 4 70000 f | CONFIG SET list-max-listpack-size -2
    SADD si 1 -5 70000 | SADD sl a 1 two | CONFIG SET set-max-listpack-entries 1 | SADD st a 1 two
    ZADD zl 1 a 2.5 b inf c -3 5 | CONFIG SET zset-max-listpack-entries 1 | ZADD zt 1 a 2.5 b inf c -3 5
    HSET h a 1 b two 3 70000 | HSET e a 1 b 2 | HPEXPIREAT e {ms+1000} FIELDS 1 b
    CONFIG SET hash-max-listpack-entries 1 | HSET t a 1 b 2 c 3 | HSET x a 1 b 2 c 3 | HPEXPIREAT x {ms+1000} FIELDS 2 a c
    CONFIG SET stream-node-max-entries 3 | XADD m 5-1 f 1 g v | XADD m 5-2 f 2 g v | XADD m 5-3 o 3 | XADD m 5-4 f 4 g v
    XADD m 6-0 f 5 | XDEL m 5-2 | XGROUP CREATE m grp 0 | XREADGROUP GROUP grp one COUNT 2 STREAMS m >
    XREADGROUP GROUP grp two COUNT 1 STREAMS m > | XGROUP CREATE m empty $";

const LISTS: &[&str] = &[
    "LRANGE k 0 -1",
    "LRANGE k -3 -2",
    "LINDEX k -1",
    "LPOS k 1 RANK -1 COUNT 0 MAXLEN 9",
    "SORT k ALPHA DESC",
    "LINSERT k BEFORE 1 x",
    "LINSERT k AFTER f y",
    "LSET k -1 70001",
    "RPUSH k 1 two",
    "LPUSH k three",
    "LMOVE k k LEFT RIGHT",
    "LREM k -2 1",
    "LTRIM k 1 -1",
    "LPOP k 2",
    "RPOP k 2",
];

const SETS: &[&str] = &[
    "SMEMBERS k",
    "SSCAN k 0",
    "SRANDMEMBER k -5",
    "SMISMEMBER k 1 a two",
    "SINTERCARD 2 k k",
    "SUNIONSTORE other k k",
    "SDIFF k other",
    "SADD k 1 2 b",
    "SADD k 99999999999",
    "SMOVE k other 1",
    "SREM k a -5 70000",
    "SPOP k 2",
    "SORT k ALPHA",
];

const SORTED_SETS: &[&str] = &[
    "ZRANGE k 0 -1 WITHSCORES",
    "ZRANGE k -inf +inf BYSCORE REV",
    "ZREVRANGE k 0 1",
    "ZRANGE k - + BYLEX",
    "ZRANK k a WITHSCORE",
    "ZCOUNT k (1 inf",
    "ZLEXCOUNT k [a +",
    "ZSCAN k 0",
    "ZRANDMEMBER k -5 WITHSCORES",
    "ZUNIONSTORE other 2 k k WEIGHTS 1 -1",
    "GEODIST k a b",
    "GEOSEARCH k FROMLONLAT 1 1 BYRADIUS 30000 km WITHDIST WITHHASH",
    "ZADD k 7 a 8 d -0 e",
    "ZINCRBY k 1.5 b",
    "ZINCRBY k -inf c",
    "ZREM k 5 a",
    "ZPOPMIN k",
    "ZREMRANGEBYRANK k 0 0",
    "ZREMRANGEBYSCORE k (1 9",
];

const HASHES: &[&str] = &[
    "HGETALL k",
    "HSCAN k 0",
    "HRANDFIELD k -5 WITHVALUES",
    "HMGET k a b 3",
    "HPEXPIRETIME k FIELDS 3 a b c",
    "HSET k a 2 new 5",
    "HINCRBY k 3 1",
    "HINCRBYFLOAT k 3 1.5",
    "HPEXPIRE k 5000 FIELDS 2 a 3",
    "HPERSIST k FIELDS 1 b",
    "HSTRLEN k b",
    "HGETEX k PX 100 FIELDS 1 a",
    "HGETDEL k FIELDS 1 b",
    "HDEL k a c",
];

const STREAMS: &[&str] = &[
    "XRANGE k - +",
    "XREVRANGE k + - COUNT 3",
    "XRANGE k (5-1 5-3",
    "XINFO STREAM k",
    "XINFO STREAM k FULL COUNT 0",
    "XINFO GROUPS k",
    "XINFO CONSUMERS k grp",
    "XPENDING k grp",
    "XPENDING k grp IDLE 1 - + 9",
    "XREADGROUP GROUP grp one COUNT 2 STREAMS k 0",
    "XREADGROUP GROUP grp two COUNT 2 STREAMS k >",
    "XAUTOCLAIM k grp three 0 - COUNT 9",
    "XCLAIM k grp one 1 5-1 5-3 RETRYCOUNT 3",
    "XACK k grp 5-1 6-0",
    "XADD k * f 1 g v",
    "XADD k * f 1 o v",
    "XDEL k 5-3",
    "XREAD COUNT 1 STREAMS k 0",
    "XTRIM k MAXLEN 2",
    "XADD k MINID 5-4 * f 2 g v",
    "XGROUP SETID k empty 0",
    "XGROUP DELCONSUMER k grp one",
    "XGROUP DESTROY k grp",
];

const STRINGS: &[&str] = &["APPEND k x", "SETBIT k 7 1", "GETRANGE k 0 -1", "BITCOUNT k", "STRLEN k"];

fn battery(value: &Value) -> &'static [&'static str] {
    match value {
        Value::String(_) => STRINGS,
        Value::List(_) => LISTS,
        Value::Set(_) => SETS,
        Value::SortedSet(_) => SORTED_SETS,
        Value::Hash(_) => HASHES,
        Value::Stream(_) => STREAMS,
    }
}

/// Every length and every byte of the payloads, with the checksum made right.
#[test]
fn no_payload_is_too_damaged() {
    let mut bench = Bench::new();
    check_on(&mut bench, KEYS);
    let (mut refused, mut taken) = (0, 0);
    for key in ["s", "i", "l", "q", "si", "sl", "st", "zl", "zt", "h", "e", "t", "x", "m"] {
        let dumped = bench.run(&format!("DUMP {key}"));
        let sound = bytes::split_arguments(dumped.as_bytes()).expect("quoted").remove(0);
        let (body, _) = sound.split_at(sound.len() - 8);
        for at in 0..body.len() - 2 {
            let changed = [1, 2, 3, 0x40, 0x80, 0xff].map(|change| {
                let mut damaged = body.to_vec();
                damaged[at] ^= change;
                damaged
            });
            let cut = [body[at + 1..].to_vec(), [&body[..at], &body[body.len() - 2..]].concat()];
            for damaged in changed.into_iter().chain(cut) {
                if try_payload(&mut bench, damaged) { taken += 1 } else { refused += 1 }
            }
        }
    }
    check_on(&mut bench, "GET kept -> \"yes\"");
    assert!(refused > 1_000 && taken > 1_000, "{refused} refused, {taken} taken");
}

/// Restores a payload; if it is taken, all commands of its type come upon it. Tells whether it is.
fn try_payload(bench: &mut Bench, mut payload: Vec<u8>) -> bool {
    payload.extend(crc::crc64(0, &payload).to_le_bytes());
    let shown = bytes::quoted(&payload);
    let Ok(value) = dump::read(&payload, Limits::DEFAULT, true) else {
        let reply = bench.run(&format!("RESTORE kept 0 {shown} REPLACE"));
        assert!(reply.starts_with("ERR Bad data format") || reply.starts_with("ERR DUMP payload"), "{reply}");
        return false;
    };
    assert_eq!(bench.run(&format!("RESTORE k 0 {shown} REPLACE")), "OK");
    for request in battery(&value) {
        bench.run(request);
        check_on(bench, "DUMP k");
    }
    let dumped = bench.run("DUMP k");
    if dumped != "nil" {
        assert_eq!(bench.run(&format!("RESTORE k 0 {dumped} REPLACE")), "OK", "{shown}");
    }
    bench.run("DEL k other");
    true
}
