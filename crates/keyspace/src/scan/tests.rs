//! Tests of `scan`: nothing that stays is missed, and every key has its chance.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ExpiryMode, Keyspace, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

fn scan_while(keyspace: &mut Keyspace, mut between: impl FnMut(&mut Keyspace)) -> BTreeSet<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let mut cursor = 0;
    loop {
        cursor = keyspace.keys(VIEW).scan(cursor, 10, &mut |entry| {
            seen.insert(entry.key().to_vec());
        });
        assert!(cursor < 1 << 53, "clients that keep cursors in doubles can");
        if cursor == 0 {
            return seen;
        }
        between(keyspace);
    }
}

fn keep(keyspace: &mut Keyspace, keys: u32) -> BTreeSet<Vec<u8>> {
    let kept: BTreeSet<Vec<u8>> = (0..keys).map(|number| format!("kept:{number}").into_bytes()).collect();
    for key in &kept {
        keyspace.keys(VIEW).set_string(key, b"", NewExpiry::Clear);
    }
    kept
}

#[test]
fn growth_meanwhile_hides_nothing() {
    for keys in [1, 60, 3_000] {
        let mut keyspace = Keyspace::new(1, [5, 6]);
        let kept = keep(&mut keyspace, keys);
        let mut added = 0;
        let seen = scan_while(&mut keyspace, |keyspace| {
            // Not for ever: a scan that is asked for ten keys a time would never overtake this growth.
            for _ in 0..if added < 20_000 { 200 } else { 0 } {
                added += 1;
                keyspace.keys(VIEW).set_string(format!("new:{added}").as_bytes(), b"", NewExpiry::Clear);
            }
        });
        assert!(seen.is_superset(&kept), "of {keys} keys");
    }
}

#[test]
fn shrink_meanwhile_hides_nothing() {
    let mut keyspace = Keyspace::new(1, [7, 8]);
    let kept = keep(&mut keyspace, 500);
    for number in 0..60_000 {
        keyspace.keys(VIEW).set_string(format!("gone:{number}").as_bytes(), b"", NewExpiry::Clear);
    }
    let mut next = 0;
    let seen = scan_while(&mut keyspace, |keyspace| {
        for _ in 0..300 {
            keyspace.keys(VIEW).remove(format!("gone:{next}").as_bytes());
            next += 1;
        }
    });
    assert!(seen.is_superset(&kept));
    assert!(next >= 60_000 && keyspace.len(0) < 1_000, "the database shrank during the scan");
}

#[test]
fn any_cursor_is_answered() {
    let mut keyspace = Keyspace::new(1, [7, 8]);
    assert_eq!(keyspace.keys(VIEW).scan(0, 10, &mut |_| panic!("no key")), 0);
    keep(&mut keyspace, 100);
    for cursor in [u64::MAX, 1 << 48, (1 << 48) - 1] {
        assert_eq!(keyspace.keys(VIEW).scan(cursor, usize::MAX, &mut |_| ()), 0);
    }
}

#[test]
fn expired_keys_are_not_shown() {
    let mut keyspace = Keyspace::new(1, [7, 8]);
    keyspace.keys(View { now_ms: 0, ..VIEW }).set_string(b"key", b"", NewExpiry::At(1));
    let mut scan = |expiry| {
        let mut seen = 0;
        keyspace.keys(View { expiry, ..VIEW }).scan(0, 10, &mut |_| seen += 1);
        (seen, keyspace.len(0))
    };
    assert_eq!(scan(ExpiryMode::Ignore), (1, 1));
    assert_eq!(scan(ExpiryMode::Hide), (0, 1));
    assert_eq!(scan(ExpiryMode::Delete), (0, 0));
}

#[test]
fn random_keys_are_fair_enough() {
    let mut keyspace = Keyspace::new(1, [9, 9]);
    keep(&mut keyspace, 2_000);
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 31
    };
    let mut picks: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    for _ in 0..100_000 {
        *picks.entry(keyspace.keys(VIEW).random_key(&mut random).expect("not empty")).or_default() += 1;
    }
    assert_eq!(picks.len(), 2_000, "every key is picked some time");
    assert!(picks.values().all(|count| (10..160).contains(count)), "fifty times on average");
}

#[test]
fn a_random_key_is_found_among_few() {
    let mut keyspace = Keyspace::new(1, [9, 9]);
    let mut random = || 0;
    assert_eq!(keyspace.keys(VIEW).random_key(&mut random), None);
    keyspace.keys(VIEW).set_string(b"only", b"", NewExpiry::At(20_000));
    assert_eq!(keyspace.keys(VIEW).random_key(&mut random), Some(b"only".to_vec()));
    let late = View { now_ms: 30_000, ..VIEW };
    let replica = View { expiry: ExpiryMode::Hide, ..late };
    assert_eq!(keyspace.keys(replica).random_key(&mut random), Some(b"only".to_vec()), "as Redis does");
    assert_eq!(keyspace.keys(late).random_key(&mut random), None);
}
