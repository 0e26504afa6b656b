//! Tests of `snapshot`: what the model test does not reach by chance.

use std::collections::BTreeSet;

use super::*;
use crate::{ExpireBudget, ExpiryMode, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

fn filled(keys: u32) -> Keyspace {
    let mut keyspace = Keyspace::new(3, [1, 2]);
    for number in 0..keys {
        let expiry = if number.is_multiple_of(4) { NewExpiry::At(20_000) } else { NewExpiry::Clear };
        keyspace.keys(VIEW).set_string(&number.to_le_bytes(), b"old", expiry);
    }
    keyspace
}

fn rest(keyspace: &mut Keyspace) -> BTreeSet<(u32, Vec<u8>)> {
    let mut seen = BTreeSet::new();
    while !keyspace.snapshot_step(7, &mut |entry| {
        assert!(matches!(entry.value, ValueRef::String(b"old")));
        assert!(seen.insert((entry.database, entry.key.to_vec())), "each key once");
    }) {}
    seen
}

#[test]
fn a_flushed_database_is_walked_and_then_given_back() {
    let mut keyspace = filled(1_000);
    keyspace.begin_snapshot().expect("none runs");
    assert_eq!(keyspace.snapshot_counts(), [DatabaseCount { database: 0, keys: 1_000, expires: 250 }]);
    let mut paid = 0;
    keyspace.snapshot_step(100, &mut |_| paid += 1);
    assert!(keyspace.flush_all().is_empty(), "the snapshot keeps the table");
    keyspace.keys(VIEW).set_string(b"later", b"new", NewExpiry::Clear);
    assert_eq!(rest(&mut keyspace).len() + paid, 1_000);
    assert_eq!(keyspace.take_garbage().keys(), 1_000);
    assert!(keyspace.take_garbage().is_empty());
    assert_eq!((keyspace.len(0), keyspace.is_snapshot_running()), (1, false));
}

#[test]
fn many_cancelled_snapshots_do_not_confuse_the_next() {
    let mut keyspace = filled(300);
    for round in 0_u32..40 {
        keyspace.begin_snapshot().expect("none runs");
        keyspace.snapshot_step(1 + round as usize, &mut |_| ());
        keyspace.keys(VIEW).set_string(&round.to_le_bytes(), b"old", NewExpiry::Clear);
        keyspace.cancel_snapshot();
        assert!(keyspace.snapshot_step(1, &mut |_| panic!("nothing after a cancellation")));
    }
    keyspace.begin_snapshot().expect("none runs");
    assert_eq!(rest(&mut keyspace).len(), 300);
}

#[test]
fn keys_that_expire_meanwhile_are_in_it() {
    let mut keyspace = filled(400);
    keyspace.begin_snapshot().expect("none runs");
    while keyspace.expires_len(0) > 0 {
        keyspace.expire_cycle(30_000, ExpireBudget::of_effort(1));
    }
    assert_eq!((keyspace.len(0), keyspace.snapshot_queue_len()), (300, 100));
    assert_eq!(rest(&mut keyspace).len(), 400);
}

#[test]
fn databases_keep_their_old_numbers() {
    let mut keyspace = filled(50);
    keyspace.begin_snapshot().expect("none runs");
    assert_eq!(keyspace.begin_snapshot(), Err(SnapshotBusy));
    assert!(keyspace.swap(0, 2));
    keyspace.keys(View { database: 2, ..VIEW }).move_to(&7_u32.to_le_bytes(), 1);
    let seen = rest(&mut keyspace);
    assert!(seen.len() == 50 && seen.iter().all(|(database, _)| *database == 0));
}

#[test]
fn an_empty_keyspace_is_done_at_once() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    keyspace.begin_snapshot().expect("none runs");
    assert!(keyspace.snapshot_step(1, &mut |_| panic!("no key")));
    assert!(!keyspace.is_snapshot_running());
}
