//! Tests of `segment`: places, runs, growth, splits and merges.

use super::*;
use crate::entry::{Stamp, live_entries};

const STAMP: Stamp = Stamp { epoch: 0, clock: 0 };

/// A hash of test keys that spreads well.
fn hash_of(key: &[u8]) -> u64 {
    let number = u64::from_le_bytes(key.try_into().expect("eight bytes"));
    let mixed = (number ^ number >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn insert(segment: &mut Segment, number: u64) -> bool {
    let key = number.to_le_bytes();
    let expire_at_ms = number.is_multiple_of(3).then_some(1);
    segment.insert(hash_of(&key), Entry::string(&key, b"v", expire_at_ms, STAMP)).is_ok()
}

fn find(segment: &Segment, number: u64) -> Option<Spot> {
    let key = number.to_le_bytes();
    segment.find(hash_of(&key), &key).map(|(spot, _)| spot)
}

/// Every entry is found by its key and met once at its home, homes are in hash order, and the counts are right.
fn check(segment: &Segment, numbers: &[u64]) {
    assert!(numbers.iter().all(|number| find(segment, *number).is_some()));
    let mut met = 0;
    let mut last_fraction = 0;
    for home in 0..segment.bucket_count() {
        let low = segment.first_fraction(home) as u32;
        assert!(low >= last_fraction);
        last_fraction = low;
        for spot in segment.spots_at_home(home) {
            let hash = hash_of(segment.entry(spot).key());
            let slot = segment.buckets()[usize::from(spot.bucket)].0[usize::from(spot.slot)];
            assert_eq!(segment.fraction_of(usize::from(spot.bucket), slot), segment.fraction(hash));
            assert!(
                segment.fraction(hash) >= low
                    && u64::from(segment.fraction(hash)) < segment.first_fraction(home + 1)
            );
            met += 1;
        }
    }
    assert_eq!((met, segment.len()), (numbers.len(), numbers.len()));
    assert_eq!(segment.expires(), numbers.iter().filter(|number| number.is_multiple_of(3)).count());
}

#[test]
fn fills_to_the_last_slot_of_the_first_size() {
    let mut segment = Segment::new(0, 0);
    let numbers: Vec<u64> = (0..128).take_while(|number| insert(&mut segment, *number)).collect();
    assert!(numbers.len() > 110, "only a run longer than the greatest displacement stops it");
    check(&segment, &numbers);
    assert!(find(&segment, 5_000).is_none());
}

#[test]
fn removals_close_the_runs() {
    let mut segment = Segment::new(0, 0);
    let mut numbers: Vec<u64> = (0..120).take_while(|number| insert(&mut segment, *number)).collect();
    let mut step = 7;
    while !numbers.is_empty() {
        step = (step * 31 + 11) % 1009;
        let number = numbers.swap_remove(step % numbers.len());
        let spot = find(&segment, number).expect("present");
        assert_eq!(segment.remove(spot).view().key(), number.to_le_bytes());
        check(&segment, &numbers);
    }
}

#[test]
fn grows_and_shrinks_through_every_size_without_touching_entries() {
    let mut segment = Segment::new(0, 0);
    let mut numbers: Vec<u64> = Vec::new();
    for number in 0..430 {
        while !segment.has_room() {
            assert!(segment.grow());
            check(&segment, &numbers);
        }
        assert!(insert(&mut segment, number));
        numbers.push(number);
    }
    assert_eq!(segment.bucket_count(), 64);
    assert!(!segment.grow(), "the greatest size must be split");
    while numbers.len() > 10 {
        let spot = find(&segment, numbers.pop().expect("some")).expect("present");
        drop(segment.remove(spot));
        if segment.is_sparse() {
            segment.shrink();
            check(&segment, &numbers);
        }
    }
    assert_eq!(segment.bucket_count(), 16);
}

#[test]
fn a_split_and_a_merge_keep_everything() {
    let before = live_entries();
    let mut lower = Segment::new(0, 0);
    for number in 0..150 {
        while !lower.has_room() {
            assert!(lower.grow());
        }
        assert!(insert(&mut lower, number));
    }
    let mut upper = lower.split(&hash_of);
    let is_upper = |number: &u64| hash_of(&number.to_le_bytes()) >> 63 == 1;
    let (high, low): (Vec<u64>, Vec<u64>) = (0..150).partition(is_upper);
    assert_eq!((lower.depth(), upper.depth()), (1, 1));
    check(&lower, &low);
    check(&upper, &high);
    assert!(upper.merge(&mut lower, false), "from either side");
    drop(lower);
    check(&upper, &(0..150).collect::<Vec<u64>>());
    assert_eq!(live_entries() - before, 150);
    drop(upper);
    assert_eq!(live_entries(), before);
}
