//! Writes of every kind that concerns strings and expiries.

use std::time::{SystemTime, UNIX_EPOCH};

use testkit::Client;

/// Commands of every kind; `{n}` is replaced by the round, `{at}` by a time in seconds far ahead.
const WRITES: &str = r#"
    SELECT 0
    SET plain:{n} value
    SET "binary:{n}\x00\xff\r\n" "\x00\x01\xfe\xff\r\n"
    SET "" "the empty key of round {n}"
    SET empty:{n} ""
    SET integer:{n} 12345
    SET negative:{n} -9223372036854775808
    SET ex:{n} v EX 1000
    SET px:{n} v PX 1000000
    SET exat:{n} v EXAT {at}
    SET pxat:{n} v PXAT {at}123
    SET nx:{n} v NX EX 500
    SET xx:{n} one
    SET xx:{n} two XX GET
    SET keepttl:{n} one EX 2000
    SET keepttl:{n} two KEEPTTL
    SET overwritten:{n} v EX 1000
    SET overwritten:{n} w
    SETEX setex:{n} 1000 v
    PSETEX psetex:{n} 1000000 v
    SETNX setnx:{n} v
    GETSET plain:{n} changed
    SET expire:{n} v
    EXPIRE expire:{n} 1000
    EXPIRE expire:{n} 2000 GT
    SET pexpire:{n} v
    PEXPIRE pexpire:{n} 1000000 NX
    SET expireat:{n} v
    EXPIREAT expireat:{n} {at}
    SET pexpireat:{n} v
    PEXPIREAT pexpireat:{n} {at}456
    SET persist:{n} v EX 1000
    PERSIST persist:{n}
    SET getex:{n} v
    GETEX getex:{n} EX 1000
    SET getexat:{n} v
    GETEX getexat:{n} PXAT {at}789
    SET getexpersist:{n} v EX 1000
    GETEX getexpersist:{n} PERSIST
    SET past:{n} v
    EXPIRE past:{n} -1
    SET pastat:{n} v
    PEXPIREAT pastat:{n} 1
    SET getdel:{n} v
    GETDEL getdel:{n}
    INCR counter
    INCRBY counter:{n} 41
    DECR counter:{n}
    DECRBY down:{n} 5
    INCRBYFLOAT float:{n} 3.0e3
    INCRBYFLOAT float:{n} -0.125
    APPEND append:{n} hello
    APPEND append:{n} " world"
    APPEND append all
    SETRANGE append:{n} 6 WORLD
    SETRANGE padded:{n} 20 end
    MSET m1:{n} a m2:{n} b m3:{n} c
    MSETNX mnx1:{n} a mnx2:{n} b
    SET source:{n} v EX 3000
    RENAME source:{n} renamed:{n}
    SET source:{n} w
    RENAMENX source:{n} renamednx:{n}
    COPY renamed:{n} copied:{n}
    COPY plain:{n} copied:{n} DB 5 REPLACE
    SET moved:{n} v PX 5000000
    MOVE moved:{n} 3
    DEL m1:{n} missing
    UNLINK m2:{n}
    SELECT 7
    SET seven:{n} v EX 100000
    SELECT 8
    SET eight:{n} v
    SWAPDB 7 8
    SELECT 9
    SET nine:{n} v
    FLUSHDB
    SET nine:{n} again
    SELECT 10
    SET ten:{n} v
    FLUSHDB ASYNC
    SELECT 15
    SET last:{n} v
    SELECT 0
"#;

/// Performs every kind of write once, under keys of this round.
#[track_caller]
pub fn write_every_kind(client: &mut Client, round: u32) {
    let ahead = seconds_now() + 1_000_000;
    let session = WRITES.replace("{n}", &round.to_string()).replace("{at}", &ahead.to_string());
    for line in session.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let reply = client.run(line);
        assert!(!reply.is_error(), "`{line}` was refused: {reply}");
    }
}

/// Writes keys that live for some tens of milliseconds.
#[track_caller]
pub fn write_short_lived(client: &mut Client, round: u32) {
    for number in 0..50 {
        let (key, life_ms) = (format!("short:{round}:{number}"), (20 + number * 4).to_string());
        assert!(client.command(&["SET", &key, "v", "PX", &life_ms]).is_ok());
    }
}

/// Large and small values, compressible and not.
#[track_caller]
pub fn write_sizes(client: &mut Client, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for length in [1, 44, 45, 63, 64, 65, 1000, 16_383, 16_384, 70_000, 2_000_000] {
        let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
        let same = vec![b'a'; length];
        for (kind, value) in [("noise", noise), ("same", same)] {
            let key = format!("size:{kind}:{length}");
            assert!(client.command(&[b"SET".as_slice(), key.as_bytes(), &value]).is_ok(), "{key}");
        }
    }
}

/// Writes many small keys in a pipeline, every fourth with an expiry.
#[track_caller]
pub fn write_many(client: &mut Client, prefix: &str, count: u32) {
    for chunk in (0..count).collect::<Vec<_>>().chunks(10_000) {
        let commands: Vec<Vec<String>> = chunk
            .iter()
            .map(|number| {
                let mut command =
                    vec!["SET".to_owned(), format!("{prefix}:{number}"), format!("value:{number}")];
                if number % 4 == 0 {
                    command.extend(["EX".to_owned(), "100000".to_owned()]);
                }
                command
            })
            .collect();
        assert!(client.pipeline(&commands).iter().all(testkit::Reply::is_ok));
    }
}

/// Unix time in seconds.
#[expect(clippy::disallowed_methods, reason = "the tests import nothing of Ochre, so not its clock either")]
pub fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs()
}
