//! Tests of both trees by identifier, against ordered maps.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Entries, Id, IdBlocks, IdMap};

type SmallMap = IdMap<u32, 6, 4>;
type SmallBlocks = IdBlocks<Numbers, 4>;

/// A block of numbers.
#[derive(Clone, Debug, PartialEq)]
struct Numbers(Vec<u32>);

impl Entries for Numbers {
    fn count(&self) -> usize {
        self.0.len()
    }
    fn allocated_bytes(&self) -> usize {
        self.0.len() * 4
    }
}

fn id_of(random: &mut fastrand::Rng, range: u64) -> Id {
    Id { ms: random.u64(..range), seq: random.u64(..3) }
}

fn bound_of(random: &mut fastrand::Rng, range: u64) -> Bound<Id> {
    match random.u32(..5) {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Included(id_of(random, range)),
        _ => Bound::Excluded(id_of(random, range)),
    }
}

fn assert_equal(map: &SmallMap, model: &BTreeMap<Id, u32>) {
    map.check();
    assert!(map.iter().eq(model.iter().map(|(id, value)| (*id, value))));
    assert_eq!(map.first(), model.first_key_value().map(|(id, value)| (*id, value)));
    assert_eq!(map.last(), model.last_key_value().map(|(id, value)| (*id, value)));
}

fn change(map: &mut SmallMap, model: &mut BTreeMap<Id, u32>, random: &mut fastrand::Rng, range: u64) {
    let (id, value) = (id_of(random, range), random.u32(..));
    match random.u32(..300) {
        0 => {
            let kept = model.split_off(&id);
            assert_eq!(map.remove_below(id), model.len());
            *model = kept;
        }
        action if action < 140 => assert_eq!(map.insert(id, value), model.insert(id, value)),
        action if action < 180 => {
            let old = map.get_mut(id).map(|there| std::mem::replace(there, value));
            assert_eq!(old, model.get_mut(&id).map(|there| std::mem::replace(there, value)));
        }
        _ => assert_eq!(map.remove(id), model.remove(&id)),
    }
}

fn compare_ranges(map: &SmallMap, model: &BTreeMap<Id, u32>, random: &mut fastrand::Rng, range: u64) {
    let (start, end) = (bound_of(random, range), bound_of(random, range));
    let is_within = |id: &Id| {
        let is_above = !matches!(start, Bound::Included(start) if *id < start)
            && !matches!(start, Bound::Excluded(start) if *id <= start);
        is_above && super::is_before_end(*id, end)
    };
    let expected: Vec<_> =
        model.iter().filter(|(id, _)| is_within(id)).map(|(id, value)| (*id, value)).collect();
    assert!(map.range(start, end).eq(expected.iter().copied()), "{start:?} {end:?}");
    assert!(map.range_back(start, end).eq(expected.iter().rev().copied()), "{start:?} {end:?}");
    let id = id_of(random, range);
    assert_eq!((map.get(id), map.contains(id)), (model.get(&id), model.contains_key(&id)));
    assert_eq!(map.count_before(Bound::Excluded(id)), model.range(..=id).count());
    assert_eq!(map.count_before(Bound::Included(id)), model.range(..id).count());
}

#[test]
fn map_does_what_an_ordered_map_does() {
    for (seed, range) in [(1, 4), (2, 60), (3, 600)] {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut map, mut model) = (SmallMap::default(), BTreeMap::new());
        for step in 0..6_000 {
            change(&mut map, &mut model, &mut random, range);
            if step % 20 == 0 {
                compare_ranges(&map, &model, &mut random, range);
            }
            if step % 100 == 0 {
                assert_equal(&map, &model);
            }
        }
    }
}

#[test]
fn clones_of_a_map_stay_as_they_were() {
    let mut random = fastrand::Rng::with_seed(8);
    let (mut map, mut model) = (SmallMap::default(), BTreeMap::new());
    let mut clones: Vec<(SmallMap, BTreeMap<Id, u32>)> = Vec::new();
    for _ in 0..6_000 {
        change(&mut map, &mut model, &mut random, 100);
        if random.usize(..50) == 0 {
            clones.push((map.clone(), model.clone()));
        }
        if clones.len() > 4 {
            let (clone, model) = clones.swap_remove(random.usize(..clones.len()));
            assert_equal(&clone, &model);
        }
    }
}

