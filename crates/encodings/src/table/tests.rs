//! Tests of `table` with small segments: against a map, clones that must not change, SCAN's promise, chance, memory.

use std::collections::{BTreeSet, HashMap};

use super::*;

type Model = HashMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

/// Few enough keys to meet again; some texts lie outside.
fn random_text(random: &mut fastrand::Rng, most: u32) -> Vec<u8> {
    let mut text = random.u32(..most).to_string().into_bytes();
    if text.len().is_multiple_of(3) {
        text.resize(text.len() * 9, b'.');
    }
    text
}

fn random_expiry(random: &mut fastrand::Rng) -> Option<i64> {
    random.bool().then(|| random.i64(..))
}

fn check(map: &Map, model: &Model) {
    assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(map.expiring(), model.values().filter(|(_, at_ms)| at_ms.is_some()).count());
    let mut seen = 0;
    for entry in map.iter() {
        let (value, at_ms) = &model[entry.key];
        assert_eq!((entry.value, entry.expire_at_ms), (value.as_slice(), *at_ms));
        seen += 1;
    }
    assert_eq!(seen, model.len());
    for key in model.keys() {
        assert!(map.contains(key) && map.get(key).is_some_and(|entry| entry.key == key));
    }
}

fn change(map: &mut Map, model: &mut Model, random: &mut fastrand::Rng, removing: bool) {
    let key = random_text(random, 3_000);
    match random.u8(0..8) + u8::from(removing) * 3 {
        0..4 => {
            let most = 1 << random.u32(1..32);
            let (value, at_ms) = (random_text(random, most), random_expiry(random));
            let before_ms = model.get(&key).and_then(|(_, at_ms)| *at_ms);
            let (expiry, after_ms) = match (random.bool(), at_ms) {
                (true, _) => (Expiry::Keep, before_ms),
                (false, Some(at_ms)) => (Expiry::At(at_ms), Some(at_ms)),
                (false, None) => (Expiry::Clear, None),
            };
            let is_new = model.insert(key.clone(), (value.clone(), after_ms)).is_none();
            assert_eq!(map.insert(&key, &value, expiry), is_new);
        }
        4 => {
            let at_ms = random_expiry(random);
            let entry = model.get_mut(&key);
            assert_eq!(map.set_expiry(&key, at_ms), entry.is_some());
            entry.into_iter().for_each(|entry| entry.1 = at_ms);
        }
        5 => assert_eq!(map.take(&key), model.remove(&key)),
        _ => assert_eq!(map.remove(&key), model.remove(&key).is_some()),
    }
}

#[test]
fn behaves_like_a_map_and_clones_keep_what_they_had() {
    let mut random = fastrand::Rng::with_seed(41);
    let (mut map, mut model, mut clones) = (Map::new(), Model::new(), Vec::new());
    for round in 0..30_000 {
        change(&mut map, &mut model, &mut random, round % 10_000 > 6_000);
        if round % 500 == 0 {
            check(&map, &model);
            clones.push((map.clone(), model.clone()));
        }
        if clones.len() > 8 {
            let (map, model) = clones.swap_remove(random.usize(..8));
            check(&map, &model);
        }
    }
    check(&map, &model);
    clones.iter().for_each(|(map, model)| check(map, model));
}

#[test]
fn a_clone_may_be_written_too() {
    let mut random = fastrand::Rng::with_seed(42);
    let (mut map, mut model) = (Map::new(), Model::new());
    (0..3_000).for_each(|_| change(&mut map, &mut model, &mut random, false));
    let (mut other, mut other_model) = (map.clone(), model.clone());
    for _ in 0..3_000 {
        change(&mut map, &mut model, &mut random, true);
        change(&mut other, &mut other_model, &mut random, true);
    }
    check(&map, &model);
    check(&other, &other_model);
}

fn set_of(members: u32) -> Set {
    let mut set = Set::new();
    (0..members).for_each(|member| assert!(set.insert(&member.to_le_bytes())));
    set
}

#[test]
fn memory_comes_back() {
    let mut set = set_of(5_000);
    assert!((0..5_000_u32).all(|member| !set.insert(&member.to_le_bytes())));
    let full = set.allocated_bytes();
    (10..5_000_u32).for_each(|member| assert!(set.remove(&member.to_le_bytes())));
    assert!((0..10_u32).all(|member| set.contains(&member.to_le_bytes())));
    assert!(set.allocated_bytes() < full / 50, "{} of {full}", set.allocated_bytes());
    (0..10_u32).for_each(|member| assert!(set.remove(&member.to_le_bytes())));
    assert_eq!((set.len(), set.allocated_bytes()), (0, 0));
    assert!(!set.remove(b"x"));
}

