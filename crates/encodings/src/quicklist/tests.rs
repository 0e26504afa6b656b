//! Tests of the list: against a vector, with small blocks; clones; Redis's filling; compression.

use super::block::Block;
use super::{BlockView, Fill, QuickList};

type Small = QuickList<4>;
type Model = Vec<Vec<u8>>;

fn element_of(random: &mut fastrand::Rng) -> Vec<u8> {
    match random.u32(..100) {
        0 => vec![b'L'; random.usize(4_000..10_000)],
        1..10 => vec![b'm'; random.usize(..300)],
        10..40 => random.i64(-3..3).to_string().into_bytes(),
        _ => random.u32(..100_000).to_string().repeat(random.usize(1..4)).into_bytes(),
    }
}

fn contents(list: &Small) -> Model {
    let mut elements = list.ascending(0);
    let mut contents = Model::new();
    while let Some(element) = elements.next_element() {
        contents.push(element.to_vec());
    }
    contents
}

fn assert_equal(list: &Small, model: &Model) {
    list.tree.check();
    assert_eq!(&contents(list), model);
    let mut elements = list.descending(list.len().saturating_sub(1));
    for expected in model.iter().rev() {
        assert!(elements.next_element().is_some_and(|element| element == **expected));
    }
    assert!(elements.next_element().is_none());
}

/// An index that is in the list, or just outside, from either end.
fn index_of(random: &mut fastrand::Rng, len: usize) -> i64 {
    random.i64(-(len as i64) - 1..=len as i64)
}

fn resolved(index: i64, len: usize) -> Option<usize> {
    let position = if index < 0 { index + len as i64 } else { index };
    usize::try_from(position).ok().filter(|&position| position < len)
}

/// One random change of both, in a list that is held at some size.
fn change(list: &mut Small, model: &mut Model, random: &mut fastrand::Rng, fill: Fill, size: usize) {
    let (element, index) = (element_of(random), index_of(random, model.len()));
    let position = resolved(index, model.len());
    match random.usize(..if model.len() < size { 16 } else { 24 }) {
        0..4 => {
            list.push_back(&element, fill);
            model.push(element);
        }
        4..8 => {
            list.push_front(&element, fill);
            model.insert(0, element);
        }
        8..12 => {
            assert_eq!(list.insert_before(index, &element, fill), position.is_some());
            position.into_iter().for_each(|position| model.insert(position, element.clone()));
        }
        12..14 => {
            assert_eq!(list.insert_after(index, &element, fill), position.is_some());
            position.into_iter().for_each(|position| model.insert(position + 1, element.clone()));
        }
        14..16 => {
            assert_eq!(list.set(index, &element, fill), position.is_some());
            position.into_iter().for_each(|position| model[position].clone_from(&element));
        }
        16..18 => assert_eq!(list.pop_back(fill), model.pop()),
        18..20 => {
            let first = (!model.is_empty()).then(|| model.remove(0));
            assert_eq!(list.pop_front(fill), first);
        }
        20..22 => {
            assert_eq!(list.remove(index, fill), position.is_some());
            position.into_iter().for_each(|position| drop(model.remove(position)));
        }
        22 => {
            let (start, count) = (random.usize(..=model.len()), random.usize(..=size / 3));
            list.remove_range(start, count, fill);
            model.drain(start..(start + count).min(model.len()));
        }
        _ => {
            let wanted = random.i64(-3..3).to_string().into_bytes();
            let (most, from_back) = (random.usize(..20), random.bool());
            let removed = list.remove_matching(&wanted, most, from_back, fill);
            assert_eq!(removed, remove_from_model(model, &wanted, most, from_back));
        }
    }
}

fn remove_from_model(model: &mut Model, wanted: &[u8], most: usize, from_back: bool) -> usize {
    let mut places: Vec<usize> = (0..model.len()).filter(|&place| model[place] == wanted).collect();
    if from_back {
        places.reverse();
    }
    places.truncate(most);
    places.sort_unstable();
    places.iter().rev().for_each(|&place| drop(model.remove(place)));
    places.len()
}

const FILLS: [(i64, u32); 7] = [(1, 0), (3, 0), (5, 1), (8, 2), (100, 1), (-1, 0), (-1, 1)];

#[test]
fn does_what_a_vector_does() {
    for (number, (size, depth)) in FILLS.into_iter().enumerate() {
        let mut random = fastrand::Rng::with_seed(number as u64);
        let fill = Fill::new(size, depth);
        let (mut list, mut model) = (Small::default(), Model::new());
        for step in 0..3_000 {
            change(&mut list, &mut model, &mut random, fill, 300);
            let index = index_of(&mut random, model.len());
            let found = list.get(index).map(|found| found.element().to_vec());
            assert_eq!(found.as_ref(), resolved(index, model.len()).map(|position| &model[position]));
            if step % 60 == 0 {
                assert_equal(&list, &model);
            }
        }
    }
}

#[test]
fn clones_stay_as_they_were() {
    let mut random = fastrand::Rng::with_seed(77);
    let (mut list, mut model) = (Small::default(), Model::new());
    let mut clones: Vec<(Small, Model)> = Vec::new();
    for _ in 0..4_000 {
        // The configuration may change at any time.
        let (size, depth) = FILLS[random.usize(..FILLS.len())];
        change(&mut list, &mut model, &mut random, Fill::new(size, depth), 200);
        if random.usize(..60) == 0 {
            clones.push((list.clone(), model.clone()));
        }
        if clones.len() > 4 {
            let (clone, model) = clones.swap_remove(random.usize(..clones.len()));
            assert_equal(&clone, &model);
        }
    }
}

