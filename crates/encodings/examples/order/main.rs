//! Measures the ordered encodings: bytes and nanoseconds per element of orders of scores, lists, maps by identifier.
//!
//! `cargo run --release -p encodings --example order -- [elements ...]`, a million unless told.
#![allow(clippy::print_stdout)]

mod counting;

use std::hint::black_box;

use counting::{Moment, used_bytes};
use encodings::id_tree::{Id, IdMap};
use encodings::ordered::ScoreOrder;
use encodings::quicklist::{Fill, QuickList};

/// Nanoseconds each, in this thread's own time: a shared machine takes the processor away for milliseconds.
fn nanoseconds_each<T>(items: &[T], mut operation: impl FnMut(&T)) -> f64 {
    let start = Moment::now();
    items.iter().for_each(&mut operation);
    start.elapsed().as_nanos() as f64 / items.len().max(1) as f64
}

type Elements<const N: usize> = Vec<(f64, [u8; N])>;

fn member<const N: usize>(number: usize) -> [u8; N] {
    let mut text = [b'm'; N];
    let mut rest = number;
    for digit in text[N - 9..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text
}

fn measure<const LEAF_BYTES: usize, const FAN: usize, const N: usize>(name: &str, elements: &Elements<N>) {
    let before = used_bytes();
    let mut order = ScoreOrder::<LEAF_BYTES, FAN>::default();
    let insert = nanoseconds_each(elements, |(score, member)| assert!(order.insert(*score, member)));
    let per_element = (used_bytes() - before) as f64 / elements.len() as f64;
    let told = order.allocated_bytes() as f64 / elements.len() as f64;
    let rank = nanoseconds_each(elements, |(score, member)| {
        black_box(order.rank(*score, member).expect("it is there"));
    });
    let ranks: Vec<usize> =
        (0..elements.len()).map(|n| n.wrapping_mul(0x9e37_79b1) % elements.len()).collect();
    let at = nanoseconds_each(&ranks, |rank| assert!(order.at(*rank).is_some()));
    let walk = nanoseconds_each(&[()], |()| {
        black_box(order.ascending(0).map(|(score, _)| score).sum::<f64>());
    });
    let back = nanoseconds_each(&[()], |()| {
        black_box(order.descending(order.len() - 1).map(|(score, _)| score).sum::<f64>());
    });
    let rescore = nanoseconds_each(elements, |(score, member)| {
        assert!(order.rescore(*score, member, score + 0.5) && order.rescore(score + 0.5, member, *score));
    });
    let each = elements.len() as f64;
    println!(
        "{name} {LEAF_BYTES} x {FAN}: {per_element:.1} bytes (told {told:.1}), insert {insert:.0} ns, rank {rank:.0}, at \
         {at:.0}, walk {:.1}, back {:.1}, rescore {:.0}",
        walk / each,
        back / each,
        rescore / 2.0
    );
    shared_and_removed(order, elements);
}

fn shared_and_removed<const LEAF_BYTES: usize, const FAN: usize, const N: usize>(
    mut order: ScoreOrder<LEAF_BYTES, FAN>,
    elements: &Elements<N>,
) {
    let packed = order.ascending(0).map(|(score, member)| (score, member.to_vec())).collect::<Vec<_>>();
    let before = used_bytes();
    let bulk = nanoseconds_each(&[()], |()| {
        let order = ScoreOrder::<LEAF_BYTES, FAN>::from_sorted(packed.iter().map(|(s, m)| (*s, m)));
        let used = used_bytes() - before;
        println!("    packed in bulk: {:.1} bytes", used as f64 / order.len() as f64);
    });
    let clone = order.clone();
    let before = used_bytes();
    let few = &elements[..elements.len().min(1_000)];
    let shared = nanoseconds_each(few, |(score, member)| assert!(order.remove(*score, member)));
    let copied = (used_bytes() - before) / few.len();
    drop(clone);
    let rest = &elements[few.len()..];
    let remove = nanoseconds_each(rest, |(score, member)| assert!(order.remove(*score, member)));
    println!(
        "    in {:.0} ns; removal {remove:.0} ns, of the first thousand beside a clone {shared:.0} ns and {copied} bytes each",
        bulk / elements.len() as f64
    );
}

fn measure_orders(count: usize) {
    println!("--- {count} elements with members of 16 bytes");
    let mut random = fastrand::Rng::with_seed(1);
    let by_score: Elements<16> = (0..count).map(|number| (random.f64() * 1e9, member(number))).collect();
    measure::<1_024, 32, _>("random scores", &by_score);
    measure::<1_536, 32, _>("random scores", &by_score);
    measure::<1_536, 64, _>("random scores", &by_score);
    measure::<2_048, 32, _>("random scores", &by_score);
    let mut numbers: Vec<usize> = (0..count).collect();
    random.shuffle(&mut numbers);
    let equal: Elements<16> = numbers.iter().map(|number| (0.0, member(*number))).collect();
    measure::<2_048, 32, _>("equal scores", &equal);
    let alike: Elements<32> = numbers.iter().map(|number| (0.0, member(*number))).collect();
    measure::<2_048, 32, _>("equal scores, members of 32 bytes that differ in the last ones", &alike);
    let ascending: Elements<16> = (0..count).map(|number| (number as f64, member(number))).collect();
    measure::<2_048, 32, _>("ascending", &ascending);
    let descending: Elements<16> = ascending.into_iter().rev().collect();
    measure::<2_048, 32, _>("descending", &descending);
}

fn measure_list(count: usize, name: &str, fill: Fill) {
    let members: Vec<[u8; 16]> = (0..count).map(member).collect();
    let before = used_bytes();
    let mut list = QuickList::new();
    let push = nanoseconds_each(&members, |member| list.push_back(member, fill));
    let per_element = (used_bytes() - before) as f64 / count as f64;
    let indexes: Vec<i64> = (0..count).map(|n| (n.wrapping_mul(0x9e37_79b1) % count) as i64).collect();
    let indexes = &indexes[..count.min(100_000)];
    let get = nanoseconds_each(indexes, |index| assert!(list.get(*index).is_some()));
    let walk = nanoseconds_each(&[()], |()| {
        let mut elements = list.ascending(0);
        while let Some(element) = elements.next_element() {
            black_box(element);
        }
    });
    let insert = nanoseconds_each(indexes, |index| {
        list.insert_before(*index, b"in the midst of it", fill);
    });
    let clone = list.clone();
    let shared = nanoseconds_each(&indexes[..1_000], |index| assert!(list.set(*index, b"changed", fill)));
    drop(clone);
    let remaining = vec![(); list.len()];
    let pop = nanoseconds_each(&remaining, |()| assert!(list.pop_front(fill).is_some()));
    println!(
        "list {name}: {per_element:.1} bytes, push {push:.0} ns, get {get:.0}, walk {:.1}, insert {insert:.0}, set beside a \
         clone {shared:.0}, pop {pop:.0}",
        walk / count as f64
    );
}

fn measure_map(count: usize) {
    let ids: Vec<Id> = (0..count as u64).map(|ms| Id { ms, seq: 0 }).collect();
    let before = used_bytes();
    let mut map = IdMap::new();
    let append = nanoseconds_each(&ids, |id| assert!(map.insert(*id, [id.ms, 1]).is_none()));
    let per_element = (used_bytes() - before) as f64 / count as f64;
    let mut shuffled = ids;
    fastrand::Rng::with_seed(2).shuffle(&mut shuffled);
    let lookup = nanoseconds_each(&shuffled, |id| assert!(map.get(*id).is_some()));
    let remove = nanoseconds_each(&shuffled, |id| assert!(map.remove(*id).is_some()));
    let insert = nanoseconds_each(&shuffled, |id| assert!(map.insert(*id, [id.ms, 1]).is_none()));
    println!(
        "map by identifier, values of 16 bytes: {per_element:.1} bytes, append {append:.0} ns, get {lookup:.0}, remove \
         {remove:.0}, insert {insert:.0}"
    );
}

fn main() {
    let counts: Vec<usize> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    for count in if counts.is_empty() { vec![1_000_000] } else { counts } {
        measure_orders(count);
        measure_list(count, "of 8 KiB", Fill::new(-2, 0));
        measure_list(count, "of 128 elements", Fill::new(128, 0));
        measure_list(count, "of 8 KiB, compressed", Fill::new(-2, 1));
        measure_map(count);
    }
}
