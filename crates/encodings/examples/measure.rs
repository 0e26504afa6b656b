//! Measures the packed encodings: bytes and nanoseconds an entry, the cost of a clone and of the writes after it.
//!
//! `cargo run --release -p encodings --example measure -- [millions of entries ...]`, 1 unless told.
#![allow(clippy::print_stdout)]

#[path = "order/counting.rs"]
mod counting;

use std::hint::black_box;
use std::time::Duration;

use counting::{Moment, used_bytes};
use encodings::intset::Intset;
use encodings::listpack::{Element, Listpack};
use encodings::score_index::{ScoreIndex, member_hash};
use encodings::table::{Expiry, Map, Set};

const VALUE: &[u8; 16] = b"sixteen bytes ok";
const OTHER_VALUE: &[u8; 16] = b"sixteen other by";
const PICKS: usize = 1_000_000;

fn key(number: u64) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    let mut rest = number;
    for digit in key.iter_mut().rev().take(12) {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    key
}

fn picks(range: std::ops::Range<u64>) -> Vec<[u8; 16]> {
    let mut random = fastrand::Rng::with_seed(42);
    (0..PICKS).map(|_| key(random.u64(range.clone()))).collect()
}

/// Nanoseconds each of some calls.
fn each<T>(items: impl IntoIterator<Item = T>, mut call: impl FnMut(T)) -> f64 {
    let (start, mut calls) = (Moment::now(), 0_usize);
    for item in items {
        call(item);
        calls += 1;
    }
    start.elapsed().as_nanos() as f64 / calls.max(1) as f64
}

/// Fills a structure; prints time, heap bytes and its own estimate for each entry, and the slowest single insert.
fn fill<T: Default>(
    name: &str,
    entries: u64,
    mut insert: impl FnMut(&mut T, u64),
    estimate: impl Fn(&T) -> usize,
) -> T {
    let before = used_bytes();
    let mut structure = T::default();
    let insert_ns = each(0..entries, |number| insert(&mut structure, number));
    let used = (used_bytes() - before) as f64 / entries as f64;
    let estimated = estimate(&structure) as f64 / entries as f64;
    println!("{name}: {used:.1} B an entry (estimate {estimated:.1}), insert {insert_ns:.0} ns");
    let (mut slowest, mut again) = (Duration::ZERO, T::default());
    for number in 0..entries.min(2_000_000) {
        let start = Moment::now();
        insert(&mut again, number);
        slowest = slowest.max(start.elapsed());
    }
    println!("  slowest insert {slowest:?}");
    structure
}

/// A clone, and the first write after it in many places.
fn cloned<T: Clone>(structure: &mut T, mut write: impl FnMut(&mut T, &[u8; 16]), keys: &[[u8; 16]]) {
    let start = Moment::now();
    let clone = structure.clone();
    let took = start.elapsed();
    let before = used_bytes();
    let mut slowest = Duration::ZERO;
    let write_ns = each(&keys[..1_000], |key| {
        let start = Moment::now();
        write(structure, key);
        slowest = slowest.max(start.elapsed());
    });
    let copied = (used_bytes() - before) / 1_000;
    println!(
        "  clone {took:?}; first 1000 writes after it {write_ns:.0} ns and {copied} B each, slowest {slowest:?}"
    );
    drop(clone);
}

fn maps(entries: u64) {
    let mut map = fill(
        "map of 16 + 16 bytes",
        entries,
        |map: &mut Map, number| {
            map.insert(&key(number), VALUE, Expiry::Clear);
        },
        Map::allocated_bytes,
    );
    let present = picks(0..entries);
    map_requests(&mut map, &present, &picks(entries..2 * entries));
    map_walks(&map);
    cloned(
        &mut map,
        |map, key| {
            map.insert(key, OTHER_VALUE, Expiry::Clear);
        },
        &present,
    );
    let remove = each(0..entries, |number| assert!(map.remove(&key(number))));
    println!("  remove {remove:.0} ns");
}

