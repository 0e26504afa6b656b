//! Tests of the tree with blocks of a few numbers, against a plain vector.

use super::{At, Block, Cut, LastWhere, Tree};

/// The most numbers in a block: small, so that a few thousand make a high tree.
const LIMIT: usize = 6;

#[derive(Clone, Debug)]
struct Numbers(Vec<u32>);

impl Block for Numbers {
    type Key = u32;
    type Lead = u32;
    type Limit = usize;

    fn lead(key: &u32) -> u32 {
        *key
    }
    fn key(&self) -> u32 {
        self.0[0]
    }
    fn count(&self) -> usize {
        self.0.len()
    }
    fn outside_bytes(&self) -> usize {
        self.0.len() * 4
    }
    fn is_sparse(&self, limit: usize) -> bool {
        self.0.len() < limit / 3
    }
    fn can_absorb(&self, next: &Self, limit: usize) -> bool {
        self.0.len() + next.0.len() < limit
    }
    fn absorb(&mut self, next: &Self) {
        self.0.extend(&next.0);
    }
}

type Small = Tree<Numbers, 4>;

fn insert(tree: &mut Small, position: usize, number: u32) {
    if tree.is_empty() {
        return tree.push_back(Numbers(vec![number]), LIMIT);
    }
    tree.edit(&mut At(position), LIMIT, |block, offset| {
        block.0.insert(offset, number);
        ((), (block.0.len() > LIMIT).then(|| Numbers(block.0.split_off(LIMIT / 2))))
    });
}

fn remove(tree: &mut Small, position: usize) -> u32 {
    tree.edit(&mut At(position), LIMIT, |block, offset| (block.0.remove(offset), None)).expect("not empty")
}

fn cut(tree: &mut Small, from: usize, to: usize) -> Vec<u32> {
    let mut removed = Vec::new();
    tree.cut(from, to, LIMIT, |cut| match cut {
        Cut::Whole(edge) => edge.each_block(&mut |block| removed.extend(&block.0)),
        Cut::Part(block, from, to) => removed.extend(block.0.drain(from..to)),
    });
    removed
}

fn contents(tree: &Small) -> Vec<u32> {
    tree.blocks().flat_map(|block| block.0.clone()).collect()
}

/// A seeded random change of both, by a coin that prefers growth up to a size.
fn change(tree: &mut Small, model: &mut Vec<u32>, random: &mut fastrand::Rng, size: usize) {
    let position = random.usize(..=model.len());
    match random.usize(..100) {
        0 => {
            let to = (position + random.usize(..size / 4)).min(model.len());
            let removed: Vec<u32> = model.drain(position..to).collect();
            assert_eq!(cut(tree, position, to), removed);
        }
        action if action < 60 && model.len() < size || model.is_empty() => {
            let number = random.u32(..);
            model.insert(position, number);
            insert(tree, position, number);
        }
        _ => {
            let position = position.min(model.len() - 1);
            assert_eq!(remove(tree, position), model.remove(position));
        }
    }
}

#[test]
fn does_what_a_vector_does() {
    for (seed, size) in [(1, 10), (2, 60), (3, 400), (4, 3_000)] {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut tree, mut model) = (Small::default(), Vec::new());
        for step in 0..6_000 {
            change(&mut tree, &mut model, &mut random, size);
            if step % 50 == 0 {
                tree.check();
                assert_eq!(contents(&tree), model);
            }
        }
    }
}

#[test]
fn clones_stay_as_they_were() {
    let mut random = fastrand::Rng::with_seed(5);
    let (mut tree, mut model) = (Small::default(), Vec::new());
    let mut clones = Vec::new();
    for _ in 0..8_000 {
        change(&mut tree, &mut model, &mut random, 300);
        if random.usize(..40) == 0 {
            clones.push((tree.clone(), model.clone()));
        }
        if clones.len() > 5 {
            let (clone, model) = clones.swap_remove(random.usize(..clones.len()));
            clone.check();
            assert_eq!(contents(&clone), model);
        }
    }
}

#[test]
fn writes_copy_their_path_only_and_only_when_shared() {
    let mut tree: Small = (0..1_000).map(|number| Numbers(vec![number; 3])).collect();
    let addresses =
        |tree: &Small| tree.blocks().map(|block| std::ptr::from_ref(block) as usize).collect::<Vec<_>>();
    let differences =
        |left: &[usize], right: &[usize]| left.iter().zip(right).filter(|(a, b)| a != b).count();
    let before = addresses(&tree);
    insert(&mut tree, 1_500, 9);
    assert_eq!(differences(&before, &addresses(&tree)), 0, "nobody else holds it");
    let clone = tree.clone();
    insert(&mut tree, 1_500, 9);
    assert_eq!(differences(&before, &addresses(&tree)), 1);
    assert_eq!(differences(&before, &addresses(&clone)), 0);
}

#[test]
fn finds_by_order_and_position() {
    let tree: Small = (0..500).map(|number| Numbers(vec![number * 10, number * 10 + 5])).collect();
    for wanted in [0, 3, 5, 10, 2_345, 4_999, 9_999] {
        let mut seek = LastWhere(|edge: &super::Edge<Numbers, 4>| *edge.key() <= wanted);
        let (block, start) = tree.place(&mut seek).unwrap();
        let expected = (wanted / 10).min(499);
        assert_eq!((block.0[0], start), (expected * 10, expected as usize * 2));
    }
    let (block, start) = tree.place(&mut At(601)).unwrap();
    assert_eq!((block.0[1], start), (3_005, 600));
    assert!(Small::default().place(&mut At(0)).is_none());
}

#[test]
fn walks_both_ways() {
    let tree: Small = (0..300).map(|number| Numbers(vec![number])).collect();
    let mut walk = tree.walk(&mut At(150)).unwrap();
    for expected in 151..300 {
        assert!(walk.forward() && walk.block().0 == [expected]);
    }
    assert!(!walk.forward() && walk.block().0 == [299]);
    for expected in (0..299).rev() {
        assert!(walk.back() && walk.block().0 == [expected]);
    }
    assert!(!walk.back() && walk.block().0 == [0]);
}

#[test]
fn stays_low_when_filled_from_the_ends() {
    let (mut up, mut down) = (Small::default(), Small::default());
    for number in 0..1_024 {
        up.push_back(Numbers(vec![number]), 1);
        down.insert_block(0, Numbers(vec![number]), 1);
    }
    assert_eq!(up.root.check(true), (1_024, 5), "four to the fifth");
    assert_eq!(down.root.check(true).0, 1_024);
    assert!(down.root.check(true).1 <= 6);
    assert_eq!(cut(&mut up, 1, 1_023).len(), 1_022);
    assert_eq!(contents(&up), [0, 1_023]);
    assert_eq!(cut(&mut up, 0, 9).len(), 2);
    assert!(up.is_empty() && up.edit(&mut At(0), 1, |_, _| ((), None)).is_none());
}
