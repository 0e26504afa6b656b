//! Hashes: what one server wrote another reads, random commands reach replicas, fields expire.

use fastrand::Rng;
use testkit::{Client, Dataset, Program, Server, TestDirectory, check, wait_equal};

use crate::replication::pairs::{Pair, await_in_step, digest, must_hold_the_same, with_every_peer};
use crate::workers::{under_test, with_one_and_two_workers};

with_every_peer!(files_change_hands, random_commands_reach_the_replica);
with_one_and_two_workers!(fields_expire_by_themselves, expiring_fields_survive_restarts);

/// Far ahead, in milliseconds since 1970.
const FAR_MS: u64 = 4_102_444_800_000;

/// Whether expiring fields can go over: both know them, and the replica reads the primary's files that hold them.
fn takes_expiring_fields(pair: &Pair) -> bool {
    let knows = |program: &Program| program.is_ochre() || program.rdb_version() >= 12;
    let reads = pair.replica.is_ochre() || pair.replica.rdb_version() == 12;
    knows(&pair.primary) && knows(&pair.replica) && reads
}

/// Whether DEBUG DIGEST of both is made alike: Valkey's leaves the expiry of fields out.
fn digests_agree(pair: &Pair) -> bool {
    let is_valkey = |program: &Program| program.to_string().contains("Valkey");
    !is_valkey(&pair.primary) && !is_valkey(&pair.replica)
}

/// Random changes of some hashes, small ones and large ones.
fn write(client: &mut Client, random: &mut Rng, commands: usize, expiring: bool) {
    for _ in 0..commands {
        let key = format!("hash:{}", random.u32(..8));
        let field = format!("f{}", random.u32(..if key.ends_with('7') { 900 } else { 12 }));
        let value = match random.u32(..12) {
            0 => "x".repeat(random.usize(..200)),
            1..=6 => random.i32(-70_000..70_000).to_string(),
            _ => format!("value {}", random.u32(..)),
        };
        let at_ms = (FAR_MS + random.u64(..1_000_000)).to_string();
        let command: Vec<&str> = match random.u32(..if expiring { 16 } else { 9 }) {
            0..=4 => vec!["HSET", &key, &field, &value, "other", &value],
            5 => vec!["HDEL", &key, &field],
            6 => vec!["HINCRBY", &key, "counter", "3"],
            7 => vec!["HINCRBYFLOAT", &key, "float", "0.25"],
            8 => vec!["HSETNX", &key, &field, &value],
            9..=12 => vec!["HPEXPIREAT", &key, &at_ms, "FIELDS", "2", &field, "other"],
            13 => vec!["HPERSIST", &key, "FIELDS", "1", &field],
            14 => vec!["HEXPIRE", &key, "0", "FIELDS", "1", &field],
            _ => vec!["HPEXPIRE", &key, "100000000", "GT", "FIELDS", "1", &field],
        };
        client.command(&command);
    }
}

fn files_change_hands(pair: &Pair) {
    let mut writer = Server::start(&pair.primary);
    let mut random = Rng::with_seed(1);
    write(&mut writer.client(), &mut random, 3_000, takes_expiring_fields(pair));
    check(&mut writer.client(), "SAVE -> OK");
    let (before, digest_before) = (Dataset::of(&writer), digest(&writer));
    writer.kill9();
    let directory = TestDirectory::new();
    directory.copy_from(writer.directory(), &["dump.rdb"]);
    let reader = Server::builder(&pair.replica).directory(&directory).start();
    before.must_equal(&Dataset::of(&reader), "the writer's and the reader's");
    if digests_agree(pair) {
        assert_eq!(digest(&reader), digest_before);
    }
}

fn random_commands_reach_the_replica(pair: &Pair) {
    let (primary, replica) = pair.linked();
    let expiring = takes_expiring_fields(pair);
    let (mut client, mut random) = (primary.client(), Rng::with_seed(2));
    for round in 0..20 {
        write(&mut client, &mut random, 100, expiring);
        if expiring && digests_agree(pair) {
            let ms = random.u32(1..30).to_string();
            client.command(&["HPEXPIRE", &format!("hash:{}", round % 8), &ms, "FIELDS", "2", "other", "f1"]);
        }
    }
    if digests_agree(pair) {
        must_hold_the_same(&primary, &replica);
    } else {
        await_in_step(&primary, &replica);
        Dataset::of(&primary).must_equal(&Dataset::of(&replica), "the primary's and the replica's");
    }
}

/// Nobody asks for them, and yet they go, and with the last one the key.
fn fields_expire_by_themselves(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(&mut client, "HSET h a 1 b 2 c 3 -> 3");
    for number in 0..2_000 {
        client.command(&["HSET", "large", &format!("field:{number}"), "v"]);
        client.command(&["HPEXPIRE", "large", "20", "FIELDS", "1", &format!("field:{number}")]);
    }
    client.run("HPEXPIRE h 20 FIELDS 2 a b");
    wait_equal("expired_subkeys", &2_002, || server.info("stats").number("expired_subkeys"));
    wait_equal("the keys", &1, || client.run("DBSIZE").integer());
    check(&mut client, "HGETALL h -> [\"c\", \"3\"]");
}

fn expiring_fields_survive_restarts(workers: u32) {
    for lines in ["", "appendonly yes", "appendonly yes\naof-use-rdb-preamble no"] {
        let mut server = under_test(workers).lines(lines).start();
        let mut client = server.client();
        write(&mut client, &mut Rng::with_seed(3), 2_000, true);
        if lines.is_empty() {
            check(&mut client, "SAVE -> OK");
        } else {
            client.run("BGREWRITEAOF");
            wait_equal("aof_rewrite_in_progress", &0, || {
                server.info("persistence").number("aof_rewrite_in_progress")
            });
            write(&mut client, &mut Rng::with_seed(4), 500, true);
        }
        let before = (Dataset::of(&server), digest(&server));
        if lines.is_empty() {
            server.kill9();
        } else {
            assert!(server.terminate().success());
        }
        server.restart();
        before.0.must_equal(&Dataset::of(&server), "before and after the restart");
        assert_eq!(digest(&server), before.1, "{lines}");
    }
}
