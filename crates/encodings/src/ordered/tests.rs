//! Tests of the order: against a model, with small leaves; clones; bounds; ends.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::ScoreOrder;

/// Leaves of some six elements, nodes of four children.
type Small = ScoreOrder<128, 4>;

/// Scores as integers that are ordered as they are, then members.
type Model = BTreeMap<(i64, Vec<u8>), ()>;

fn member_of(random: &mut fastrand::Rng, range: u32) -> Vec<u8> {
    let number = random.u32(..range);
    // Some empty, some alike for longer than a prefix, some outside the leaf.
    match number % 10 {
        0 => Vec::new(),
        1..=3 => format!("alike for more than sixteen bytes:{number}").into_bytes(),
        4 => format!("{}{number}", "long".repeat(40)).into_bytes(),
        5 => vec![0; number as usize % 20],
        _ => number.to_string().into_bytes(),
    }
}

fn model_of(order: &Small) -> Vec<(i64, Vec<u8>)> {
    order.ascending(0).map(|(score, member)| (score as i64, member.to_vec())).collect()
}

fn assert_equal(order: &Small, model: &Model) {
    order.tree.check();
    let expected: Vec<_> = model.keys().cloned().collect();
    assert_eq!(model_of(order), expected);
    let mut downwards: Vec<_> = match order.len() {
        0 => Vec::new(),
        len => order.descending(len - 1).map(|(score, member)| (score as i64, member.to_vec())).collect(),
    };
    downwards.reverse();
    assert_eq!(downwards, expected);
}

/// One random change of both.
fn change(order: &mut Small, model: &mut Model, random: &mut fastrand::Rng, size: usize) {
    let element = (random.i64(-3..3), member_of(random, size as u32 * 2));
    match random.usize(..200) {
        0 => {
            let from = random.usize(..=model.len());
            let to = from + random.usize(..size / 4);
            let mut removed = Vec::new();
            let rest = order.without(from, to);
            order.remove_range(from, to, &mut |score, member| removed.push((score as i64, member.to_vec())));
            let expected: Vec<_> = model.keys().skip(from).take(to - from).cloned().collect();
            model.retain(|element, ()| !expected.contains(element));
            assert_eq!(removed, expected);
            assert_equal(&rest, model);
        }
        1 => {
            let popped = order.pop_first().map(|(score, member)| (score as i64, member));
            assert_eq!(popped, model.pop_first().map(|(element, ())| element));
        }
        2 => {
            let popped = order.pop_last().map(|(score, member)| (score as i64, member));
            assert_eq!(popped, model.pop_last().map(|(element, ())| element));
        }
        action if action < 40 => {
            let new_score = element.0 + random.i64(-2..3);
            let is_there = model.contains_key(&element);
            let is_other = model.contains_key(&(new_score, element.1.clone())) && new_score != element.0;
            // A member has one score: the set above sees to it.
            if !is_other {
                assert_eq!(order.rescore(element.0 as f64, &element.1, new_score as f64), is_there);
                if is_there {
                    model.remove(&element);
                    model.insert((new_score, element.1), ());
                }
            }
        }
        action if action < 130 => {
            let is_new = order.insert(element.0 as f64, &element.1);
            assert_eq!(is_new, model.insert(element, ()).is_none());
        }
        _ => {
            let is_removed = order.remove(element.0 as f64, &element.1);
            assert_eq!(is_removed, model.remove(&element).is_some());
        }
    }
}

fn compare_questions(order: &Small, model: &Model, random: &mut fastrand::Rng, size: usize) {
    let (score, member) = (random.i64(-3..3), member_of(random, size as u32 * 2));
    let rank = model.keys().position(|element| *element == (score, member.clone()));
    assert_eq!(order.rank(score as f64, &member), rank);
    assert_eq!(order.contains(score as f64, &member), rank.is_some());
    let below = model.keys().filter(|element| element.0 < score).count();
    let up_to = model.keys().filter(|element| element.0 <= score).count();
    let score = score as f64;
    assert_eq!(order.start_of_scores(Bound::Included(score)), below);
    assert_eq!(order.start_of_scores(Bound::Excluded(score)), up_to);
    assert_eq!(order.end_of_scores(Bound::Included(score)), up_to);
    assert_eq!(order.end_of_scores(Bound::Excluded(score)), below);
    let rank = random.usize(..=model.len());
    let at = order.at(rank).map(|(score, member)| (score as i64, member.to_vec()));
    assert_eq!(at.as_ref(), model.keys().nth(rank));
}

#[test]
fn does_what_an_ordered_map_does() {
    for (seed, size) in [(1, 8), (2, 100), (3, 1_500)] {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut order, mut model) = (Small::default(), Model::new());
        for step in 0..5_000 {
            change(&mut order, &mut model, &mut random, size);
            if step % 10 == 0 {
                compare_questions(&order, &model, &mut random, size);
            }
            if step % 100 == 0 {
                assert_equal(&order, &model);
            }
        }
    }
}