#[test]
fn an_appended_map_is_packed() {
    let map: IdMap<u64> = (0..48_000).map(|ms| (Id { ms, seq: 0 }, ms)).collect();
    assert_eq!(map.len(), 48_000);
    assert!(map.allocated_bytes() < 48_000 * 29, "{} bytes", map.allocated_bytes());
}

/// One random change of the blocks and of a model of them.
fn change_blocks(blocks: &mut SmallBlocks, model: &mut BTreeMap<Id, Vec<u32>>, random: &mut fastrand::Rng) {
    let id = id_of(random, 200);
    match random.u32(..10) {
        0..5 => {
            let numbers: Vec<u32> = (0..random.u32(1..5)).collect();
            blocks.insert(id, Numbers(numbers.clone()));
            model.insert(id, numbers);
        }
        5..7 => assert_eq!(blocks.remove(id), model.remove(&id).is_some()),
        7 => {
            let last = blocks.edit_last(|last| last.0.pop());
            let mut entry = model.last_entry();
            assert_eq!(last, entry.as_mut().map(|entry| entry.get_mut().pop()));
            entry.filter(|entry| entry.get().is_empty()).into_iter().for_each(|entry| drop(entry.remove()));
        }
        8 if random.u32(..20) == 0 => {
            let count = random.usize(..6);
            let removed: Vec<Id> = model.keys().take(count).copied().collect();
            let entries: usize =
                removed.iter().filter_map(|id| model.remove(id)).map(|gone| gone.len()).sum();
            blocks.remove_first(entries);
        }
        _ => {
            let changed = blocks.edit(id, |block| block.0.push(7));
            assert_eq!(changed, model.get_mut(&id).map(|block| block.push(7)));
        }
    }
}

fn compare_blocks(blocks: &SmallBlocks, model: &BTreeMap<Id, Vec<u32>>, id: Id) {
    blocks.check();
    assert_eq!(blocks.block_count(), model.len());
    assert_eq!(blocks.len(), model.values().map(Vec::len).sum::<usize>());
    let holding = model.range(..=id).next_back().map(|(id, _)| *id);
    assert_eq!(blocks.holding(id).map(|(id, _)| id), holding);
    let before = holding.map_or(0, |id| model.range(..id).map(|(_, block)| block.len()).sum());
    assert_eq!(blocks.count_before(id), before);
    let expected = model.range(holding.unwrap_or(Id::MIN)..).map(|(id, block)| (*id, block));
    assert!(blocks.ascending(id).map(|(id, block)| (id, &block.0)).eq(expected));
    let expected = model.range(..=id).rev().map(|(id, block)| (*id, block));
    assert!(blocks.descending(id).map(|(id, block)| (id, &block.0)).eq(expected));
    assert_eq!(blocks.first().map(|(id, _)| id), model.keys().next().copied());
    assert_eq!(blocks.last().map(|(id, _)| id), model.keys().next_back().copied());
}

#[test]
fn blocks_stand_in_order() {
    let mut random = fastrand::Rng::with_seed(21);
    let (mut blocks, mut model) = (SmallBlocks::default(), BTreeMap::new());
    let mut clone = (blocks.clone(), model.clone());
    for step in 0..6_000 {
        change_blocks(&mut blocks, &mut model, &mut random);
        if step % 20 == 0 {
            let id = id_of(&mut random, 200);
            compare_blocks(&blocks, &model, id);
            compare_blocks(&clone.0, &clone.1, id);
        }
        if step % 300 == 0 {
            clone = (blocks.clone(), model.clone());
        }
    }
    assert!(model.len() > 20, "the test reaches sizes worth it");
}

#[test]
fn neighbours_of_identifiers() {
    let id = |ms, seq| Id { ms, seq };
    assert_eq!((id(5, 6).next(), id(5, 6).previous()), (Some(id(5, 7)), Some(id(5, 5))));
    assert_eq!((id(5, u64::MAX).next(), id(5, 0).previous()), (Some(id(6, 0)), Some(id(4, u64::MAX))));
    assert_eq!((Id::MAX.next(), Id::MIN.previous()), (None, None));
    let empty = IdBlocks::<Numbers>::new();
    assert!(empty.is_empty() && empty.first().is_none() && empty.ascending(Id::MIN).next().is_none());
    assert!(IdMap::<u8>::new().iter().next().is_none() && IdMap::<u8>::new().last().is_none());
}

#[test]
fn clones_may_go_to_other_threads() {
    fn assert_shareable<T: Send + Sync>(_: &T) {}
    assert_shareable(&IdMap::<u64>::new());
    assert_shareable(&IdBlocks::<Numbers>::new());
}