#[test]
fn long_texts_are_shared_and_given_back() {
    let mut map = Map::new();
    let long = vec![b'v'; 1 << 20];
    map.insert(&long, &long, Expiry::Clear);
    let clone = map.clone();
    map.insert(b"f", b"1", Expiry::Clear);
    let address = |map: &Map| map.get(&long).expect("there").value.as_ptr();
    assert_eq!(address(&map), address(&clone), "a copied segment shares its long texts");
    assert!(map.allocated_bytes() > 2 << 20);
    map.insert(&long, b"short", Expiry::Keep);
    assert_eq!(map.get(&long).map(|entry| entry.value), Some(&b"short"[..]));
    assert!(map.allocated_bytes() < 3 << 19, "one long text is left");
    assert!(map.remove(&long));
    assert!(map.allocated_bytes() < 2_000, "the last long text is gone");
    assert_eq!(clone.get(&long).map(|entry| entry.value.len()), Some(1 << 20));
}

/// All that a scan returns, while `change` is called between its calls.
fn scanned(set: &mut Set, count: usize, change: &mut dyn FnMut(&mut Set)) -> BTreeSet<u32> {
    let (mut cursor, mut found) = (0, BTreeSet::new());
    for _ in 0..20_000 {
        cursor = set.scan(cursor, count, &mut |entry| {
            found.insert(u32::from_le_bytes(entry.key.try_into().expect("four bytes")));
        });
        if cursor == 0 {
            return found;
        }
        change(set);
    }
    panic!("the scan does not end");
}

#[test]
fn scan_returns_what_was_there_throughout() {
    for count in [1, 7, 100] {
        let mut grown = 1_000;
        let found = scanned(&mut set_of(1_000), count, &mut |set| {
            for _ in 0..50 {
                // The set must not grow faster for ever than the scan goes on.
                if grown < 6_000 {
                    set.insert(&u32::to_le_bytes(grown));
                    grown += 1;
                }
            }
        });
        assert!((0..1_000).all(|member| found.contains(&member)), "while growing, by {count}");
        let mut shrunk = 5_000;
        let found = scanned(&mut set_of(5_000), count, &mut |set| {
            for _ in 0..40 {
                if shrunk > 500 {
                    shrunk -= 1;
                    set.remove(&u32::to_le_bytes(shrunk));
                }
            }
        });
        assert!((0..500).all(|member| found.contains(&member)), "while shrinking, by {count}");
    }
}

#[test]
fn scan_without_changes_returns_each_once() {
    let set = set_of(2_000);
    let (mut cursor, mut calls, mut seen) = (0, 0, Vec::new());
    loop {
        cursor = set.scan(cursor, 10, &mut |entry| seen.push(entry.key.to_vec()));
        calls += 1;
        if cursor == 0 || calls > 2_000 {
            break;
        }
    }
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (2_000, 2_000));
    assert!((150..=201).contains(&calls), "{calls} calls");
    assert_eq!(Set::new().scan(0, 10, &mut |_| panic!("empty")), 0);
    assert_eq!(set.scan(u64::MAX, 10, &mut |_| panic!("no position")), 0);
    let mut random = fastrand::Rng::with_seed(43);
    for _ in 0..1_000 {
        set.scan(random.u64(..) >> random.u32(..64), 3, &mut |_| ());
    }
}

/// A cursor could not tell them apart, so one call gives them all.
#[test]
fn entries_of_one_position_are_scanned_together() {
    let mut segment = <Segment<false> as crate::directory::Segment>::new(0);
    for number in 0..9_u8 {
        segment.insert(u64::from(number / 3) << 48, &[number], b"", None);
    }
    let (mut next, mut seen) = (Some(0), Vec::new());
    while let Some(hash) = next {
        let before = seen.len();
        assert!(before < 9, "the walk does not end");
        next = segment.visit(hash, 1, &mut |entry| seen.push(entry.key[0]));
        assert_eq!(seen.len(), before + 3);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..9).collect::<Vec<_>>());
}

#[test]
fn random_entries_are_spread_evenly() {
    let mut random = fastrand::Rng::with_seed(44);
    for members in [1, 3, 17, 400] {
        let set = set_of(members);
        let mut met = HashMap::<Vec<u8>, u32>::new();
        for _ in 0..members * 200 {
            *met.entry(set.random(&mut random).expect("not empty").key.to_vec()).or_default() += 1;
        }
        assert_eq!(met.len(), members as usize);
        // Two hundred each, with a deviation of about fourteen.
        assert!(met.values().all(|times| (120..=280).contains(times)), "of {members}");
    }
    assert_eq!(Set::new().random(&mut random), None);
}

#[test]
fn random_finds_the_few_that_are_left() {
    let mut set = set_of(3_000);
    (1..3_000_u32).for_each(|member| assert!(set.remove(&member.to_le_bytes())));
    let mut random = fastrand::Rng::with_seed(45);
    assert_eq!(set.random(&mut random).map(|entry| entry.key), Some(&[0; 4][..]));
    let mut reserved = Set::new();
    reserved.reserve(1 << 40);
    assert_eq!(reserved.random(&mut random), None);
    assert!(reserved.allocated_bytes() < 2 << 20, "only a part of a claim is believed");
    reserved.insert(b"x");
    assert_eq!(reserved.random(&mut random).map(|entry| entry.key), Some(&b"x"[..]));
    assert_eq!(scanned(&mut set, 1, &mut |_| ()).len(), 1);
}

#[test]
fn tables_go_from_thread_to_thread() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Set>();
    is_shared::<Map>();
}
