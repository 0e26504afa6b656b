//! Tests of `score_index` with small segments: against a map, clones that must not change, many of one hash, memory.

use std::collections::HashMap;

use super::*;

type Model = HashMap<u32, Vec<f64>>;

fn sorted(scores: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut scores: Vec<f64> = scores.collect();
    scores.sort_by(f64::total_cmp);
    scores
}

fn check(index: &ScoreIndex, model: &Model) {
    assert_eq!(index.len(), model.values().map(Vec::len).sum::<usize>());
    for (hash, scores) in model {
        assert_eq!(sorted(index.candidates(*hash)), sorted(scores.iter().copied()));
        assert_eq!(index.candidates(hash ^ 1).count(), model.get(&(hash ^ 1)).map_or(0, Vec::len));
    }
}

/// Hashes in all parts of the range, few enough to meet again, and some alike.
fn random_hash(random: &mut fastrand::Rng) -> u32 {
    random.u32(..1 << 9).wrapping_mul(0x9e37_79b9) & !(random.u32(..) & 1)
}

fn change(index: &mut ScoreIndex, model: &mut Model, random: &mut fastrand::Rng, removing: bool) {
    let hash = random_hash(random);
    let scores = model.entry(hash).or_default();
    let new = f64::from(random.i32(-20..20)) / 4.0;
    let chosen = random.choice(0..scores.len());
    match (random.u8(0..4) + u8::from(removing) * 2, chosen) {
        (0..2, _) | (_, None) => {
            index.insert(hash, new);
            scores.push(new);
            assert!(!index.remove(hash, 99.0) && !index.replace(hash, 99.0, 1.0));
        }
        (2, Some(at)) => {
            assert!(index.replace(hash, scores[at], new));
            scores[at] = new;
        }
        (_, Some(at)) => assert!(index.remove(hash, scores.swap_remove(at))),
    }
}

#[test]
fn behaves_like_a_map_and_clones_keep_what_they_had() {
    let mut random = fastrand::Rng::with_seed(51);
    let (mut index, mut model, mut clones) = (ScoreIndex::new(), Model::new(), Vec::new());
    for round in 0..30_000 {
        change(&mut index, &mut model, &mut random, round % 6_000 > 3_500);
        if round % 1_000 == 0 {
            check(&index, &model);
            clones.push((index.clone(), model.clone()));
        }
    }
    check(&index, &model);
    clones.iter().for_each(|(index, model)| check(index, model));
}

#[test]
fn many_come_and_go_together() {
    let mut random = fastrand::Rng::with_seed(53);
    let (mut index, mut model) = (ScoreIndex::new(), Model::new());
    for _ in 0..300 {
        let some = |random: &mut fastrand::Rng| {
            let entry = |random: &mut fastrand::Rng| (random_hash(random), f64::from(random.u8(..4)));
            (0..random.usize(..60)).map(|_| entry(random)).collect::<Vec<_>>()
        };
        let (mut new, mut old) = (some(&mut random), some(&mut random));
        new.iter().for_each(|(hash, score)| model.entry(*hash).or_default().push(*score));
        index.insert_all(&mut new);
        for (hash, score) in &old {
            let scores = model.entry(*hash).or_default();
            scores.iter().position(|other| other == score).map(|at| scores.swap_remove(at));
        }
        let before = index.clone();
        let len = index.len();
        index.remove_all(&mut old);
        check(&index, &model);
        assert_eq!(before.len(), len);
    }
    let mut all: Vec<(u32, f64)> =
        model.iter().flat_map(|(hash, scores)| scores.iter().map(|score| (*hash, *score))).collect();
    index.remove_all(&mut all);
    assert_eq!((index.len(), index.allocated_bytes()), (0, 0));
}

#[test]
fn any_number_may_share_a_hash() {
    let mut index = ScoreIndex::new();
    (0..2_000).for_each(|score| index.insert(7, f64::from(score)));
    index.insert(6, 0.5);
    assert!(index.allocated_bytes() < 2_000 * 16, "splits that part nothing were given up");
    assert_eq!(sorted(index.candidates(7)), (0..2_000).map(f64::from).collect::<Vec<_>>());
    assert_eq!(index.candidates(6).collect::<Vec<_>>(), [0.5]);
    assert!((0..2_000).all(|score| index.remove(7, f64::from(score))));
    assert_eq!((index.len(), index.candidates(7).count()), (1, 0));
}

#[test]
fn memory_comes_back() {
    let mut index = ScoreIndex::new();
    index.reserve(100);
    let hashes: Vec<u32> = (0..5_000_u32).map(|member| member_hash(&member.to_le_bytes())).collect();
    hashes.iter().for_each(|hash| index.insert(*hash, 1.0));
    let full = index.allocated_bytes();
    hashes[20..].iter().for_each(|hash| assert!(index.remove(*hash, 1.0)));
    assert!(index.allocated_bytes() < full / 40, "{} of {full}", index.allocated_bytes());
    assert!(hashes[..20].iter().all(|hash| index.remove(*hash, 1.0)));
    assert_eq!((index.is_empty(), index.allocated_bytes()), (true, 0));
}
