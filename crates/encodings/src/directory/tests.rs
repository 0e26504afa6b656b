//! Tests of `directory` with segments of plain hashes: growth over pieces, shrink back, what clones share.

use std::collections::BTreeSet;

use super::*;

const MAX: usize = 8;

#[derive(Clone, Debug)]
struct Hashes {
    depth: u8,
    hashes: Vec<u64>,
}

impl Segment for Hashes {
    fn new(depth: u8) -> Hashes {
        Hashes { depth, hashes: Vec::new() }
    }

    fn depth(&self) -> u8 {
        self.depth
    }

    fn split(&self) -> (Hashes, Hashes) {
        let (mut lower, mut upper) = (Hashes::new(self.depth + 1), Hashes::new(self.depth + 1));
        (upper.hashes, lower.hashes) =
            self.hashes.iter().partition(|&hash| hash >> (63 - self.depth) & 1 == 1);
        (lower, upper)
    }

    fn can_merge(&self, upper: &Hashes) -> bool {
        self.hashes.len() + upper.hashes.len() <= MAX / 2
    }

    fn merge(&self, upper: &Hashes) -> Hashes {
        Hashes { depth: self.depth - 1, hashes: [&self.hashes[..], &upper.hashes].concat() }
    }

    fn allocated_bytes(&self) -> usize {
        64 + 8 * self.hashes.len()
    }
}

fn insert(directory: &mut Directory<Hashes>, hash: u64) {
    while directory.segment(hash).is_some_and(|segment| segment.hashes.len() >= MAX) {
        directory.split(hash);
    }
    directory.change(hash, |segment| segment.hashes.push(hash));
}

fn remove(directory: &mut Directory<Hashes>, hash: u64) {
    directory.change(hash, |segment| segment.hashes.retain(|&other| other != hash));
    directory.shrink(hash);
}

/// The segments lie side by side from the first hash to the last, and hold exactly these hashes.
fn check(directory: &Directory<Hashes>, model: &BTreeSet<u64>) {
    let mut found = BTreeSet::new();
    let (mut next, mut bytes) = (Some(0_u64), 0);
    for segment in directory.segments_from(0) {
        let first = next.expect("nothing stands behind the last segment");
        next = behind(first, segment.depth);
        for &hash in &segment.hashes {
            assert!(hash >= first && next.is_none_or(|next| hash < next));
            found.insert(hash);
        }
        bytes += segment.allocated_bytes();
    }
    assert_eq!((&found, next), (model, if directory.segments == 0 { Some(0) } else { None }));
    assert_eq!(bytes, directory.segment_bytes);
    assert_eq!(directory.segments_from(0).count(), directory.segments);
    let held: usize = directory.pieces.iter().map(|piece| piece.segments.len()).sum();
    assert_eq!(held, directory.segments, "no segment is held twice");
}

#[test]
fn grows_over_pieces_and_back() {
    let mut random = fastrand::Rng::with_seed(31);
    let (mut directory, mut model) = (Directory::default(), BTreeSet::new());
    check(&directory, &model);
    for round in 0..3_000 {
        let hash = random.u64(..);
        insert(&mut directory, hash);
        model.insert(hash);
        if round % 50 == 0 {
            check(&directory, &model);
        }
    }
    assert!(directory.pieces.len() > 50 && directory.allocated_bytes() > directory.segment_bytes);
    let all: Vec<u64> = model.iter().copied().collect();
    for (round, hash) in all.into_iter().enumerate() {
        remove(&mut directory, hash);
        model.remove(&hash);
        if round % 50 == 0 {
            check(&directory, &model);
        }
    }
    check(&directory, &model);
    assert!(directory.segments < 4 && directory.pieces.len() == 1, "{} segments", directory.segments);
}

#[test]
fn clones_keep_what_they_had() {
    let mut random = fastrand::Rng::with_seed(32);
    let (mut directory, mut model) = (Directory::default(), BTreeSet::new());
    let mut clones = Vec::new();
    for round in 0..6_000 {
        let grow = round % 1_500 < 900;
        if grow {
            let hash = random.u64(..);
            insert(&mut directory, hash);
            model.insert(hash);
        } else if let Some(&hash) = model.range(random.u64(..)..).next() {
            remove(&mut directory, hash);
            model.remove(&hash);
        }
        if random.u8(..) < 2 {
            clones.push((directory.clone(), model.clone()));
        }
    }
    clones.iter().for_each(|(directory, model)| check(directory, model));
    check(&directory, &model);
}

#[test]
fn a_write_copies_one_piece_and_one_segment() {
    let mut random = fastrand::Rng::with_seed(33);
    let mut directory = Directory::default();
    (0..3_000).for_each(|_| insert(&mut directory, random.u64(..)));
    let clone = directory.clone();
    let shared = |directory: &Directory<Hashes>| {
        directory.pieces.iter().zip(&clone.pieces).filter(|(one, two)| Arc::ptr_eq(one, two)).count()
    };
    assert_eq!(shared(&directory), directory.pieces.len());
    directory.change(7, |segment| segment.hashes.push(7));
    assert_eq!(shared(&directory), directory.pieces.len() - 1);
    let (mine, theirs) = (&directory.pieces[directory.top[0] as usize], &clone.pieces[clone.top[0] as usize]);
    let apart = mine.segments.iter().zip(&theirs.segments).filter(|(one, two)| !Arc::ptr_eq(one, two));
    assert_eq!(apart.count(), 1);
}

#[test]
fn a_write_without_clones_copies_nothing() {
    let mut random = fastrand::Rng::with_seed(34);
    let mut directory = Directory::default();
    (0..1_000).for_each(|_| insert(&mut directory, random.u64(..)));
    drop(directory.clone());
    let before = directory.segment(7).map(std::ptr::from_ref);
    directory.change(7, |_| ());
    assert_eq!(directory.segment(7).map(std::ptr::from_ref), before);
}

#[test]
fn reserving_divides_and_random_segments_are_all_met() {
    let mut directory = Directory::<Hashes>::default();
    directory.reserve(20);
    assert_eq!(directory.segments, 32);
    check(&directory, &BTreeSet::new());
    let mut random = fastrand::Rng::with_seed(35);
    let mut met = std::collections::HashMap::new();
    for _ in 0..32_000 {
        let segment = directory.random_segment(&mut random).expect("there are some");
        *met.entry(std::ptr::from_ref(segment)).or_insert(0) += 1;
    }
    assert_eq!(met.len(), 32);
    assert!(met.values().all(|&times| (800..1_200).contains(&times)), "{met:?}");
    assert!(Directory::<Hashes>::default().random_segment(&mut random).is_none());
}

#[test]
fn the_first_hash_behind() {
    assert_eq!(behind(5, 0), None);
    assert_eq!(behind(5, 1), Some(1 << 63));
    assert_eq!(behind(1 << 63, 1), None);
    assert_eq!(behind(5, 32), Some(1 << 32));
    assert_eq!(behind(u64::MAX - 5, 32), None);
}
