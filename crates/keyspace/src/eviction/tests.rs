//! Each order sends away what it should.

use super::*;
use crate::{ExpiryMode, FrequencyRule, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 600_000, expiry: ExpiryMode::Delete, touch: true };
const LFU: UseRule = UseRule::Frequency(FrequencyRule { log_factor: 0, decay_minutes: 1 });

fn rule(order: EvictionOrder, only_expiring: bool) -> EvictionRule {
    EvictionRule { order, only_expiring, samples: 16 }
}

/// A hundred keys of which every second expires, the later ones sooner, and of which the later ones were used later and
/// more often.
fn filled(uses: UseRule) -> Keyspace {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    keyspace.set_use_rule(uses);
    for number in 0..100_u8 {
        let now_ms = 600_000 + i64::from(number) * 1_000;
        let mut keys = keyspace.keys(View { database: u32::from(number % 2), now_ms, ..VIEW });
        let is_expiring = (number / 2).is_multiple_of(2);
        let expiry = NewExpiry::At(5_000_000 - i64::from(number) * 1_000);
        keys.set_string(&[number], b"v", if is_expiring { expiry } else { NewExpiry::Clear });
        for _ in 0..number {
            keys.find(&[number]);
        }
    }
    keyspace
}

fn evicted(keyspace: &mut Keyspace, rule: EvictionRule, count: usize) -> Vec<u8> {
    keyspace.changes_mut().removed.clear();
    for _ in 0..count {
        assert!(keyspace.evict(rule, 700_000));
    }
    let removed = keyspace.changes().removed.iter();
    removed
        .map(|(database, key, removal)| {
            assert_eq!((database, removal), (u32::from(key[0] % 2), Removal::Evicted));
            key[0]
        })
        .collect()
}

fn mean(keys: &[u8]) -> usize {
    keys.iter().map(|&key| usize::from(key)).sum::<usize>() / keys.len()
}

#[test]
fn the_least_used_go_first() {
    for (order, uses) in [(EvictionOrder::LeastRecent, UseRule::Recency), (EvictionOrder::LeastFrequent, LFU)]
    {
        let mut keyspace = filled(uses);
        let gone = evicted(&mut keyspace, rule(order, false), 20);
        assert!(mean(&gone) < 16, "{order:?}: {gone:?}");
        assert_eq!((keyspace.len(0) + keyspace.len(1), keyspace.statistics().evicted), (80, 20));
        let gone = evicted(&mut filled(uses), rule(order, true), 20);
        assert!(
            gone.iter().all(|key| (key / 2).is_multiple_of(2)) && mean(&gone) < 28,
            "{order:?}: {gone:?}"
        );
    }
}

#[test]
fn those_that_expire_soonest_go_first() {
    let gone = evicted(&mut filled(UseRule::Recency), rule(EvictionOrder::SoonestToExpire, true), 20);
    assert!(mean(&gone) > 72, "{gone:?}");
}

#[test]
fn chance_takes_from_all_databases() {
    let gone = evicted(&mut filled(UseRule::Recency), rule(EvictionOrder::Random, false), 40);
    assert_eq!(gone.iter().filter(|key| *key % 2 == 0).count(), 20);
    assert!((30..70).contains(&mean(&gone)), "{gone:?}");
}

#[test]
fn when_nothing_may_go_nothing_does() {
    for order in [EvictionOrder::LeastRecent, EvictionOrder::SoonestToExpire, EvictionOrder::Random] {
        let mut keyspace = filled(UseRule::Recency);
        let gone = evicted(&mut keyspace, rule(order, true), 50);
        assert_eq!(gone.len(), 50);
        assert!(!keyspace.evict(rule(order, true), 700_000));
        evicted(&mut keyspace, rule(order, false), 50);
        assert!(keyspace.is_empty() && !keyspace.evict(rule(order, false), 700_000));
    }
}

#[test]
fn a_candidate_that_is_used_stays() {
    let mut keyspace = filled(UseRule::Recency);
    // The pool holds the oldest now.
    evicted(&mut keyspace, rule(EvictionOrder::LeastRecent, false), 1);
    for number in 0..50_u8 {
        keyspace.keys(View { database: u32::from(number % 2), now_ms: 700_000, ..VIEW }).find(&[number]);
    }
    let gone = evicted(&mut keyspace, rule(EvictionOrder::LeastRecent, false), 40);
    assert!(gone.iter().all(|&key| key >= 50), "{gone:?}");
}
