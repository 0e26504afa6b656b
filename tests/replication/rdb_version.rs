//! A full copy and a file are written in a version that the other side reads, with all that it can hold.

use testkit::{Client, Dataset, Program, Server, TestDirectory, check, skip, wait_equal, wait_until};

use super::pairs::{Pair, await_in_step, await_link, must_have_the_same_digest};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    replicas_get_what_they_read,
    replicas_share_copies_where_nobody_loses,
    an_old_replica_forgets_fields_with_its_primary,
    what_few_servers_know_is_passed_on_in_words_of_all,
    files_are_of_the_version_asked_for,
    payloads_are_of_the_version_asked_for,
    what_a_version_does_not_hold_is_refused,
);

/// Far ahead, in milliseconds since 1970.
const FAR_MS: &str = "4102444800000";

/// A key of every type and size, none of it expiring by fields.
fn write_every_type(client: &mut Client) {
    check(
        client,
        "SET string value\nSET number 12345\nSET compressed aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa PXAT 4102444800000
        RPUSH list a b 3 -> 3\nSADD integers 1 2 3 -> 3\nSADD texts a b 1 -> 3\nZADD sorted 1 a 2.5 b -> 2
        HSET hash f v g 7 -> 2\nPFADD hll a b c -> 1\nSETBIT bits 77 1 -> 0\nGEOADD geo 13.36 38.11 Palermo -> 1
        XADD stream 1-1 f v -> \"1-1\"\nXADD stream 2-1 g w -> \"2-1\"\nXGROUP CREATE stream group 0 -> OK",
    );
    client.run("XREADGROUP GROUP group someone COUNT 1 STREAMS stream >");
    for number in 0..700 {
        let text = format!("element {number}");
        client.command(&["RPUSH", "large list", &text]);
        client.command(&["SADD", "large set", &text]);
        client.command(&["HSET", "large hash", &text, &text]);
        client.command(&["ZADD", "large sorted", &number.to_string(), &text]);
    }
}

/// A small hash and a large one whose fields expire, some of them.
fn write_expiring_fields(client: &mut Client) {
    check(client, "HSET small f v g w -> 2\nHSET wide f v -> 1");
    client.command(&["HPEXPIREAT", "small", FAR_MS, "FIELDS", "1", "f"]);
    for number in 0..700 {
        let field = format!("field {number}");
        client.command(&["HSET", "wide", &field, "value"]);
        if number % 3 == 0 {
            client.command(&["HPEXPIREAT", "wide", FAR_MS, "FIELDS", "1", &field]);
        }
    }
}

/// When some fields expire.
fn field_expiries(server: &Server) -> Vec<String> {
    let mut client = server.client();
    let mut times = vec![client.run("HPEXPIRETIME small FIELDS 2 f g").to_string()];
    times.extend(
        ["field 0", "field 1", "field 699"]
            .map(|field| client.command(&["HPEXPIRETIME", "wide", "FIELDS", "1", field]).to_string()),
    );
    times
}

fn peers() -> Vec<Program> {
    let peers = [Program::redis_7(), Program::redis_8(), Program::valkey_9()];
    let own = Program::under_test();
    peers.into_iter().flatten().chain([own]).collect()
}

fn expires_fields(program: &Program) -> bool {
    program.is_ochre() || program.rdb_version() >= 12
}

fn is_valkey(program: &Program) -> bool {
    program.to_string().contains("Valkey")
}

fn pair_with(replica: &Program) -> Pair {
    Pair { primary: Program::under_test(), replica: replica.clone() }
}

fn replicas_get_what_they_read(workers: u32) {
    for peer in peers() {
        let primary = under_test(workers).line("repl-diskless-sync-delay 0").start();
        write_every_type(&mut primary.client());
        let before = pair_with(&peer).replica(&primary.address()).start();
        await_link(&before);
        must_have_the_same_digest(&primary, &before);
        write_expiring_fields(&mut primary.client());
        let replica = pair_with(&peer).replica(&primary.address()).start();
        await_link(&replica);
        await_in_step(&primary, &replica);
        Dataset::of(&primary).must_equal(&Dataset::of(&replica), &format!("Ochre's and those of {peer}"));
        if expires_fields(&peer) {
            assert_eq!(field_expiries(&replica), field_expiries(&primary), "{peer}");
            if !is_valkey(&peer) {
                must_have_the_same_digest(&primary, &replica);
            }
        } else {
            primary.wait_for_log("loses them when they expire here");
        }
    }
}

/// All ask at once: those who can hold the expiries get them, and Redis 7.0 a copy all the same.
fn replicas_share_copies_where_nobody_loses(workers: u32) {
    let primary = under_test(workers).line("repl-diskless-sync-delay 1").start();
    write_every_type(&mut primary.client());
    write_expiring_fields(&mut primary.client());
    let replicas: Vec<Server> = peers()
        .iter()
        .flat_map(|peer| [peer, peer])
        .map(|peer| pair_with(peer).replica(&primary.address()).start())
        .collect();
    for replica in &replicas {
        await_link(replica);
        await_in_step(&primary, replica);
        let program = replica.program();
        Dataset::of(&primary).must_equal(&Dataset::of(replica), &format!("Ochre's and those of {program}"));
        if expires_fields(program) {
            assert_eq!(field_expiries(replica), field_expiries(&primary), "{program}");
        }
    }
}

