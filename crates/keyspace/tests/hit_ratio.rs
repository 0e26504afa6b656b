//! How good the choice of keys to evict is: the same requests through the sampler, and through caches that know exactly
//! which key was used least lately or least often. `cargo test -p keyspace --test hit_ratio -- --nocapture` shows the ratios.

use std::collections::{BTreeSet, HashMap};

use keyspace::{EvictionOrder, EvictionRule, ExpiryMode, FrequencyRule, Keyspace, NewExpiry, UseRule, View};
use stdx::random::Random;

const KEYS: usize = 10_000;
const ROOM: usize = KEYS / 10;
const REQUESTS: usize = 60_000;
/// Requests a second, so that clocks of seconds have something to tell.
const REQUESTS_PER_SECOND: usize = 500;

/// Requests by Zipf's law: the key of rank r is asked for in proportion to 1/r.
fn zipf(random: &mut Random) -> Vec<u32> {
    let mut sum = 0.0;
    let sums: Vec<f64> = (1..=KEYS)
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    let mut draw = || {
        let point = random.fraction() * sum;
        sums.partition_point(|&below| below < point) as u32
    };
    (0..REQUESTS).map(|_| draw()).collect()
}

/// The same, and every fourth second somebody walks over keys that nobody asks for again.
fn zipf_and_scans(random: &mut Random) -> Vec<u32> {
    let mut next = KEYS as u32;
    let mut requests = zipf(random);
    for (number, request) in requests.iter_mut().enumerate() {
        if (number / REQUESTS_PER_SECOND).is_multiple_of(4) {
            *request = next;
            next += 1;
        }
    }
    requests
}

/// The share of requests that find their key when the key goes that has the smallest mark.
fn exact(requests: &[u32], mark: fn(u64, usize) -> u64) -> f64 {
    let (mut marks, mut order, mut hits) = (HashMap::new(), BTreeSet::new(), 0);
    for (number, &key) in requests.iter().enumerate() {
        let before = marks.get(&key).copied();
        if let Some(before) = before {
            hits += 1;
            order.remove(&(before, key));
        } else if marks.len() == ROOM {
            let (_, gone) = order.pop_first().expect("the cache is full");
            marks.remove(&gone);
        }
        let after = mark(before.unwrap_or(0), number);
        marks.insert(key, after);
        order.insert((after, key));
    }
    f64::from(hits) / requests.len() as f64
}

/// The same with the keyspace's choice.
fn sampled(requests: &[u32], order: EvictionOrder, samples: usize) -> f64 {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    if order == EvictionOrder::LeastFrequent {
        keyspace.set_use_rule(UseRule::Frequency(FrequencyRule { log_factor: 10, decay_minutes: 1 }));
    }
    let rule = EvictionRule { order, only_expiring: false, samples };
    let mut hits = 0;
    for (number, key) in requests.iter().enumerate() {
        let now_ms = (number / REQUESTS_PER_SECOND) as i64 * 1_000;
        let key = key.to_le_bytes();
        let mut keys = keyspace.keys(View { database: 0, now_ms, expiry: ExpiryMode::Delete, touch: true });
        if keys.find(&key).is_some() {
            hits += 1;
            continue;
        }
        keys.set_string(&key, b"v", NewExpiry::Clear);
        if keyspace.len(0) > ROOM {
            assert!(keyspace.evict(rule, now_ms));
            keyspace.changes_mut().removed.clear();
        }
    }
    f64::from(hits) / requests.len() as f64
}

#[expect(clippy::print_stdout, reason = "the figures are what one runs it for")]
fn show_and_check(name: &str, requests: &[u32], floors: [f64; 2]) {
    let lru = exact(requests, |_, number| number as u64 + 1);
    // Of those used equally often, the one whose last use is longest ago.
    let lfu = exact(requests, |before, number| ((before >> 32) + 1) << 32 | number as u64);
    let chance = sampled(requests, EvictionOrder::Random, 5);
    let with = |order| [3, 5, 10].map(|samples| sampled(requests, order, samples));
    let (recent, frequent) = (with(EvictionOrder::LeastRecent), with(EvictionOrder::LeastFrequent));
    println!("{name}: exact lru {lru:.3} lfu {lfu:.3}, random {chance:.3}");
    println!("  with 3, 5, 10 samples: lru {recent:.3?} lfu {frequent:.3?}");
    assert!(recent[1] > lru * floors[0], "{name}: lru {} of {lru}", recent[1]);
    assert!(frequent[1] > lfu * floors[1], "{name}: lfu {} of {lfu}", frequent[1]);
    assert!(recent[1] > chance && frequent[1] > chance, "{name}: chance is as good");
}

#[test]
fn nearly_as_good_as_knowing_all() {
    let mut random = Random::from_seed(5);
    show_and_check("zipf", &zipf(&mut random), [0.97, 0.95]);
    show_and_check("zipf and scans", &zipf_and_scans(&mut random), [0.97, 0.95]);
}
