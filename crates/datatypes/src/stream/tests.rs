//! A stream does what an ordered map of entries does.

use std::collections::BTreeMap;

use super::*;
use crate::limits::StreamLimits;

mod files;

const LIMITS: StreamLimits = StreamLimits { node_bytes: 200, node_entries: 5 };
/// Of blocks that are not looked at at once when they are read downwards, and of a single one.
const OTHER_LIMITS: [StreamLimits; 2] =
    [StreamLimits { node_bytes: 0, node_entries: 150 }, StreamLimits { node_bytes: 0, node_entries: 0 }];

type Fields = Vec<(Vec<u8>, Vec<u8>)>;
type Model = BTreeMap<Id, Fields>;

fn shown(entry: Entry<'_>) -> (Id, Fields) {
    (entry.id, entry.fields().map(|(name, value)| (name.to_vec(), value.to_vec())).collect())
}

fn random_fields(random: &mut fastrand::Rng) -> Fields {
    let names: &[&[u8]] = &[b"a", b"bb", b"12", b""];
    let field = |random: &mut fastrand::Rng| {
        let value = if random.bool() { random.u32(..).to_string() } else { "x".repeat(random.usize(..40)) };
        (names[random.usize(..names.len())].to_vec(), value.into_bytes())
    };
    (0..random.usize(1..4)).map(|_| field(random)).collect()
}

fn random_id(random: &mut fastrand::Rng, last: Id) -> Id {
    Id { ms: random.u64(..last.ms + 3), seq: random.u64(..4) }
}

fn add(log: &mut Log, model: &mut Model, random: &mut fastrand::Rng, limits: StreamLimits) {
    let last = log.marks().last_id;
    let id = match random.u32(..20) {
        0 => Id { ms: last.ms + 1000, seq: random.u64(..3) },
        1 => Id { seq: last.seq + 200, ..last },
        _ => log.next_id(NewId::Clock, last.ms + random.u64(..2)).expect("not exhausted"),
    };
    let fields = random_fields(random);
    let words: Vec<&[u8]> = fields.iter().flat_map(|(name, value)| [&name[..], &value[..]]).collect();
    log.append(id, words.into_iter(), limits);
    model.insert(id, fields);
}

fn trim(log: &mut Log, model: &mut Model, random: &mut fastrand::Rng) {
    let bound = if random.bool() {
        Bound::Length(random.u64(..model.len() as u64 + 2))
    } else {
        Bound::From(random_id(random, log.marks().last_id))
    };
    let trim = Trim { bound, only_blocks: random.u32(..3) == 0, limit: 0 };
    let before = model.len();
    let removed = log.trim(trim).entries;
    let stays = |at: usize, id: Id| match bound {
        Bound::Length(length) => before - at <= length as usize,
        Bound::From(first) => id >= first,
    };
    let wanted = model.keys().enumerate().filter(|(at, id)| !stays(*at, **id)).count() as u64;
    assert!(removed == wanted || trim.only_blocks && removed < wanted, "{trim:?}: {removed} of {wanted}");
    (0..removed).for_each(|_| drop(model.pop_first()));
}

fn compare(log: &Log, model: &Model, random: &mut fastrand::Rng) {
    let (one, other) = (random_id(random, log.marks().last_id), random_id(random, log.marks().last_id));
    let (start, end) = (one.min(other), one.max(other));
    let expected = model.range(start..=end).map(|(id, fields)| (*id, fields.clone()));
    assert!(log.range(start, end).map(shown).eq(expected.clone()));
    assert!(log.range_back(start, end).map(shown).eq(expected.rev()));
    assert_eq!(log.len(), model.len());
    assert_eq!(log.marks().first_id, model.keys().next().copied().unwrap_or_default());
    assert_eq!(log.entry(one).map(shown), model.get(&one).map(|fields| (one, fields.clone())));
    assert_eq!(log.last().map(|entry| entry.id), model.keys().next_back().copied());
}

#[test]
fn entries_are_those_of_an_ordered_map() {
    for (seed, limits) in [LIMITS; 4].into_iter().chain(OTHER_LIMITS).enumerate() {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let (mut log, mut model) = (Log::default(), Model::new());
        let mut clone = (log.clone(), model.clone());
        for step in 0..3_000 {
            match random.u32(..100) {
                0 => trim(&mut log, &mut model, &mut random),
                1..40 => {
                    let id = random_id(&mut random, log.marks().last_id);
                    assert_eq!(log.delete(id), model.remove(&id).is_some());
                }
                _ => add(&mut log, &mut model, &mut random, limits),
            }
            if step % 25 == 0 {
                compare(&log, &model, &mut random);
                compare(&clone.0, &clone.1, &mut random);
            }
            if step % 500 == 0 {
                clone = (log.clone(), model.clone());
            }
        }
    }
}

