//! Tests of `entry`: shapes, growing and overwriting.

use datatypes::limits::Limits;
use datatypes::list::List;
use datatypes::set::Set;

use super::*;
use crate::slot::{Slot, mark};

const STAMP: Stamp = Stamp { epoch: 3, clock: 0x0012_3456 };

/// An entry in a slot of its own, as a segment would hold it.
struct Held(Slot);

impl Held {
    fn new(key: &[u8], value: &[u8], expire_at_ms: Option<i64>) -> Held {
        let entry = Entry::string(key, value, expire_at_ms, STAMP);
        Held(Slot::new(entry.into_pointer(), expire_at_ms.is_some(), mark(77, 2)))
    }

    fn entry(&mut self) -> EntryMut<'_> {
        // SAFETY: the slot holds a live entry, borrowed with it.
        unsafe { EntryMut::from_slot(&mut self.0) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the slot goes away and owned the entry alone.
        drop(unsafe { Entry::from_pointer(self.0.pointer().expect("taken")) });
    }
}

#[test]
fn sizes_are_what_the_figures_say() {
    let bytes = |key: usize, value: usize, at: Option<i64>| {
        Entry::string(&vec![b'k'; key], &vec![b'v'; value], at, STAMP).view().allocated_bytes()
    };
    assert_eq!((bytes(16, 16, None), bytes(16, 16, Some(1))), (40, 48));
    assert_eq!((bytes(255, 65_535, None), bytes(256, 0, None)), (65_800, 288));
    let list = |at| Entry::collection(&[b'k'; 16], List::default(), at, STAMP).view().own_bytes();
    assert_eq!((list(None), list(Some(1))), (32, 40));
}

#[test]
fn collections_come_back_in_every_shape() {
    let limits = Limits::DEFAULT;
    for (key_len, expire_at_ms) in [(0, None), (255, Some(7)), (256, None), (70_000, Some(7))] {
        for count in [1, 2_000] {
            let mut values = [Set::default(), Set::default()];
            for number in 0..count {
                values[0].add(number.to_string().as_bytes(), limits.set);
                values[1].add(format!("member:{number}").as_bytes(), limits.set);
            }
            for value in values {
                let key = vec![b'k'; key_len];
                let entry = Entry::collection(&key, value.clone(), expire_at_ms, STAMP);
                let view = entry.view();
                assert!(view.key() == key && view.expire_at_ms() == expire_at_ms && view.string().is_none());
                assert_eq!((view.collection::<Set>(), view.collection::<List>()), (Some(&value), None));
                assert_eq!(view.element_count(), value.len());
            }
        }
    }
}

#[test]
fn parts_come_back_in_every_shape() {
    for key_len in [0, 1, 255, 256, 70_000] {
        for value_len in [0, 5, 65_535, 65_536, 1 << 20] {
            for expire_at_ms in [None, Some(-5), Some(i64::MAX)] {
                let (key, value) = (vec![b'k'; key_len], vec![b'v'; value_len]);
                let entry = Entry::string(&key, &value, expire_at_ms, STAMP);
                let view = entry.view();
                assert!(view.key() == key && view.string() == Some(&value[..]));
                assert_eq!((view.expire_at_ms(), view.epoch()), (expire_at_ms, 3));
                assert_eq!(
                    (view.access_clock(), view.grown(), view.kind()),
                    (STAMP.clock, false, Type::String)
                );
                assert!(view.has_key(&key) && !view.has_key(b"another"));
            }
        }
    }
}

#[test]
fn growing_keeps_what_was_there() {
    let mut held = Held::new(b"key", b"", Some(9));
    let mut expected = Vec::new();
    for step in 0..3_000_usize {
        let bytes = vec![step as u8; step % 70];
        expected.extend_from_slice(&bytes);
        assert_eq!(held.entry().write_at(expected.len() - bytes.len(), &bytes), expected.len());
    }
    let entry = held.entry();
    let view = entry.view();
    assert!(view.string() == Some(&expected[..]) && view.key() == b"key" && view.grown());
    assert_eq!((view.expire_at_ms(), view.epoch()), (Some(9), 3));
    assert!(view.allocated_bytes() < expected.len() * 3);
}

#[test]
fn a_gap_is_zeros_whatever_was_there_before() {
    let mut held = Held::new(b"key", &[7; 100], None);
    held.entry().write_at(0, b"x");
    assert!(held.entry().overwrite_string(&[9; 97], None, STAMP), "the same eight bytes");
    assert!(!held.entry().view().grown());
    assert_eq!(held.entry().write_at(110, b"end"), 113);
    let expected = [&[9; 97][..], &[0; 13], b"end"].concat();
    assert_eq!(held.entry().view().string(), Some(&expected[..]));
}

#[test]
fn overwrites_only_what_fits() {
    let mut held = Held::new(b"0123456789abcdef", b"0123456789abcdef", None);
    assert!(
        held.entry().overwrite_string(b"fedcba9876543", None, STAMP),
        "thirteen bytes round up to the same"
    );
    assert_eq!(held.entry().view().string(), Some(&b"fedcba9876543"[..]));
    assert!(!held.entry().overwrite_string(b"short", None, STAMP), "a smaller class would do");
    assert!(!held.entry().overwrite_string(&[1; 17], None, STAMP), "does not fit");
    assert!(!held.entry().overwrite_string(&[1; 16], Some(5), STAMP), "no room for an expiry");
    assert!(
        !held.entry().overwrite_string(&[1; 16], None, Stamp { epoch: 4, clock: 0 }),
        "owed to a snapshot"
    );
    let mut wide = Held::new(b"k", &[1; 100_000], Some(1));
    assert!(
        wide.entry().overwrite_string(&[2; 70_000], Some(5), STAMP),
        "more than half of the room is used"
    );
    assert_eq!(wide.entry().view().expire_at_ms(), Some(5));
    assert!(!wide.entry().overwrite_string(&[2; 20], Some(5), STAMP));
    assert!(wide.entry().set_expiry_in_place(None), "wide entries always have room for an expiry");
    assert_eq!(wide.entry().view().expire_at_ms(), None);
}

#[test]
fn clock_and_epoch_change_alone() {
    let mut held = Held::new(b"key", b"value", Some(4));
    held.entry().touch(99);
    held.entry().set_epoch(15);
    let entry = held.entry();
    let view = entry.view();
    assert_eq!((view.access_clock(), view.epoch(), view.string()), (99, 15, Some(&b"value"[..])));
    assert_eq!(view.idle_seconds(100_000), 1);
    assert!(view.is_expired(5) && !view.is_expired(4));
}
