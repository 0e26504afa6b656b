//! Lists beside a plain row of strings, and when they change their encoding.

use std::collections::VecDeque;

use super::{End, List};
use crate::collection::Collection;
use crate::limits::ListLimits;

const SMALL: ListLimits = ListLimits { listpack_size: 8, compress_depth: 0 };
const COMPRESSED: ListLimits = ListLimits { listpack_size: 8, compress_depth: 1 };
const BYTES: ListLimits = ListLimits { listpack_size: -1, compress_depth: 0 };

type Model = VecDeque<Vec<u8>>;

fn elements(list: &List) -> Model {
    let mut shown = Model::new();
    list.visit(0, usize::MAX, |element| shown.push_back(element.to_vec()));
    shown
}

fn backwards(list: &List) -> Model {
    let mut shown = Model::new();
    let mut walk = list.walk(list.len().saturating_sub(1), true);
    while let Some(element) = walk.next_element() {
        shown.push_front(element.to_vec());
    }
    shown
}

fn word(random: &mut fastrand::Rng) -> Vec<u8> {
    match random.u32(..8) {
        0 => random.i64(..).to_string().into_bytes(),
        1 => vec![b'x'; random.usize(..300)],
        2 => vec![b'y'; 5000 * usize::from(random.u32(..20) == 0)],
        _ => random.u32(..12).to_string().into_bytes(),
    }
}

fn end(random: &mut fastrand::Rng) -> End {
    if random.bool() { End::Front } else { End::Back }
}

fn change_ends(list: &mut List, model: &mut Model, random: &mut fastrand::Rng, limits: ListLimits) {
    let end = end(random);
    if random.u32(..5) < 3 {
        let words: Vec<Vec<u8>> = (0..random.usize(1..4)).map(|_| word(random)).collect();
        list.push(end, words.iter().map(Vec::as_slice), limits);
        for word in words {
            if end == End::Front { model.push_front(word) } else { model.push_back(word) }
        }
        return;
    }
    let count = random.usize(..4);
    let mut popped = Vec::new();
    list.pop(end, count, limits, |element| popped.push(element.to_vec()));
    let take = |model: &mut Model| if end == End::Front { model.pop_front() } else { model.pop_back() };
    let expected: Vec<Vec<u8>> = (0..count).map_while(|_| take(model)).collect();
    assert_eq!(popped, expected);
}

fn change_inside(list: &mut List, model: &mut Model, random: &mut fastrand::Rng, limits: ListLimits) {
    let (place, word) = (random.usize(..model.len()), word(random));
    match random.u32(..5) {
        0 => {
            list.set(place, &word, limits);
            model[place] = word;
        }
        1 | 2 => {
            let is_behind = random.bool();
            list.insert(place, is_behind, &word, limits);
            model.insert(place + usize::from(is_behind), word);
        }
        3 => {
            let (most, from) = (random.usize(1..4), end(random));
            let removed = list.remove_matching(&word, most, from, limits);
            let mut places: Vec<usize> = (0..model.len()).filter(|&place| model[place] == word).collect();
            if from == End::Back {
                places.reverse();
            }
            places.truncate(most);
            assert_eq!(removed, places.len());
            places.sort_unstable();
            places.iter().rev().for_each(|&place| drop(model.remove(place)));
        }
        _ if random.u32(..20) == 0 => {
            let count = random.usize(1..=model.len() - place);
            list.keep_range(place, count, limits);
            model.truncate(place + count);
            model.drain(..place);
        }
        _ => assert_eq!(list.find(&word), model.iter().position(|other| *other == word)),
    }
}

fn compare(limits: ListLimits, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut list, mut model) = (List::default(), Model::new());
    let mut clones: Vec<(List, Model)> = Vec::new();
    for round in 0..4000 {
        if model.is_empty() || random.bool() {
            change_ends(&mut list, &mut model, &mut random, limits);
        } else {
            change_inside(&mut list, &mut model, &mut random, limits);
        }
        assert_eq!((list.len(), list.is_empty()), (model.len(), model.is_empty()), "round {round}");
        if round % 50 == 0 {
            assert_eq!(elements(&list), model, "round {round}");
            assert_eq!(backwards(&list), model, "round {round}");
            assert_eq!(list.blocks().count(), list.block_count());
        }
        if round % 500 == 0 {
            clones.push((list.clone(), model.clone()));
        }
    }
    for (clone, model) in clones {
        assert_eq!(elements(&clone), model, "clones stay as they were");
    }
}

#[test]
fn does_what_a_row_of_strings_does() {
    for (limits, seed) in [(SMALL, 1), (COMPRESSED, 2), (BYTES, 3), (SMALL, 4)] {
        compare(limits, seed);
    }
}

#[test]
fn becomes_a_quicklist_beyond_the_limit_and_a_listpack_at_half_of_it() {
    let mut list = List::default();
    for number in 0..8 {
        list.push_one(End::Back, number.to_string().as_bytes(), SMALL);
    }
    assert_eq!(list.encoding(), "listpack");
    list.push_one(End::Front, b"more", SMALL);
    assert_eq!(list.encoding(), "quicklist");
    list.pop(End::Back, 1, SMALL, |_| {});
    assert_eq!(list.encoding(), "quicklist", "two blocks are no listpack");
    list.pop(End::Front, 4, SMALL, |_| {});
    assert_eq!((list.encoding(), list.len()), ("listpack", 4));
    let mut large = List::default();
    large.push_one(End::Back, &[b'x'; 5000], BYTES);
    assert_eq!(large.encoding(), "quicklist");
    large.set(0, b"x", BYTES);
    large.push_one(End::Back, b"y", BYTES);
    large.pop(End::Front, 1, BYTES, |_| {});
    assert_eq!(large.len(), 1);
}

#[test]
fn blocks_make_the_same_list_again() {
    for limits in [SMALL, COMPRESSED, BYTES] {
        let mut list = List::default();
        for number in 0..100 {
            list.push_one(End::Back, number.to_string().as_bytes(), limits);
        }
        list.push_one(End::Back, &[b'x'; 9000], limits);
        let mut again = List::default();
        for block in list.blocks() {
            match block {
                encodings::quicklist::BlockView::Packed(view) => again.append_packed(view.into(), limits),
                encodings::quicklist::BlockView::Unpacked(listpack) => again.append_packed(listpack, limits),
                encodings::quicklist::BlockView::Plain(bytes) => again.append_plain(bytes, limits),
            }
        }
        again.settle(limits);
        assert_eq!(again, list);
    }
    let mut short = List::default();
    short.append_packed([1_i64.into(), 2.into()].into_iter().collect(), SMALL);
    short.settle(SMALL);
    assert_eq!((short.encoding(), short.len()), ("listpack", 2));
}

#[test]
fn takes_one_word() {
    assert_eq!(size_of::<List>(), size_of::<usize>());
}
