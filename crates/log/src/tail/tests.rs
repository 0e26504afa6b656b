//! The tail against a plain vector, and its promises one by one.

use super::{BLOCK_BYTES, BacklogFacts, ReaderId, Tail};
use crate::offset::Offset;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn read_all(tail: &Tail, from: Offset) -> Vec<u8> {
    let mut at = from;
    let mut bytes = Vec::new();
    while at < tail.end() {
        let slice = tail.read(at).expect("kept");
        assert!(!slice.is_empty());
        bytes.extend_from_slice(slice);
        at = at.plus(slice.len());
    }
    bytes
}

#[test]
fn nothing_is_needed_until_somebody_reads() {
    let mut tail = Tail::new(Offset(5), 100);
    assert!(!tail.is_active());
    assert_eq!(
        tail.backlog_facts(),
        BacklogFacts { active: false, size_bytes: 100, first_byte_offset: 0, held_bytes: 0 }
    );
    tail.activate_backlog();
    assert!(tail.is_active());
    assert_eq!(tail.append(&[1; 50]), Offset(55));
    assert_eq!(
        tail.backlog_facts(),
        BacklogFacts { active: true, size_bytes: 100, first_byte_offset: 6, held_bytes: 50 }
    );
    tail.deactivate_backlog();
    assert_eq!((tail.start(), tail.is_active()), (Offset(55), false));
    let reader = tail.pin(Offset(55)).expect("at the end");
    assert!(tail.is_active());
    tail.unpin(reader);
    assert!(!tail.is_active());
}

#[test]
fn small_appends_allocate_nothing_in_the_steady_state() {
    let mut tail = Tail::new(Offset::ZERO, 4 * BLOCK_BYTES as u64);
    tail.activate_backlog();
    let mut most = 0;
    for turn in 0..20_000 {
        tail.append(&[7; 100]);
        tail.trim();
        if turn == 3_000 {
            most = tail.retained_bytes();
        }
    }
    assert_eq!(tail.retained_bytes(), most);
    assert!(tail.end().bytes_since(tail.start()) >= 4 * BLOCK_BYTES as u64);
}

#[test]
fn a_large_append_fills_the_block_and_gets_one_of_its_own() {
    let mut tail = Tail::new(Offset::ZERO, 0);
    let reader = tail.pin(Offset::ZERO).expect("start");
    tail.append(b"small");
    let large: Vec<u8> = (0..BLOCK_BYTES * 5).map(|at| at.to_le_bytes()[0]).collect();
    tail.append(&large);
    assert_eq!(read_all(&tail, Offset(5)), large);
    assert_eq!(tail.blocks.len(), 2);
    tail.advance(reader, tail.end());
    tail.trim();
    assert_eq!((tail.blocks.len(), tail.start()), (0, tail.end()));
}

#[test]
fn a_restart_forgets_bytes_and_readers() {
    let mut tail = Tail::new(Offset::ZERO, 1000);
    tail.activate_backlog();
    let reader = tail.pin(Offset::ZERO).expect("start");
    tail.append(b"old");
    tail.restart(Offset(9000));
    assert_eq!((tail.position(reader), tail.bytes_behind(reader)), (None, 0));
    assert_eq!(tail.read(Offset(1)), None);
    tail.append(b"new");
    assert_eq!(read_all(&tail, Offset(9000)), b"new");
}

/// What the model believes: all bytes ever appended, and where each reader is.
struct Model {
    all: Vec<u8>,
    readers: Vec<(ReaderId, usize)>,
    backlog: usize,
}

fn step(tail: &mut Tail, model: &mut Model, random: &mut Random) {
    match random.below(8) {
        0 if model.readers.len() < 5 => {
            let from = tail.start().0 + random.below(tail.end().bytes_since(tail.start()) + 1);
            let reader = tail.pin(Offset(from)).expect("within");
            model.readers.push((reader, usize::try_from(from).expect("small")));
        }
        1 if !model.readers.is_empty() => {
            let gone = usize::try_from(random.below(model.readers.len() as u64)).expect("small");
            tail.unpin(model.readers.swap_remove(gone).0);
        }
        2 => {
            model.backlog = usize::try_from(random.below(300_000)).expect("small");
            tail.set_backlog_bytes(model.backlog as u64);
        }
        3 => tail.trim(),
        4 | 5 => {
            for (reader, at) in &mut model.readers {
                *at += usize::try_from(random.below((model.all.len() - *at) as u64 + 1)).expect("small");
                tail.advance(*reader, Offset(*at as u64));
            }
        }
        _ => {
            let limit = if random.below(10) == 0 { 200_000 } else { 3000 };
            let bytes: Vec<u8> = (0..random.below(limit)).map(|_| random.below(256) as u8).collect();
            model.all.extend_from_slice(&bytes);
            assert_eq!(tail.append(&bytes).0, model.all.len() as u64);
        }
    }
}

#[test]
fn behaves_as_a_vector_of_which_the_needed_part_is_kept() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut tail = Tail::new(Offset::ZERO, 0);
        tail.activate_backlog();
        let mut model = Model { all: Vec::new(), readers: Vec::new(), backlog: 0 };
        let mut start_before = 0;
        for _ in 0..200 {
            step(&mut tail, &mut model, &mut random);
            let start = usize::try_from(tail.start().0).expect("small");
            assert!(start == start_before || start <= model.all.len().saturating_sub(model.backlog));
            start_before = start;
            assert_eq!(read_all(&tail, tail.start()), model.all[start..]);
            for (reader, at) in &model.readers {
                assert!(start <= *at, "a pinned byte is gone");
                assert_eq!(tail.bytes_behind(*reader), (model.all.len() - at) as u64);
            }
            if start > 0 {
                assert!(tail.read(Offset(start as u64 - 1)).is_none());
            }
            assert!(tail.read(Offset(model.all.len() as u64 + 1)).is_none());
        }
    }
}
