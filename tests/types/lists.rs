//! Lists in files and over links: what one server wrote, another holds alike.

use fastrand::Rng;
use testkit::Client;

use super::exchange;
use crate::replication::pairs::{Pair, with_every_peer};

with_every_peer!(the_rdb_file, the_log_as_commands, random_changes);

/// Keys that the changes are spread over.
const KEYS: u32 = 12;

fn element(random: &mut Rng) -> Vec<u8> {
    match random.u32(..10) {
        0 => random.i64(..).to_string().into_bytes(),
        1 => vec![b'x'; random.usize(..2000)],
        2 if random.u32(..20) == 0 => vec![b'y'; 20_000],
        3 => std::iter::repeat_with(|| random.u8(..)).take(30).collect(),
        _ => random.u32(..20).to_string().into_bytes(),
    }
}

/// A command that changes a list, if it is there and long enough.
fn change(random: &mut Rng) -> Vec<Vec<u8>> {
    let mut key = || format!("list:{}", random.u32(..KEYS)).into_bytes();
    let (key, other) = (key(), key());
    let text = |words: &str| words.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
    let mut words = match random.u32(..14) {
        0..6 => text(if random.bool() { "RPUSH" } else { "LPUSH" }),
        6 => text("RPUSHX"),
        7 => return [text("LPOP"), vec![key], text("3")].concat(),
        8 => return [text("LREM"), vec![key], text("2"), vec![element(random)]].concat(),
        9 => return [text("LTRIM"), vec![key], text("1 -2")].concat(),
        10 => return [text("LSET"), vec![key], text("-1"), vec![element(random)]].concat(),
        11 => {
            return [text("LINSERT"), vec![key], text("BEFORE"), vec![element(random), element(random)]]
                .concat();
        }
        12 => return [text("LMOVE"), vec![key, other], text("LEFT RIGHT")].concat(),
        _ => return [text("LMPOP 2"), vec![key, other], text("RIGHT COUNT 2")].concat(),
    };
    words.push(key);
    words.extend((0..random.usize(1..12)).map(|_| element(random)));
    words
}

/// Changes lists of all sizes at random; what is refused because a list is not there does no harm.
fn change_many(client: &mut Client, seed: u64) {
    let mut random = Rng::with_seed(seed);
    for _ in 0..40 {
        let batch: Vec<Vec<Vec<u8>>> = (0..100).map(|_| change(&mut random)).collect();
        client.pipeline(&batch);
    }
    let large: Vec<Vec<u8>> = (0..20_000).map(|number| format!("element {number}").into_bytes()).collect();
    for chunk in large.chunks(1000) {
        client.command(&[vec![b"RPUSH".to_vec(), b"large".to_vec()], chunk.to_vec()].concat());
    }
}

fn the_rdb_file(pair: &Pair) {
    for lines in ["", "list-max-listpack-size 4", "list-compress-depth 1\nrdbcompression no"] {
        exchange::rdb_file(pair, lines, change_many, |_| ());
    }
}

fn the_log_as_commands(pair: &Pair) {
    exchange::log_as_commands(pair, change_many, "RPUSH behind a b c");
}

fn random_changes(pair: &Pair) {
    exchange::copy_and_stream(pair, change_many);
}