#[test]
fn clones_stay_as_they_were() {
    let mut random = fastrand::Rng::with_seed(7);
    let (mut order, mut model) = (Small::default(), Model::new());
    let mut clones: Vec<(Small, Model)> = Vec::new();
    for _ in 0..6_000 {
        change(&mut order, &mut model, &mut random, 200);
        if random.usize(..50) == 0 {
            clones.push((order.clone(), model.clone()));
        }
        if clones.len() > 4 {
            let (clone, model) = clones.swap_remove(random.usize(..clones.len()));
            assert_equal(&clone, &model);
        }
    }
}

#[test]
fn members_are_found_between_lexicographic_bounds() {
    let mut random = fastrand::Rng::with_seed(9);
    let mut model = Vec::new();
    let mut order = Small::default();
    for _ in 0..800 {
        let member = member_of(&mut random, 2_000);
        if order.insert(0.0, &member) {
            model.push(member);
        }
    }
    for _ in 0..800 {
        let wanted = member_of(&mut random, 2_000);
        let below = model.iter().filter(|member| **member < wanted).count();
        let up_to = model.iter().filter(|member| **member <= wanted).count();
        assert_eq!(order.start_of_members(Bound::Included(&wanted)), below);
        assert_eq!(order.start_of_members(Bound::Excluded(&wanted)), up_to);
        assert_eq!(order.end_of_members(Bound::Included(&wanted)), up_to);
        assert_eq!(order.end_of_members(Bound::Excluded(&wanted)), below);
    }
    assert_eq!(order.start_of_members(Bound::Unbounded), 0);
    assert_eq!(order.end_of_members(Bound::Unbounded), order.len());
}

#[test]
fn sorted_input_is_packed() {
    let elements: Vec<(f64, String)> =
        (0..5_000).map(|number| (f64::from(number / 3), format!("{number:06}"))).collect();
    let packed: Small = ScoreOrder::from_sorted(elements.iter().map(|(score, member)| (*score, member)));
    let mut inserted = Small::default();
    let mut backwards = Small::default();
    elements.iter().for_each(|(score, member)| assert!(inserted.insert(*score, member.as_bytes())));
    elements.iter().rev().for_each(|(score, member)| assert!(backwards.insert(*score, member.as_bytes())));
    for order in [&packed, &inserted, &backwards] {
        order.tree.check();
        assert!(order.ascending(0).map(|(_, member)| member).eq(elements.iter().map(|e| e.1.as_bytes())));
        assert_eq!(order.tree.block_count(), 5_000_usize.div_ceil(128 / 15), "all leaves are full");
    }
    assert!(Small::from_sorted(Vec::<(f64, &[u8])>::new()).is_empty());
}

#[test]
fn zeros_are_equal_and_infinities_are_ends() {
    let mut order = ScoreOrder::new();
    for (score, member) in [(0.0, "a"), (-0.0, "b"), (f64::NEG_INFINITY, "z"), (f64::INFINITY, "0")] {
        assert!(order.insert(score, member.as_bytes()));
    }
    assert!(!order.insert(-0.0, b"a") && order.contains(0.0, b"b") && order.rank(-0.0, b"a") == Some(1));
    assert_eq!(order.first(), Some((f64::NEG_INFINITY, &b"z"[..])));
    assert_eq!(order.last(), Some((f64::INFINITY, &b"0"[..])));
    assert_eq!(order.start_of_scores(Bound::Excluded(f64::NEG_INFINITY)), 1);
    assert_eq!(order.end_of_scores(Bound::Excluded(f64::INFINITY)), 3);
    assert_eq!(order.start_of_scores(Bound::Included(-0.0)), 1);
    assert!(order.at(2).is_some_and(|(score, _)| score.is_sign_negative()), "the sign is kept");
}

#[test]
fn allocations_are_counted_and_come_back() {
    let mut order = ScoreOrder::new();
    let huge = vec![b'x'; 100_000];
    order.insert(1.0, &huge);
    assert!(order.allocated_bytes() > 100_000 && order.clone().contains(1.0, &huge));
    order.remove(1.0, &huge);
    let empty = order.allocated_bytes();
    for number in 0..20_000_u32 {
        order.insert(f64::from(number * 7_919 % 10_007), &number.to_be_bytes());
    }
    let per_element = order.allocated_bytes() / 20_000;
    assert!((13..24).contains(&per_element), "{per_element} bytes each");
    for number in 0..20_000_u32 {
        assert!(order.remove(f64::from(number * 7_919 % 10_007), &number.to_be_bytes()));
    }
    assert_eq!(order.allocated_bytes(), empty);
    assert_eq!(order.pop_first(), None);
    assert!(order.ascending(0).next().is_none() && order.descending(0).next().is_none());
}

#[test]
fn clones_may_go_to_other_threads() {
    fn assert_shareable<T: Send + Sync>(_: &T) {}
    assert_shareable(&ScoreOrder::new());
}
