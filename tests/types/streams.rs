//! Streams in files and over links: what one server wrote, another holds alike, and knows who was handed what.

use fastrand::Rng;
use testkit::{Client, Server};

use super::exchange;
use crate::replication::pairs::{Pair, with_every_peer};

with_every_peer!(the_rdb_file, the_log_as_commands, random_changes);

/// Keys that the changes are spread over.
const KEYS: u32 = 4;
const GROUPS: [&str; 2] = ["readers", "others"];

fn words(text: &str) -> Vec<Vec<u8>> {
    text.split(' ').map(|word| word.as_bytes().to_vec()).collect()
}

/// An identifier around those that entries have.
fn id(random: &mut Rng) -> String {
    format!("{}-{}", random.u32(1..40), random.u32(..3))
}

/// A command that changes a stream or what its groups know.
fn change(random: &mut Rng) -> Vec<Vec<u8>> {
    let key = format!("stream:{}", random.u32(..KEYS));
    let group = GROUPS[random.usize(..GROUPS.len())];
    let consumer = ["one", "two", "three"][random.usize(..3)];
    let id = id(random);
    words(&match random.u32(..20) {
        0..8 => format!("XADD {key} * field {} other {}", random.u32(..), "x".repeat(random.usize(..60))),
        8 => format!("XADD {key} MAXLEN ~ 300 * only {}", random.u32(..)),
        9 => format!("XTRIM {key} MAXLEN {}", random.u32(100..200)),
        10..14 => format!("XREADGROUP GROUP {group} {consumer} COUNT 3 STREAMS {key} >"),
        14 => format!("XREADGROUP GROUP {group} {consumer} COUNT 2 NOACK STREAMS {key} >"),
        15 => format!("XAUTOCLAIM {key} {group} {consumer} 0 0 COUNT 3"),
        16 => format!("XCLAIM {key} {group} {consumer} 0 {id} FORCE"),
        17 => format!("XADD {key} {id} early entry"),
        18 => format!("XACK {key} {group} {id} {id}"),
        _ => format!("XDEL {key} {id}"),
    })
}

/// Changes streams at random, which all have their groups.
fn change_many(client: &mut Client, seed: u64) {
    let mut random = Rng::with_seed(seed);
    for key in 0..KEYS {
        for number in 1..30 {
            client.run(&format!("XADD stream:{key} {number}-1 field {number} other text"));
        }
        for group in GROUPS {
            client.run(&format!("XGROUP CREATE stream:{key} {group} 0 MKSTREAM"));
        }
    }
    for _ in 0..20 {
        let batch: Vec<Vec<Vec<u8>>> = (0..100).map(|_| change(&mut random)).collect();
        client.pipeline(&batch);
    }
    client.run("XGROUP CREATE empty readers $ MKSTREAM");
}

/// What the groups know, which no digest covers: how far they have read, and who has what pending.
fn groups(server: &Server) -> Vec<String> {
    let mut client = server.client();
    let pairs = (0..KEYS).flat_map(|key| GROUPS.map(|group| (key, group)));
    let pending = pairs.map(|(key, group)| client.run(&format!("XPENDING stream:{key} {group}")).to_string());
    pending.collect()
}

fn the_rdb_file(pair: &Pair) {
    for lines in ["", "stream-node-max-entries 3\nrdbcompression no"] {
        exchange::rdb_file(pair, lines, change_many, groups);
    }
}

/// What is pending of entries that are gone is lost on this way: no server claims an entry that is not there.
fn the_log_as_commands(pair: &Pair) {
    exchange::log_as_commands(pair, change_many, "XADD stream:0 * behind all");
}

fn random_changes(pair: &Pair) {
    let (primary, replica) = exchange::copy_and_stream(pair, change_many);
    assert_eq!(groups(&primary), groups(&replica));
}
