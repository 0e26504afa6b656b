//! Tables and score indexes with segments as large as they really are: unit tests have small ones.

use std::collections::{BTreeSet, HashMap};

use encodings::score_index::{ScoreIndex, member_hash};
use encodings::table::{Expiry, Map, Set};

/// A text of a length from all ranges: short, as long as may lie inside, longer.
fn text(random: &mut fastrand::Rng, number: u32) -> Vec<u8> {
    let mut text = number.to_string().into_bytes();
    let length = random.choice([0, 0, 0, 20, 126, 127, 300]).expect("one");
    text.resize(text.len().max(length), b'.');
    text
}

fn check(map: &Map, model: &HashMap<Vec<u8>, Vec<u8>>) {
    assert_eq!(map.len(), model.len());
    assert_eq!(map.iter().count(), model.len());
    assert!(map.iter().all(|entry| model.get(entry.key).is_some_and(|value| entry.value == *value)));
    assert!(model.iter().all(|(key, value)| map.get(key).is_some_and(|entry| entry.value == *value)));
}

#[test]
fn a_map_behaves_like_a_map() {
    let mut random = fastrand::Rng::with_seed(61);
    let (mut map, mut model, mut clones) = (Map::new(), HashMap::new(), Vec::new());
    for round in 0..80_000 {
        let number = random.u32(..20_000);
        let key = text(&mut fastrand::Rng::with_seed(number.into()), number);
        if round % 40_000 < 30_000 || random.u8(..4) == 0 {
            let value = text(&mut random, round);
            map.insert(&key, &value, Expiry::Clear);
            model.insert(key, value);
        } else {
            assert_eq!(map.remove(&key), model.remove(&key).is_some());
        }
        if round % 10_000 == 0 {
            clones.push((map.clone(), model.clone()));
        }
    }
    check(&map, &model);
    clones.iter().for_each(|(map, model)| check(map, model));
}

#[test]
fn a_set_is_scanned_while_it_grows() {
    let mut set = Set::new();
    (0..40_000_u32).for_each(|member| assert!(set.insert(&member.to_le_bytes())));
    let (mut cursor, mut seen, mut next) = (0, BTreeSet::new(), 40_000_u32);
    loop {
        cursor = set.scan(cursor, 500, &mut |entry| {
            seen.insert(u32::from_le_bytes(entry.key.try_into().expect("four bytes")));
        });
        if cursor == 0 {
            break;
        }
        (next..next + 200).for_each(|member| assert!(set.insert(&member.to_le_bytes())));
        next += 200;
    }
    assert!((0..40_000).all(|member| seen.contains(&member)));
    let each = set.allocated_bytes() as f64 / set.len() as f64;
    assert!(each < 4.0 + 12.0, "{each} bytes a member of four");
}

#[test]
fn a_score_index_finds_every_score() {
    let mut index = ScoreIndex::new();
    let score = |member: u32| f64::from(member) / 8.0;
    let hash = |member: u32| member_hash(&member.to_le_bytes());
    (0..60_000).for_each(|member| index.insert(hash(member), score(member)));
    assert!((0..60_000).all(|member| index.candidates(hash(member)).any(|found| found == score(member))));
    assert!(index.allocated_bytes() < 60_000 * 16);
    assert!((0..60_000).step_by(2).all(|member| index.remove(hash(member), score(member))));
    assert!((0..60_000).all(|member| {
        index.candidates(hash(member)).any(|found| found == score(member)) == (member % 2 == 1)
    }));
}
