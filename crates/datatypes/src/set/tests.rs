//! Tests of `set`: the same as a set of the standard library under random operations, in all encodings.

use std::collections::BTreeSet;

use super::*;

const SMALL: SetLimits = SetLimits { intset_entries: 8, listpack_entries: 6, listpack_value_bytes: 5 };

type Texts = BTreeSet<Vec<u8>>;

fn texts(set: &Set) -> Texts {
    let members: Vec<Vec<u8>> = set.iter().map(Element::to_vec).collect();
    let texts: Texts = members.iter().cloned().collect();
    assert_eq!((members.len(), set.iter().len()), (texts.len(), texts.len()), "each member once");
    texts
}

fn random_member(random: &mut Random) -> Vec<u8> {
    match random.index(4) {
        0 => format!("long member {}", random.index(20)).into_bytes(),
        1 => format!("m{}", random.index(8)).into_bytes(),
        _ => (random.index(24) as i64 - 12).to_string().into_bytes(),
    }
}

fn random_set(random: &mut Random) -> Set {
    let mut set = Set::default();
    let kinds = random.index(3);
    for _ in 0..random.index(20) {
        let member =
            if kinds == 0 { random.index(30).to_string().into_bytes() } else { random_member(random) };
        set.add(&member, SMALL);
    }
    set
}

#[test]
fn takes_one_word() {
    assert_eq!(size_of::<Set>(), size_of::<usize>());
}

#[test]
fn behaves_as_a_set_and_clones_stay_as_they_are() {
    let mut random = Random::from_seed(1);
    let mut encodings = BTreeSet::new();
    for _ in 0..300 {
        let (mut set, mut model) = (Set::default(), BTreeSet::new());
        let mut kept: Option<(Set, Texts)> = None;
        for _ in 0..60 {
            let member = random_member(&mut random);
            match random.index(8) {
                0..4 => assert_eq!(set.add(&member, SMALL), model.insert(member.clone())),
                4..6 => assert_eq!(set.remove(&member), model.remove(&member)),
                6 => match set.pop(&mut random) {
                    Some(popped) => assert!(model.remove(&popped)),
                    None => assert!(model.is_empty()),
                },
                _ => kept = Some((set.clone(), model.clone())),
            }
            assert_eq!((set.len(), set.contains(&member)), (model.len(), model.contains(&member)));
            encodings.insert(set.encoding());
        }
        assert_eq!(texts(&set), model);
        if let Some((clone, model)) = kept {
            assert_eq!(texts(&clone), model);
        }
    }
    assert_eq!(encodings.len(), 3);
}

#[test]
fn encodings_follow_the_limits() {
    let encoding = |members: &[&str]| {
        let mut set = Set::default();
        members.iter().for_each(|member| assert!(set.add(member.as_bytes(), SMALL)));
        set.encoding()
    };
    assert_eq!(encoding(&["1", "2", "3", "4", "5", "6", "7", "8"]), "intset");
    assert_eq!(encoding(&["1", "2", "3", "4", "5", "6", "7", "8", "9"]), "hashtable");
    assert_eq!(encoding(&["1", "2", "3", "4", "5", "a"]), "listpack");
    assert_eq!(encoding(&["1", "2", "3", "4", "5", "6", "a"]), "hashtable");
    assert_eq!(encoding(&["a", "b", "c", "d", "e", "f", "g"]), "hashtable");
    assert_eq!(encoding(&["123456", "a"]), "hashtable", "an integer too long for the listpack");
    assert_eq!((encoding(&["abcde"]), encoding(&["abcdef"])), ("listpack", "hashtable"));
}

#[test]
fn an_expected_number_chooses_the_encoding() {
    let expecting = |first: &str, count| {
        let mut set = Set::default();
        set.expect(first.as_bytes(), count, SMALL);
        set.encoding()
    };
    assert_eq!((expecting("1", 8), expecting("1", 9)), ("intset", "hashtable"));
    assert_eq!((expecting("a", 6), expecting("a", 7)), ("listpack", "hashtable"));
    let few = SetLimits { intset_entries: 2, ..SMALL };
    let mut set = Set::default();
    set.expect(b"1", 3, few);
    assert_eq!(set.encoding(), "listpack");
}

#[test]
fn combinations_are_those_of_sets() {
    let mut random = Random::from_seed(2);
    for _ in 0..2_000 {
        let sets: Vec<Set> = (0..random.index(4) + 1).map(|_| random_set(&mut random)).collect();
        let models: Vec<Texts> = sets.iter().map(texts).collect();
        let all = |combine: fn(&Texts, &Texts) -> Texts| {
            models[1..].iter().fold(models[0].clone(), |one, two| combine(&one, two))
        };
        let common = intersection(&sets, SMALL);
        assert_eq!(texts(&common), all(|one, two| one & two));
        let only_ints =
            common.len() <= SMALL.intset_entries && common.iter().all(|member| member.integer().is_some());
        assert_eq!(common.encoding() == "intset", only_ints);
        let optional: Vec<Option<Set>> = sets.iter().cloned().map(Some).collect();
        assert_eq!(texts(&difference(&optional, SMALL)), all(|one, two| one - two));
        let mut union = Set::default();
        sets.iter().for_each(|set| union.add_all(set, SMALL));
        assert_eq!(texts(&union), all(|one, two| one | two));
    }
}

#[test]
fn a_missing_first_set_leaves_nothing() {
    assert!(difference(&[None, Some(Set::default())], SMALL).is_empty() && difference(&[], SMALL).is_empty());
}

fn chosen_evenly(counts: &[u32], expected: f64) {
    let square = |&count: &u32| (f64::from(count) - expected).powi(2) / expected;
    let chi_square: f64 = counts.iter().map(square).sum();
    // The mean is the number of places, the deviation the root of twice that: six deviations never happen.
    let places = counts.len() as f64;
    assert!(chi_square < places + 6.0 * (2.0 * places).sqrt(), "{chi_square} for {places}");
}

#[test]
fn chance_is_fair() {
    let mut random = Random::from_seed(3);
    for (size, limits) in [(6, SMALL), (6, SetLimits { intset_entries: 0, ..SMALL }), (200, SMALL)] {
        let mut set = Set::default();
        (0..size).for_each(|number: usize| assert!(set.add(number.to_string().as_bytes(), limits)));
        let (mut one, mut sampled) = (vec![0; size], vec![0; size]);
        for _ in 0..100 * size {
            one[set.random(&mut random).and_then(Element::integer).expect("a member") as usize] += 1;
        }
        for _ in 0..100 {
            set.sample(size / 2, &mut random, &mut |member| {
                sampled[member.integer().expect("an integer") as usize] += 1;
            });
            set.sample(size / 6, &mut random, &mut |member| {
                sampled[member.integer().expect("an integer") as usize] += 1;
            });
        }
        chosen_evenly(&one, 100.0);
        chosen_evenly(&sampled, 100.0 * (size / 2 + size / 6) as f64 / size as f64);
    }
}

#[test]
fn samples_are_different_members_and_draws_any() {
    let mut random = Random::from_seed(4);
    for _ in 0..500 {
        let set = random_set(&mut random);
        let count = random.index(25);
        let mut seen = Vec::new();
        set.sample(count, &mut random, &mut |member| seen.push(member.to_vec()));
        assert_eq!(seen.len(), count.min(set.len()));
        assert!(seen.iter().all(|member| set.contains(member)));
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
        let mut drawn = 0;
        set.draw(7, &mut random, &mut |_| {
            drawn += 1;
            true
        });
        assert_eq!(drawn, if set.is_empty() { 0 } else { 7 });
    }
}
