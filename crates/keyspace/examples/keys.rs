//! Measures the keyspace: nanoseconds per GET and SET, bytes per key, worst insert, snapshot slices.
//!
//! `cargo run --release -p keyspace --example keys -- [millions of keys ...]`, 1 and 5 unless told.
#![allow(clippy::print_stdout)]

#[path = "../../encodings/examples/order/counting.rs"]
mod counting;

use std::time::Duration;

use counting::{Moment, used_bytes};
use keyspace::{ExpireBudget, ExpiryMode, Keyspace, LoadItem, NewExpiry, View};

const NOW_MS: i64 = 1_700_000_000_000;
const VIEW: View = View { database: 0, now_ms: NOW_MS, expiry: ExpiryMode::Delete, touch: true };
const VALUE: &[u8; 16] = b"sixteen bytes ok";

/// Seeded random numbers (splitmix64).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn key(number: u64) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    let mut rest = number;
    for digit in key.iter_mut().rev().take(12) {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    key
}

/// Keys as they lie in a read buffer, in random order.
fn requests(keys: std::ops::Range<u64>) -> Vec<[u8; 16]> {
    let mut state = 42;
    (0..2_000_000).map(|_| key(keys.start + random(&mut state) % (keys.end - keys.start))).collect()
}

fn per_operation(elapsed: Duration, operations: usize) -> f64 {
    elapsed.as_nanos() as f64 / operations as f64
}

/// The best of some passes over the requests: what disturbs a shared machine only ever adds.
fn best(requests: &[[u8; 16]], mut pass: impl FnMut(&[[u8; 16]])) -> f64 {
    let once = |requests: &[[u8; 16]]| {
        let start = Moment::now();
        pass(requests);
        per_operation(start.elapsed(), requests.len())
    };
    requests.chunks(requests.len() / 8).map(once).fold(f64::INFINITY, f64::min)
}