/// Redis 7.0 knows no field that expires; the primary tells it that they are gone.
fn an_old_replica_forgets_fields_with_its_primary(workers: u32) {
    let Some(old) = Program::redis_7() else { return skip("there is no redis-server 7.0") };
    let primary = under_test(workers).line("repl-diskless-sync-delay 0").start();
    let mut client = primary.client();
    check(
        &mut client,
        "HSET h f v g w x y -> 3\nHPEXPIRE h 400 FIELDS 1 f -> [1]\nHSET only f v -> 1\nHPEXPIRE only 400 FIELDS 1 f -> [1]",
    );
    let replica = pair_with(&old).replica(&primary.address()).start();
    await_link(&replica);
    let mut reader = replica.client();
    wait_until("the fields are gone from the replica", || {
        reader.run("HGETALL h").to_string() == "[\"g\", \"w\", \"x\", \"y\"]"
            && reader.run("EXISTS only").integer() == 0
    });
    // Behind the copy too: the replica refuses HPEXPIRE, and yet forgets the field.
    check(&mut client, "HPEXPIRE h 50 FIELDS 1 g -> [1]");
    wait_equal("the hash on the replica", &"[\"x\", \"y\"]".to_owned(), || {
        reader.run("HGETALL h").to_string()
    });
}

/// MSETEX and polygons are Valkey's, HSETEX is of Redis 8.
fn what_few_servers_know_is_passed_on_in_words_of_all(workers: u32) {
    for peer in peers() {
        let primary = under_test(workers).line("repl-diskless-sync-delay 0").start();
        let replica = pair_with(&peer).replica(&primary.address()).start();
        await_link(&replica);
        let mut client = primary.client();
        check(
            &mut client,
            "MSETEX 2 a 1 b 2 PXAT 4102444800000 -> 1\nMSETEX 2 a 3 c 4 KEEPTTL -> 1\nMSETEX 1 d 5 NX -> 1
            GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania -> 2
            GEOSEARCHSTORE inside g BYPOLYGON 3 12 37 18 37 18 39 -> 1
            HSETEX small FIELDS 2 f v g w -> 1\nHSETEX wide KEEPTTL FIELDS 1 f v -> 1",
        );
        if expires_fields(&peer) {
            check(
                &mut client,
                "HSETEX small PXAT 4102444800000 FIELDS 2 f 1 h 2 -> 1\nHINCRBYFLOAT small f 0.5 -> \"1.5\"
                HSETEX small KEEPTTL FIELDS 2 h 3 i 4 -> 1",
            );
        }
        await_in_step(&primary, &replica);
        Dataset::of(&primary).must_equal(&Dataset::of(&replica), &format!("Ochre's and those of {peer}"));
        if expires_fields(&peer) {
            assert_eq!(field_expiries(&replica), field_expiries(&primary), "{peer}");
        }
    }
}

/// What a program of a version reads is what the option makes.
fn versions_of(program: &Program) -> &'static [&'static str] {
    if program.is_ochre() {
        &["auto", "12", "80"]
    } else if is_valkey(program) {
        &["80"]
    } else {
        &["auto", "12"]
    }
}

fn files_are_of_the_version_asked_for(workers: u32) {
    for reader in peers() {
        let with_expiries = expires_fields(&reader);
        let versions = if with_expiries { versions_of(&reader) } else { &["10"] };
        for version in versions {
            let mut writer = under_test(workers).line(&format!("rdb-version {version}")).start();
            let mut client = writer.client();
            write_every_type(&mut client);
            if with_expiries {
                write_expiring_fields(&mut client);
            }
            check(&mut client, "SAVE -> OK");
            let before = (Dataset::of(&writer), with_expiries.then(|| field_expiries(&writer)));
            writer.kill9();
            let directory = TestDirectory::new();
            directory.copy_from(writer.directory(), &["dump.rdb"]);
            let server = Server::builder(&reader).directory(&directory).start();
            before.0.must_equal(&Dataset::of(&server), &format!("in version {version}, read by {reader}"));
            assert_eq!(with_expiries.then(|| field_expiries(&server)), before.1, "{version} {reader}");
        }
    }
}

fn payloads_are_of_the_version_asked_for(workers: u32) {
    let writer = under_test(workers).start();
    let mut client = writer.client();
    write_every_type(&mut client);
    write_expiring_fields(&mut client);
    for reader in peers() {
        let server = Server::start(&reader);
        let mut other = server.client();
        let expires = expires_fields(&reader);
        let version = if is_valkey(&reader) {
            "80"
        } else if expires {
            "12"
        } else {
            "10"
        };
        check(&mut client, &format!("CONFIG SET rdb-version {version} -> OK"));
        for key in client.run("KEYS *").array() {
            let key = key.text();
            if !expires && ["small", "wide"].contains(&key.as_str()) {
                continue;
            }
            let payload = client.command(&["DUMP", &key]).bytes().expect("a payload");
            let words = [b"RESTORE".to_vec(), key.clone().into_bytes(), b"0".to_vec(), payload];
            assert_eq!(other.command(&words).to_string(), "OK", "{key}: {version}, read by {reader}");
        }
        if expires {
            assert_eq!(field_expiries(&server), field_expiries(&writer), "{reader}");
        }
    }
}

fn what_a_version_does_not_hold_is_refused(workers: u32) {
    let server = under_test(workers).line("rdb-version 11").line("appendonly yes").start();
    let mut client = server.client();
    check(&mut client, "HSET h f v -> 1\nSAVE -> OK\nHEXPIRE h 1000 FIELDS 1 f -> [1]");
    for request in ["SAVE", "BGSAVE"] {
        let reply = client.run(request).to_string();
        assert!(reply.contains("which rdb-version 11 does not hold"), "{request}: {reply}");
    }
    assert_eq!(client.info("persistence").text("rdb_last_bgsave_status"), "err");
    check(&mut client, "CONFIG SET rdb-version 10 -> OK");
    // The log must not grow for ever for it: its base holds everything.
    client.run("BGREWRITEAOF");
    server.wait_for_log("Background AOF rewrite finished successfully");
    check(&mut client, "HDEL h f -> 1\nSAVE -> OK");
}
