//! Tests of `access`: rules for expired keys, counting, touching.

use super::*;
use crate::{Class, NewExpiry, Removal};

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

fn expired_key() -> Keyspace {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    let loading = View { expiry: ExpiryMode::Ignore, ..VIEW };
    keyspace.keys(loading).set_string(b"key", b"value", NewExpiry::At(9_999));
    keyspace
}

#[test]
fn a_primary_removes_an_expired_key_and_says_so() {
    let mut keyspace = expired_key();
    assert!(
        keyspace.keys(View { now_ms: 9_999, ..VIEW }).find(b"key").is_some(),
        "this very millisecond is alive"
    );
    assert!(keyspace.keys(VIEW).find(b"key").is_none());
    assert_eq!((keyspace.len(0), keyspace.statistics().expired()), (0, 1));
    let removed: Vec<_> = keyspace.changes().removed.iter().collect();
    assert_eq!(removed, [(0, &b"key"[..], Removal::Expired)]);
    assert_eq!(keyspace.changes().dirty, 0);
}

#[test]
fn a_replica_hides_it_and_the_stream_sees_it() {
    let mut keyspace = expired_key();
    let replica = View { expiry: ExpiryMode::Hide, ..VIEW };
    assert_eq!(keyspace.keys(replica).string(b"key"), Ok(None));
    assert!(!keyspace.keys(replica).remove(b"key") && !keyspace.keys(replica).exists(b"key"));
    let stream = View { expiry: ExpiryMode::Ignore, ..VIEW };
    assert_eq!(keyspace.keys(stream).string(b"key"), Ok(Some(&b"value"[..])));
    assert!(keyspace.changes().removed.is_empty());
    assert!(
        keyspace.keys(replica).set_string(b"key", b"new", NewExpiry::Keep),
        "a writable replica makes it anew"
    );
    assert_eq!(keyspace.keys(replica).find(b"key").expect("new").expire_at_ms(), None);
    assert_eq!(keyspace.len(0), 1);
}

#[test]
fn removing_an_expired_key_removes_nothing() {
    let mut keyspace = expired_key();
    assert!(!keyspace.keys(VIEW).remove(b"key"));
    assert_eq!(keyspace.changes().removed.len(), 1);
}

#[test]
fn lookups_count_and_touch_as_they_should() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    keyspace.keys(VIEW).set_string(b"key", b"value", NewExpiry::Clear);
    let later = View { now_ms: 70_000, ..VIEW };
    for (lookup, counted, idle) in
        [(Lookup::Peek, 0, 60), (Lookup::Quiet, 1, 60), (Lookup::Write, 0, 0), (Lookup::Read, 1, 0)]
    {
        keyspace.reset_statistics();
        keyspace.keys(VIEW).set_string(b"key", b"value", NewExpiry::Clear);
        let mut keys = keyspace.keys(later);
        assert_eq!(
            keys.look_up(b"key", lookup).expect("present").idle_seconds(later.now_ms),
            idle,
            "{lookup:?}"
        );
        assert!(keys.look_up(b"absent", lookup).is_none());
        assert_eq!(
            (keyspace.statistics().hits, keyspace.statistics().misses),
            (counted, counted),
            "{lookup:?}"
        );
    }
    keyspace.keys(VIEW).set_string(b"key", b"value", NewExpiry::Clear);
    let no_touch = View { touch: false, ..later };
    assert_eq!(keyspace.keys(no_touch).find(b"key").expect("present").idle_seconds(70_000), 60);
}

#[test]
fn changes_are_recorded_while_somebody_is_interested() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    keyspace.keys(VIEW).modified(b"key", Event::SET);
    assert!(keyspace.changes().modified.is_empty());
    keyspace.changes_mut().interest = true;
    keyspace.changes_mut().interest_in_misses = true;
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.find(b"key").is_none());
    keys.set_string(b"key", b"value", NewExpiry::Clear);
    keys.modified(b"key", Event::SET);
    let names: Vec<_> = keyspace.changes().modified.iter().map(|(_, _, event)| event.name).collect();
    assert_eq!(names, ["keymiss", "new", "set"]);
    assert_eq!((keyspace.changes().dirty, Event::KEY_MISS.class), (2, Class::KeyMiss));
}

#[test]
fn a_remembered_hash_is_used_for_its_slice_only() {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    let (key, other) = (b"key".to_vec(), b"other".to_vec());
    let hash = keyspace.hash(&key);
    keyspace.prefetch_bucket(0, hash);
    keyspace.prefetch_entry(7, hash);
    let mut keys = keyspace.keys(VIEW);
    keys.remember_hash(&key, hash);
    keys.set_string(&key, b"1", NewExpiry::Clear);
    keys.set_string(&other, b"2", NewExpiry::Clear);
    keys.in_database(1).set_string(&key, b"3", NewExpiry::Clear);
    assert_eq!(keyspace.keys(VIEW).string(b"key"), Ok(Some(&b"1"[..])));
    assert_eq!(keyspace.keys(VIEW).string(b"other"), Ok(Some(&b"2"[..])));
    assert_eq!(keyspace.keys(View { database: 1, ..VIEW }).string(b"key"), Ok(Some(&b"3"[..])));
}
