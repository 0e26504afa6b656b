//! Tests of sorted sets: both forms against a model, limits, bounds, scans.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::*;

const SMALL: SortedSetLimits = SortedSetLimits { listpack_entries: 12, listpack_value_bytes: 16 };
const NONE: SortedSetLimits = SortedSetLimits { listpack_entries: 0, listpack_value_bytes: 0 };

type Model = BTreeMap<Vec<u8>, f64>;

fn in_order(model: &Model) -> Vec<(Vec<u8>, f64)> {
    let mut elements: Vec<(Vec<u8>, f64)> =
        model.iter().map(|(member, score)| (member.clone(), *score)).collect();
    elements.sort_by(|left, right| left.1.partial_cmp(&right.1).expect("no NaN").then(left.0.cmp(&right.0)));
    elements
}

fn elements(set: &SortedSet) -> Vec<(Vec<u8>, f64)> {
    let mut elements = Vec::new();
    set.ascend(0..set.len(), &mut |member, score| elements.push((member.to_vec(), score)));
    elements
}

fn member(random: &mut Rng) -> Vec<u8> {
    match random.u8(..4) {
        0 => random.i64(-40..40).to_string().into_bytes(),
        1 => vec![b'a'; random.usize(..20)],
        _ => format!("member:{}", random.u32(..60)).into_bytes(),
    }
}

fn score(random: &mut Rng) -> f64 {
    match random.u8(..8) {
        0 => f64::INFINITY,
        1 => f64::NEG_INFINITY,
        2 => -0.0,
        3 => 0.5 + f64::from(random.i32(-5..5)),
        4 => 1e300,
        _ => f64::from(random.i32(-5..5)),
    }
}

fn compare(set: &SortedSet, model: &Model, random: &mut Rng) {
    let expected = in_order(model);
    assert_eq!(elements(set), expected);
    assert_eq!((set.len(), set.is_empty()), (expected.len(), expected.is_empty()));
    let (from, to) = (random.usize(..=expected.len()), random.usize(..=expected.len()));
    let ranks = from.min(to)..from.max(to);
    let mut descending = Vec::new();
    set.descend(ranks.clone(), &mut |member, score| descending.push((member.to_vec(), score)));
    let reversed: Vec<(Vec<u8>, f64)> = expected[ranks].iter().rev().cloned().collect();
    assert_eq!(descending, reversed);
    for (rank, (member, score)) in expected.iter().enumerate() {
        assert_eq!(set.rank(member), Some((rank, *score)));
    }
    assert_eq!(set.rank(b"nobody"), None);
    let (low, high) = (score(random), score(random));
    let within = |score: f64| score >= low && score < high;
    let ranks = set.ranks_of_scores(Bound::Included(low), Bound::Excluded(high));
    let expected_len = expected.iter().filter(|(_, score)| within(*score)).count();
    assert_eq!(ranks.len(), expected_len);
    assert!(ranks.clone().all(|rank| within(expected[rank].1)), "{ranks:?}");
}

fn play(limits: SortedSetLimits, seed: u64, steps: usize) {
    let mut random = Rng::with_seed(seed);
    let (mut set, mut model) = (SortedSet::default(), Model::new());
    let mut clone = (set.clone(), model.clone());
    for step in 0..steps {
        let member = member(&mut random);
        match random.u8(..10) {
            0..6 => {
                let score = score(&mut random);
                let expected = match model.insert(member.clone(), score) {
                    None => Inserted::New,
                    Some(old) if old == score => Inserted::Same,
                    Some(old) => Inserted::Moved(old),
                };
                if expected == Inserted::Same {
                    // The sign of a zero stays as it was.
                    model.insert(member.clone(), set.score(&member).expect("it is there"));
                }
                assert_eq!(set.insert(&member, score, limits), expected);
            }
            6..8 => assert_eq!(set.remove(&member), model.remove(&member)),
            8 => {
                let (from, to) = (random.usize(..=set.len()), random.usize(..=set.len()));
                let mut removed = Vec::new();
                if random.u8(..10) == 0 {
                    let rest = set.without(from..to);
                    set.remove_ranks(from..to, &mut |member, _| removed.push(member.to_vec()));
                    if let Some(rest) = rest {
                        assert_eq!(rest, set);
                        set = rest;
                    }
                }
                assert!(removed.iter().all(|member| model.remove(member).is_some()));
            }
            _ => {
                assert_eq!(elements(&clone.0), in_order(&clone.1), "a clone stays as it was");
                clone = (set.clone(), model.clone());
            }
        }
        assert_eq!(set.score(&member), model.get(&member).copied());
        if step % 16 == 0 {
            compare(&set, &model, &mut random);
        }
    }
}

