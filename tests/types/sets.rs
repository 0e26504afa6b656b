//! Sets, bitmaps and HyperLogLogs in files and over links: what one server wrote, another holds alike.

use fastrand::Rng;
use testkit::Client;

use super::exchange;
use crate::replication::pairs::{Pair, with_every_peer};

with_every_peer!(the_rdb_file, the_log_as_commands, random_changes);

/// Keys of each type that the changes are spread over.
const KEYS: u32 = 8;

fn member(random: &mut Rng) -> Vec<u8> {
    match random.u32(..12) {
        0 => random.i64(..).to_string().into_bytes(),
        1 => vec![b'x'; random.usize(..200)],
        2 => std::iter::repeat_with(|| random.u8(..)).take(30).collect(),
        3 => format!("member {}", random.u32(..300)).into_bytes(),
        _ => random.u32(..1000).to_string().into_bytes(),
    }
}

fn words(line: &str) -> Vec<Vec<u8>> {
    line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
}

/// A command that changes a set, a bitmap, a HyperLogLog or a list.
fn change(random: &mut Rng) -> Vec<Vec<u8>> {
    let (one, two) = (random.u32(..KEYS), random.u32(..KEYS));
    let number = random.u32(..500);
    match random.u32(..16) {
        0..6 => {
            let count = if random.u32(..10) == 0 { 150 } else { random.usize(1..10) };
            let members = (0..count).map(|_| member(random)).collect();
            [words(&format!("SADD set:{one}")), members].concat()
        }
        6 => [words(&format!("SREM set:{one}")), vec![member(random), member(random)]].concat(),
        7 => words(&format!("SPOP set:{one}")),
        8 => words(&format!("SPOP set:{one} {}", number / 5)),
        9 => [words(&format!("SMOVE set:{one} set:{two}")), vec![member(random)]].concat(),
        10 => words(&format!("SUNIONSTORE result:{one} set:{one} set:{two}")),
        11 => words(&format!("SDIFFSTORE result:{one} set:{one} set:{two}")),
        12 => words(&format!("SINTERSTORE result:{one} set:{one} set:{two}")),
        13 => words(&format!("SORT set:{one} ALPHA LIMIT 0 20 STORE sorted:{one}")),
        14 => words(&format!("BITFIELD bits:{one} SET u9 #{number} {number} INCRBY i16 {number} -3")),
        _ => [words(&format!("PFADD hll:{one}")), (0..40).map(|_| member(random)).collect()].concat(),
    }
}

/// Changes keys at random; what is refused does no harm.
fn change_many(client: &mut Client, seed: u64) {
    let mut random = Rng::with_seed(seed);
    for round in 0..12 {
        let batch: Vec<Vec<Vec<u8>>> = (0..100).map(|_| change(&mut random)).collect();
        client.pipeline(&batch);
        client.run(&format!("PFMERGE hll:{} hll:{}", round % KEYS, (round + 1) % KEYS));
        client.run(&format!("PFCOUNT hll:{}", round % KEYS));
        client.run(&format!("BITOP XOR bits:{} bits:{} bits:{}", KEYS, round % KEYS, (round + 1) % KEYS));
    }
    let large: Vec<Vec<u8>> = (0..5_000).map(|number| format!("large {number}").into_bytes()).collect();
    for chunk in large.chunks(1000) {
        client.command(&[words("SADD large"), chunk.to_vec()].concat());
    }
    client.run("SPOP large 4000");
}

fn the_rdb_file(pair: &Pair) {
    for lines in ["", "set-max-intset-entries 4\nrdbcompression no"] {
        exchange::rdb_file(pair, lines, change_many, |_| ());
    }
}

fn the_log_as_commands(pair: &Pair) {
    exchange::log_as_commands(pair, change_many, "SADD behind a b c");
}

fn random_changes(pair: &Pair) {
    exchange::copy_and_stream(pair, change_many);
}
