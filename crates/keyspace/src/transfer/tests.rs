//! Tests of `transfer`: what goes along, and what is overwritten.

use crate::{ExpiryMode, Keyspace, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

fn two_keys() -> Keyspace {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    keyspace.keys(VIEW).set_string(b"from", b"value", NewExpiry::At(20_000));
    keyspace.keys(VIEW).set_string(b"to", b"other", NewExpiry::Clear);
    keyspace
}

#[test]
fn a_renamed_key_keeps_its_expiry_and_takes_the_place() {
    let mut keyspace = two_keys();
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.rename(b"from", b"to") && !keys.rename(b"from", b"to") && keys.rename(b"to", b"to"));
    assert_eq!((keys.len(), keys.expires_len()), (1, 1));
    let entry = keys.find(b"to").expect("present");
    assert_eq!((entry.string(), entry.expire_at_ms()), (Some(&b"value"[..]), Some(20_000)));
}

#[test]
fn a_moved_key_must_be_absent_there() {
    let mut keyspace = two_keys();
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.move_to(b"from", 1) && !keys.move_to(b"from", 1) && !keys.move_to(b"to", 0));
    assert!(keys.copy(b"to", 1, b"to") && !keys.move_to(b"to", 1), "it is there already");
    assert_eq!((keyspace.len(0), keyspace.len(1), keyspace.expires_len(1)), (1, 2, 1));
}

#[test]
fn a_copy_leaves_the_source() {
    let mut keyspace = two_keys();
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.copy(b"from", 0, b"to") && !keys.copy(b"absent", 0, b"to"));
    assert_eq!(keys.string(b"to"), Ok(Some(&b"value"[..])));
    assert_eq!((keys.len(), keys.expires_len()), (2, 2));
}

#[test]
fn what_is_taken_may_be_put_back() {
    let mut keyspace = two_keys();
    let mut keys = keyspace.keys(VIEW);
    let taken = keys.take(b"from").expect("present");
    assert!(keys.take(b"from").is_none());
    assert_eq!(taken.view().string(), Some(&b"value"[..]));
    keys.insert_owned(b"from", taken);
    assert_eq!(keys.string(b"from"), Ok(Some(&b"value"[..])));
    assert_eq!(keys.expires_len(), 1);
}