#[test]
fn both_forms_are_as_the_model() {
    for seed in 0..8 {
        play(SMALL, seed, 1_500);
        play(NONE, seed, 1_500);
        play(SortedSetLimits { listpack_entries: 1_000, listpack_value_bytes: 64 }, seed, 1_500);
    }
}

#[test]
fn limits_decide_the_form_and_it_stays() {
    let mut set = SortedSet::default();
    for number in 0..12_u8 {
        set.insert(&[number], f64::from(number), SMALL);
    }
    assert_eq!(set.encoding(), "listpack");
    set.insert(&[3], 99.0, SMALL);
    assert_eq!(set.encoding(), "listpack", "no member more");
    set.insert(&[12], 12.0, SMALL);
    assert_eq!(set.encoding(), "skiplist");
    set.remove(&[12]);
    assert_eq!(set.encoding(), "skiplist");
    let mut long = SortedSet::default();
    long.insert(&[b'x'; 17], 1.0, SMALL);
    assert_eq!(long.encoding(), "skiplist");
}

#[test]
fn members_lie_between_bounds() {
    for limits in [SMALL, NONE] {
        let set = SortedSet::from_elements(
            ["b", "a", "d", "c"].map(|member| (member.as_bytes().to_vec(), 0.0)).to_vec(),
            limits,
        );
        let ranks = |lower: Bound<&str>, upper: Bound<&str>| {
            set.ranks_of_members(lower.map(str::as_bytes), upper.map(str::as_bytes))
        };
        assert_eq!(ranks(Bound::Included("b"), Bound::Excluded("d")), 1..3);
        assert_eq!(ranks(Bound::Excluded("b"), Bound::Included("d")), 2..4);
        assert_eq!(ranks(Bound::Unbounded, Bound::Unbounded), 0..4);
        assert!(ranks(Bound::Included("d"), Bound::Included("a")).is_empty());
    }
}

#[test]
fn a_listpack_from_outside_is_checked() {
    let listpack = |words: &[&str]| {
        let mut listpack = Listpack::new();
        words.iter().for_each(|word| listpack.push_back(word.as_bytes()));
        listpack
    };
    let read = |words: &[&str]| SortedSet::from_listpack(listpack(words), SMALL);
    assert_eq!(read(&["a", "1", "b", "1.5"]).expect("sound").len(), 2);
    for words in [&["a"][..], &["a", "x"], &["b", "1", "a", "1"], &["a", "1", "a", "2"], &["a", "nan"]] {
        assert!(read(words).is_none(), "{words:?}");
    }
}

#[test]
fn a_scan_sees_whoever_stays() {
    for ties in [false, true] {
        let mut random = Rng::with_seed(7);
        let mut set = SortedSet::default();
        for number in 0..2_000_u32 {
            set.insert(&number.to_le_bytes(), if ties { 1.0 } else { f64::from(number) }, NONE);
        }
        let (mut seen, mut cursor, mut calls) = (BTreeSet::new(), 0, 0);
        loop {
            cursor = set.scan(cursor, 10, &mut |member, _| {
                seen.insert(member.to_vec());
            });
            calls += 1;
            // Even numbers stay, with other scores; odd ones come and go.
            set.insert(&(random.u32(..1_000) * 2).to_le_bytes(), f64::from(random.i32(..)), NONE);
            set.remove(&(random.u32(..1_000) * 2 + 1).to_le_bytes());
            if cursor == 0 {
                break;
            }
        }
        assert!((0..1_000_u32).all(|number| seen.contains(&(number * 2).to_le_bytes()[..])), "{calls} calls");
        assert!(calls >= 10, "{calls} calls");
    }
}