fn map_requests(map: &mut Map, present: &[[u8; 16]], absent: &[[u8; 16]]) {
    let get = each(present, |key| assert!(map.get(key).is_some_and(|entry| entry.value.len() == 16)));
    let miss = each(absent, |key| assert!(map.get(key).is_none()));
    let write = each(present, |key| {
        map.insert(key, OTHER_VALUE, Expiry::Clear);
    });
    let resize = each(present, |key| {
        map.insert(key, b"longer than sixteen", Expiry::Clear);
        map.insert(key, VALUE, Expiry::Clear);
    });
    println!("  get {get:.0} ns, miss {miss:.0}, overwrite {write:.0}, two of other lengths {resize:.0}");
}

fn map_walks(map: &Map) {
    let mut random = fastrand::Rng::with_seed(1);
    let pick = each(0..PICKS, |_| assert!(map.random(&mut random).is_some()));
    let (mut cursor, mut seen) = (0, 0_u64);
    let scan = each(
        std::iter::from_fn(|| {
            cursor = map.scan(cursor, 100, &mut |_| seen += 1);
            (cursor != 0).then_some(())
        }),
        |()| (),
    ) / 100.0;
    let walk = each(map.iter(), |entry| {
        black_box(entry);
    });
    println!("  random {pick:.0} ns, scan {scan:.0} an entry of {seen}, walk {walk:.0} an entry");
}

fn map_of_values(entries: u64, value_bytes: usize, expiry: Expiry) {
    let value = vec![b'v'; value_bytes];
    let name = format!("map of 16 + {value_bytes} bytes, expiry {expiry:?}");
    let insert = |map: &mut Map, number| {
        map.insert(&key(number), &value, expiry);
    };
    drop(fill(&name, entries, insert, Map::allocated_bytes));
}

fn sets(entries: u64) {
    let insert = |set: &mut Set, number| {
        set.insert(&key(number));
    };
    let mut set = fill("set of 16 bytes", entries, insert, Set::allocated_bytes);
    let present = picks(0..entries);
    let contains = each(&present, |key| assert!(set.contains(key)));
    println!("  contains {contains:.0} ns");
    cloned(
        &mut set,
        |set, key| {
            set.remove(key);
        },
        &present,
    );
}

fn score_indexes(entries: u64) {
    let insert = |index: &mut ScoreIndex, number: u64| index.insert(member_hash(&key(number)), number as f64);
    let mut index = fill("score index", entries, insert, ScoreIndex::allocated_bytes);
    let present = picks(0..entries);
    let find = each(&present, |key| assert!(index.candidates(member_hash(key)).next().is_some()));
    let double = each(0..PICKS as u64, |number| {
        let number = number % entries;
        index.replace(member_hash(&key(number)), number as f64, number as f64);
    });
    println!("  candidates {find:.0} ns, replace {double:.0} ns");
    cloned(&mut index, |index, key| index.insert(member_hash(key), 0.5), &present);
}

fn small() {
    let listpack: Listpack =
        (0..128).flat_map(|_| [Element::Bytes(VALUE), Element::Integer(12_345)]).collect();
    let first = listpack.first().expect("not empty");
    let find = each(0..20_000, |_| assert!(listpack.find(first, black_box(OTHER_VALUE), 1).is_none()));
    let walk = each(0..20_000, |_| assert!(black_box(&listpack).iter().count() == 256));
    let mut grown = Listpack::new();
    let push = each(0..1_000, |_| grown.push_back(VALUE));
    println!("listpack: missing field among 128 {find:.0} ns, walk of 256 {walk:.0} ns, push {push:.0} ns");
    let mut set: Intset = (0..512).map(|number| number * 100).collect();
    let contains = each(0..PICKS as i64, |number| assert!(set.contains(number % 512 * 100)));
    let change = each(0..100_000, |number| {
        set.insert(number % 512 * 100 + 1);
        set.remove(number % 512 * 100 + 1);
    });
    println!("intset of 512: contains {contains:.0} ns, insert and remove {change:.0} ns");
}

fn main() {
    small();
    let millions: Vec<f64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    for entries in if millions.is_empty() { vec![1.0] } else { millions } {
        println!("--- {entries} million entries");
        let entries = (entries * 1e6) as u64;
        maps(entries);
        sets(entries);
        score_indexes(entries);
        for (value_bytes, expiry) in [
            (16, Expiry::At(1_700_000_000_000)),
            (100, Expiry::Clear),
            (126, Expiry::Clear),
            (127, Expiry::Clear),
        ] {
            map_of_values(entries, value_bytes, expiry);
        }
    }
}