/// A block that has become much too small for what blocks may hold now stays apart while an element finds no room in it.
#[test]
fn an_element_stands_where_it_was_put_though_blocks_are_small() {
    let (small, large) = (Fill::new(2, 0), Fill::new(-1, 0));
    let mut list = QuickList::new();
    (0..8_u8).for_each(|number| list.push_back(&[b'a' + number], small));
    let element = [b'x'; 4_080];
    assert!(list.insert_before(4, &element, large));
    let texts: Vec<_> = (0..9).map(|index| list.get(index).expect("nine").element().to_vec()[0]).collect();
    assert_eq!(texts, b"abcdxefgh");
}

/// The numbers of blocks are those of nodes that Redis 7.0.15 tells in DEBUG OBJECT after the same RPUSHes.
#[test]
fn blocks_are_filled_as_redis_fills_them() {
    let numbers: Model = (0..3).flat_map(|_| 1_000..=3_000).map(|n| n.to_string().into_bytes()).collect();
    let texts: Model = (1..=2_000).map(|n| format!("abcdefghij{n}").into_bytes()).collect();
    let round = [vec![b'x'; 8_180], b"a".to_vec(), b"b".to_vec(), vec![b'x'; 9_000]];
    let large: Model = round.iter().cycle().take(12).cloned().collect();
    for (size, expected) in [(-2, [3, 4, 9]), (3, [2_001, 667, 9]), (128, [47, 16, 9])] {
        let nodes = [&numbers, &texts, &large].map(|elements| {
            let mut list = QuickList::new();
            elements.iter().for_each(|element| list.push_back(element, Fill::new(size, 0)));
            list.block_count()
        });
        assert_eq!(nodes, expected, "of {size}");
    }
}

fn compressed(list: &QuickList) -> Vec<bool> {
    list.tree.blocks().map(Block::is_compressed).collect()
}

#[test]
fn inner_blocks_are_compressed() {
    let fill = Fill::new(10, 2);
    let mut list = QuickList::new();
    for number in 0..1_000 {
        list.push_back(format!("an element much like the others: {number}").as_bytes(), fill);
    }
    let expected = |len: usize| (0..len).map(|block| (2..len - 2).contains(&block)).collect::<Vec<_>>();
    assert_eq!(compressed(&list), expected(100));
    assert!(list.allocated_bytes() < 1_000 * 24);
    list.set(500, b"another", fill);
    list.push_front(b"0", fill);
    assert_eq!(compressed(&list), expected(101));
    (0..25).for_each(|_| drop(list.pop_back(fill)));
    (0..25).for_each(|_| drop(list.pop_front(fill)));
    let blocks = list.block_count();
    assert_eq!(compressed(&list), expected(blocks));
    assert_eq!(list.get(476).unwrap().element().to_vec(), b"another");
    list.remove_range(0, 800, fill);
    let blocks = list.block_count();
    assert_eq!(compressed(&list), expected(blocks));
}

#[test]
fn blocks_can_be_written_and_read() {
    let (fill, mut random) = (Fill::new(20, 1), fastrand::Rng::with_seed(3));
    let mut list = QuickList::new();
    (0..500).for_each(|_| list.push_back(&element_of(&mut random), fill));
    let mut again = QuickList::new();
    for block in list.blocks() {
        match block {
            BlockView::Packed(view) => again.append_packed(view.into(), fill),
            BlockView::Unpacked(listpack) => again.append_packed(listpack, fill),
            BlockView::Plain(bytes) => again.append_plain(bytes, fill),
        }
    }
    assert_eq!((again.len(), again.block_count()), (500, list.block_count()));
    for index in 0..500 {
        let [one, two] = [&list, &again].map(|list| list.get(index).unwrap().element().to_vec());
        assert_eq!(one, two);
    }
    again.append_packed(crate::listpack::Listpack::new(), fill);
    assert_eq!(again.len(), 500, "an empty block is left out");
}

#[test]
fn a_block_that_cannot_count_its_elements_is_packed_anew() {
    let elements = (0..70_000).map(crate::listpack::Element::Integer);
    let mut list = QuickList::new();
    list.append_packed(elements.collect(), Fill::new(-2, 0));
    assert_eq!(list.len(), 70_000);
    assert!(list.block_count() > 20);
    assert_eq!(list.get(-1).unwrap().element().integer(), Some(69_999));
}

#[test]
fn an_empty_list_gives_nothing() {
    let fill = Fill::new(-2, 1);
    let mut list = QuickList::new();
    assert!(list.get(0).is_none() && list.get(-1).is_none() && list.get(i64::MIN).is_none());
    assert!(list.pop_front(fill).is_none() && list.pop_back(fill).is_none());
    assert!(!list.set(0, b"a", fill) && !list.insert_before(0, b"a", fill) && !list.remove(0, fill));
    assert!(list.ascending(0).next_element().is_none() && list.descending(0).next_element().is_none());
    list.push_front(b"a", fill);
    assert!(list.remove(-1, fill) && list.is_empty() && list.blocks().next().is_none());
}

#[test]
fn clones_may_go_to_other_threads() {
    fn assert_shareable<T: Send + Sync>(_: &T) {}
    assert_shareable(&QuickList::new());
}
