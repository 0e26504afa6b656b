//! Tests of `strings`: expiry kept or not, growing, memory given back.

use super::*;
use crate::{ExpiryMode, Keyspace, View};
use datatypes::collection::Value;

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

fn expiry(keys: &mut Keys<'_>) -> Option<i64> {
    keys.peek(b"key").expect("present").expire_at_ms()
}

#[test]
fn the_expiry_is_kept_cleared_or_set() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.set_string(b"key", b"value", NewExpiry::At(20_000)));
    assert!(!keys.set_string(b"key", b"other", NewExpiry::Keep));
    assert_eq!((expiry(&mut keys), keys.expires_len()), (Some(20_000), 1));
    update(&mut keys, b"other", b"a much longer value than there is room for");
    assert_eq!(expiry(&mut keys), Some(20_000));
    keys.set_string(b"key", b"value", NewExpiry::Clear);
    assert_eq!((expiry(&mut keys), keys.expires_len()), (None, 0));
    assert!(keys.set_expiry(b"key", Some(30_000)) && keys.set_expiry(b"key", Some(30_001)));
    assert_eq!((expiry(&mut keys), keys.expires_len()), (Some(30_001), 1));
    assert!(keys.set_expiry(b"key", None) && !keys.set_expiry(b"absent", None));
    assert_eq!((expiry(&mut keys), keys.expires_len()), (None, 0));
}

#[test]
fn appended_strings_are_grown_until_they_are_set() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    assert_eq!(keys.append(b"key", b"12"), Ok(2));
    assert!(
        !keys.peek(b"key").expect("present").grown(),
        "a string that APPEND creates is like one that SET does"
    );
    assert_eq!(keys.append(b"key", b"3"), Ok(3));
    assert!(keys.peek(b"key").expect("present").grown());
    assert!(keys.set_expiry(b"key", Some(50_000)));
    assert!(keys.peek(b"key").expect("present").grown(), "EXPIRE changes no encoding");
    update(&mut keys, b"123", b"124");
    assert!(!keys.peek(b"key").expect("present").grown());
}

fn update(keys: &mut Keys<'_>, from: &[u8], to: &[u8]) {
    let updated = keys.update_string(b"key", |old| {
        assert_eq!(old, Some(from));
        Ok::<_, WrongType>(to)
    });
    assert_eq!((updated, keys.string(b"key")), (Ok(()), Ok(Some(to))));
}

#[test]
fn an_update_creates_or_leaves_everything_as_it_is() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    let refused: Result<(), WrongType> = keys.update_string(b"key", |_| Err::<&[u8], _>(WrongType));
    assert_eq!((refused, keys.len()), (Err(WrongType), 0));
    assert_eq!(keys.update_string(b"key", |old| Ok::<_, WrongType>([b'0' + old.is_none() as u8])), Ok(()));
    assert_eq!(keys.string(b"key"), Ok(Some(&b"1"[..])));
    let refused: Result<(), WrongType> = keys.update_string(b"key", |_| Err::<&[u8], _>(WrongType));
    assert_eq!((refused, keys.string(b"key")), (Err(WrongType), Ok(Some(&b"1"[..]))));
    keys.set_value(b"stream", Value::Stream(Default::default()), NewExpiry::Clear);
    assert_eq!(keys.update_string(b"stream", |_| Ok::<_, WrongType>(b"")), Err(WrongType));
}

#[test]
fn ranges_are_written_with_zeros_before_them() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    assert_eq!((keys.set_range(b"key", 5, b""), keys.len()), (Ok(0), 0));
    assert_eq!(keys.set_range(b"key", 3, b"abc"), Ok(6));
    assert_eq!(keys.set_range(b"key", 1, b"x"), Ok(6));
    assert_eq!(keys.string(b"key"), Ok(Some(&b"\0x\0abc"[..])));
}

#[test]
fn a_large_string_grows_in_place_and_gives_its_memory_back() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    for _ in 0..300 {
        keys.append(b"key", &[1; 10_000]).expect("a string");
    }
    assert_eq!(keys.string(b"key").expect("a string").map(<[u8]>::len), Some(3_000_000));
    assert!(keys.peek(b"key").expect("present").allocated_bytes() < 4_200_000);
    keys.set_string(b"key", b"small", NewExpiry::Clear);
    assert_eq!(keys.peek(b"key").expect("present").allocated_bytes(), 16);
}

#[test]
fn bytes_are_changed_where_they_lie() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    let mut keys = keyspace.keys(VIEW);
    assert_eq!(keys.string_mut(b"key"), Ok(None));
    assert_eq!(keys.extend_string(b"key", 3), Ok(None));
    assert_eq!(keys.extend_string(b"key", 2), Ok(Some(3)));
    assert_eq!(keys.extend_string(b"key", 5), Ok(Some(3)));
    keys.string_mut(b"key").expect("a string").expect("present")[4] = b'x';
    assert_eq!(keys.string(b"key"), Ok(Some(&b"\0\0\0\0x"[..])));
    assert!(keys.peek(b"key").expect("present").grown());
    assert!(!keys.set_grown_string(b"key", b"1", NewExpiry::Clear));
    assert!(keys.peek(b"key").expect("present").grown());
}

#[test]
fn a_snapshot_keeps_the_bytes_from_before() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    keyspace.keys(VIEW).set_string(b"key", b"before", NewExpiry::Clear);
    keyspace.begin_snapshot().expect("none runs");
    keyspace.keys(VIEW).string_mut(b"key").expect("a string").expect("present").fill(b'x');
    let mut seen = Vec::new();
    while !keyspace.snapshot_step(7, &mut |entry| seen.push(entry.value.to_value())) {}
    assert_eq!(seen, [Value::String(b"before".to_vec())]);
    assert_eq!(keyspace.keys(VIEW).string(b"key"), Ok(Some(&b"xxxxxx"[..])));
}