#[test]
fn identifiers_of_new_entries() {
    let mut log = Log::default();
    let id = |ms, seq| Id { ms, seq };
    assert_eq!(log.next_id(NewId::Millisecond(0), 5), Ok(id(0, 1)));
    assert_eq!(log.next_id(NewId::Exactly(id(0, 0)), 5), Err(IdError::TooSmall));
    log.set_marks(Marks { last_id: id(7, u64::MAX), ..Marks::default() });
    assert_eq!(log.next_id(NewId::Clock, 5), Ok(id(8, 0)));
    assert_eq!(log.next_id(NewId::Millisecond(7), 5), Err(IdError::TooSmall));
    log.set_marks(Marks { last_id: Id::MAX, ..Marks::default() });
    assert_eq!(log.next_id(NewId::Clock, 5), Err(IdError::Exhausted));
}

#[test]
fn a_pending_entry_has_one_owner() {
    let mut stream = Stream::default();
    assert!(stream.create_group(b"g", Group::default()) && !stream.create_group(b"g", Group::default()));
    let clone = stream.clone();
    let (_, group) = stream.group_mut(b"g").expect("there is a group");
    assert!(group.create_consumer(b"one", 1) && group.create_consumer(b"two", 1));
    let id = Id { ms: 1, seq: 1 };
    group.assign(id, b"one", 5, 1);
    group.assign(id, b"two", 6, 2);
    let pending = |group: &Group, name: &[u8]| group.consumer(name).map(|consumer| consumer.pending().len());
    assert_eq!(
        (pending(group, b"one"), pending(group, b"two"), group.pending().len()),
        (Some(0), Some(1), 1)
    );
    assert_eq!(group.remove_consumer(b"two").map(|(consumer, _)| consumer.pending().len()), Some(1));
    assert!(group.pending().is_empty() && !group.acknowledge(id));
    assert_eq!(clone.group(b"g").map(|group| group.consumers().len()), Some(0), "a clone stays as it was");
}

#[test]
fn of_many_pending_entries_the_fewer_are_moved() {
    let mut group = Group::default();
    assert!(group.create_consumer(b"few", 1) && group.create_consumer(b"many", 1));
    for ms in 1..=1_000 {
        let owner: &[u8] = if ms % 10 == 0 { b"few" } else { b"many" };
        group.assign(Id { ms, seq: 0 }, owner, ms as i64, 1);
    }
    let mut without_few = group.clone();
    let (_, list) = without_few.remove_consumer(b"few").expect("it is there");
    assert_eq!((list.len(), without_few.pending().len()), (0, 900));
    let (many, list) = group.remove_consumer(b"many").expect("it is there");
    assert_eq!((many.pending().len(), list.len()), (900, 1_000));
    let tens = (1..=100).map(|ten| (Id { ms: ten * 10, seq: 0 }, ten as i64 * 10));
    assert!(group.pending().iter().map(|(id, pending)| (id, pending.delivered_ms)).eq(tens));
    assert!(group.acknowledge(Id { ms: 10, seq: 0 }) && !group.acknowledge(Id { ms: 11, seq: 0 }));
}

#[test]
fn nodes_of_the_radix_tree() {
    let nodes = |ids: &[(u64, u64)]| radix::node_count(ids.iter().map(|&(ms, seq)| Id { ms, seq }));
    assert_eq!((nodes(&[]), nodes(&[(1, 1)]), nodes(&[(1, 1), (1, 2)])), (1, 2, 4));
}

#[test]
fn many_blocks_that_are_trimmed_are_handed_over() {
    let mut log = Log::default();
    let limits = StreamLimits { node_bytes: 0, node_entries: 100 };
    for ms in 1..=50_000 {
        log.append(Id { ms, seq: 0 }, [b"a".as_slice(), b"b"].into_iter(), limits);
    }
    for (length, entries, is_many) in
        [(45_000, 5_000, false), (44_950, 50, false), (120, 44_830, true), (0, 120, false)]
    {
        let trimmed = log.trim(Trim { bound: Bound::Length(length), only_blocks: false, limit: 0 });
        assert_eq!((trimmed.entries, trimmed.parts.is_some()), (entries, is_many), "to {length}");
        assert_eq!(log.len() as u64, length);
    }
}

#[test]
fn entries_take_little_more_than_their_values() {
    let (mut log, limits) = (Log::default(), StreamLimits { node_bytes: 4096, node_entries: 100 });
    for seq in 1..=10_000 {
        log.append(Id { ms: 5, seq }, [b"field".as_slice(), &[b'x'; 16]].into_iter(), limits);
    }
    let bytes = log.allocated_bytes();
    assert!(bytes < 10_000 * 20, "{bytes}");
    // A clone that is gone on with copies the last block, with its room.
    let clone = log.clone();
    log.append(Id { ms: 5, seq: 10_001 }, [b"field".as_slice(), b"x"].into_iter(), limits);
    assert_eq!((clone.len(), clone.allocated_bytes()), (10_000, bytes));
}