fn single(keyspace: &mut Keyspace, requests: &[[u8; 16]], run: fn(&mut keyspace::Keys<'_>, &[u8])) -> f64 {
    best(requests, |requests| requests.iter().for_each(|key| run(&mut keyspace.keys(VIEW), key)))
}

fn batched(
    keyspace: &mut Keyspace,
    requests: &[[u8; 16]],
    batch: usize,
    run: fn(&mut keyspace::Keys<'_>, &[u8]),
) -> f64 {
    best(requests, |requests| requests.chunks(batch).for_each(|batch| run_batch(keyspace, batch, run)))
}

fn run_batch(keyspace: &mut Keyspace, batch: &[[u8; 16]], run: fn(&mut keyspace::Keys<'_>, &[u8])) {
    let mut hashes = [0; 64];
    for (hash, key) in hashes.iter_mut().zip(batch) {
        *hash = keyspace.hash(key);
        keyspace.prefetch_bucket(0, *hash);
    }
    for hash in &hashes[..batch.len()] {
        keyspace.prefetch_entry(0, *hash);
    }
    for (hash, key) in hashes.iter().zip(batch) {
        let mut keys = keyspace.keys(VIEW);
        keys.remember_hash(key, *hash);
        run(&mut keys, key);
    }
}

fn get(keys: &mut keyspace::Keys<'_>, key: &[u8]) {
    let length = keys.string(key).expect("a string").expect("present").len();
    assert!(length == 16);
}

fn miss(keys: &mut keyspace::Keys<'_>, key: &[u8]) {
    assert!(keys.string(key).expect("no other type").is_none());
}

fn set(keys: &mut keyspace::Keys<'_>, key: &[u8]) {
    keys.set_string(key, VALUE, NewExpiry::Clear);
}

fn set_longer_and_back(keys: &mut keyspace::Keys<'_>, key: &[u8]) {
    keys.set_string(key, b"a value of twenty-four b", NewExpiry::Clear);
    keys.set_string(key, VALUE, NewExpiry::Clear);
}

/// Fills key by key, and prints speed and memory.
fn fill(keys: u64, expiry: NewExpiry, label: &str) -> Keyspace {
    let before = used_bytes();
    let mut keyspace = Keyspace::new(16, [1, 2]);
    let start = Moment::now();
    for number in 0..keys {
        keyspace.keys(VIEW).set_string(&key(number), VALUE, expiry);
    }
    let each = per_operation(start.elapsed(), keys as usize);
    let used = used_bytes() - before;
    let table = keyspace.table_statistics(0);
    println!("{label}: insert one by one {each:.0} ns");
    println!(
        "  {:.1} B a key, load {:.3}, {} segments",
        used as f64 / keys as f64,
        table.load,
        table.segments
    );
    keyspace
}

/// Fills key by key, and prints the slowest inserts.
fn slowest_inserts(keys: u64) {
    let mut keyspace = Keyspace::new(16, [1, 2]);
    let mut slowest = Vec::with_capacity(1024);
    let mut last = Moment::now();
    for number in 0..keys {
        keyspace.keys(VIEW).set_string(&key(number), VALUE, NewExpiry::Clear);
        let now = Moment::now();
        let took = now.since(last);
        last = now;
        if took > Duration::from_micros(50) && slowest.len() < 1024 {
            slowest.push(took);
        }
    }
    slowest.sort();
    println!(
        "inserts above 50 us: {}, slowest {:?}",
        slowest.len(),
        slowest.iter().rev().take(5).collect::<Vec<_>>()
    );
}

fn load(keys: u64, reserve: bool) {
    let names: Vec<[u8; 16]> = (0..keys).map(key).collect();
    let mut keyspace = Keyspace::new(16, [1, 2]);
    let before = used_bytes();
    let start = Moment::now();
    if reserve {
        keyspace.reserve(0, keys);
    }
    for batch in names.chunks(128) {
        let items: Vec<LoadItem<'_>> = batch
            .iter()
            .map(|key| LoadItem { key, value: VALUE.as_slice(), expire_at_ms: None, used: None })
            .collect();
        keyspace.load_batch(0, &items, NOW_MS);
    }
    let each = per_operation(start.elapsed(), keys as usize);
    let used = used_bytes() - before;
    println!(
        "load in batches, reserved {reserve}: {each:.0} ns = {:.1} M keys/s, {:.1} B a key, load {:.3}",
        1000.0 / each,
        used as f64 / keys as f64,
        keyspace.table_statistics(0).load
    );
}

fn snapshot(keyspace: &mut Keyspace) {
    keyspace.begin_snapshot().expect("none runs");
    let (mut entries, mut bytes, mut worst) = (0, 0, Duration::ZERO);
    let start = Moment::now();
    loop {
        let begun = Moment::now();
        let finished = keyspace.snapshot_step(256, &mut |entry| {
            entries += 1;
            bytes += entry.key.len() + entry.entry.string().map_or(0, <[u8]>::len);
        });
        worst = worst.max(begun.elapsed());
        if finished {
            break;
        }
    }
    let each = per_operation(start.elapsed(), entries);
    println!(
        "snapshot: {entries} entries, {each:.0} ns each ({:.1} us a slice of 256), worst slice {worst:?}",
        each * 0.256
    );
    std::hint::black_box(bytes);
}

fn expire(keyspace: &mut Keyspace) {
    let start = Moment::now();
    let (mut expired, mut cycles, mut worst) = (0, 0, Duration::ZERO);
    while keyspace.expires_len(0) > 0 {
        let begun = Moment::now();
        expired += keyspace.expire_cycle(NOW_MS + 2_000_000, ExpireBudget::of_effort(1)).expired;
        keyspace.changes_mut().removed.clear();
        worst = worst.max(begun.elapsed());
        cycles += 1;
    }
    let each = per_operation(start.elapsed(), expired);
    println!("expire: {expired} keys in {cycles} cycles, {each:.0} ns each, worst cycle {worst:?}");
}

/// What the steps of a batch of 16 cost, each with the ones before it.
fn steps(keyspace: &Keyspace, requests: &[[u8; 16]]) {
    let mut hashes = [0; 16];
    let hash = best(requests, |requests| {
        for batch in requests.chunks(16) {
            hashes.iter_mut().zip(batch).for_each(|(hash, key)| *hash = keyspace.hash(key));
            std::hint::black_box(&hashes);
        }
    });
    let bucket = best(requests, |requests| {
        for batch in requests.chunks(16) {
            for (hash, key) in hashes.iter_mut().zip(batch) {
                *hash = keyspace.hash(key);
                keyspace.prefetch_bucket(0, *hash);
            }
        }
    });
    let entry = best(requests, |requests| {
        for batch in requests.chunks(16) {
            for (hash, key) in hashes.iter_mut().zip(batch) {
                *hash = keyspace.hash(key);
                keyspace.prefetch_bucket(0, *hash);
            }
            hashes.iter().for_each(|hash| keyspace.prefetch_entry(0, *hash));
        }
    });
    println!("steps of a batch: hash {hash:.0} ns, with prefetch of bucket {bucket:.0}, of entry {entry:.0}");
}

fn scan(keyspace: &mut Keyspace) {
    let start = Moment::now();
    let (mut cursor, mut seen) = (0, 0);
    loop {
        cursor = keyspace.keys(VIEW).scan(cursor, 100, &mut |_| seen += 1);
        if cursor == 0 {
            break;
        }
    }
    println!("scan: {seen} keys, {:.0} ns each", per_operation(start.elapsed(), seen));
}

fn measure(keys: u64) {
    println!("--- {keys} keys of 16 bytes with values of 16");
    let mut keyspace = fill(keys, NewExpiry::Clear, "without expiry");
    let (present, absent) = (requests(0..keys), requests(keys..2 * keys));
    for (name, requests, run) in [
        ("GET", &present, get as fn(&mut keyspace::Keys<'_>, &[u8])),
        ("GET of absent keys", &absent, miss),
        ("SET", &present, set),
        ("2 SETs of other sizes", &present, set_longer_and_back),
    ] {
        let alone = single(&mut keyspace, requests, run);
        let [sixteen, sixty_four] = [16, 64].map(|batch| batched(&mut keyspace, requests, batch, run));
        println!("{name}: single {alone:.0} ns, batches of 16 {sixteen:.0}, of 64 {sixty_four:.0}");
    }
    steps(&keyspace, &present);
    scan(&mut keyspace);
    snapshot(&mut keyspace);
    drop(keyspace);
    let mut expiring = fill(keys, NewExpiry::At(NOW_MS + 1_000_000), "with expiry");
    expire(&mut expiring);
    drop(expiring);
    slowest_inserts(keys);
    load(keys, false);
    load(keys, true);
}

fn main() {
    let millions: Vec<f64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let millions = if millions.is_empty() { vec![1.0, 5.0] } else { millions };
    for keys in millions {
        measure((keys * 1e6) as u64);
    }
}
