//! Tests of `collections`: books are kept, snapshots get what was there, empty keys go.

use super::*;
use crate::entry::live_entries;
use crate::{ExpiryMode, Keyspace, Type, View};
use datatypes::limits::ListLimits;
use datatypes::list::End;

const LIMITS: ListLimits = Limits::DEFAULT.list;

const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

fn keyspace() -> Keyspace {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    keyspace.changes_mut().interest = true;
    keyspace
}

fn events(keyspace: &mut Keyspace) -> Vec<&'static str> {
    let names = keyspace.changes().modified.iter().map(|(_, _, event)| event.name).collect();
    keyspace.changes_mut().modified.clear();
    names
}

fn push(keyspace: &mut Keyspace, key: &[u8], element: &[u8]) {
    let mut keys = keyspace.keys(VIEW);
    let mut list = keys.list_or_create(key).expect("a list or nothing");
    list.push_one(End::Back, element, LIMITS);
    list.modified(Event::RPUSH);
}

#[test]
fn a_collection_comes_and_goes_with_its_elements() {
    let mut keyspace = keyspace();
    push(&mut keyspace, b"list", b"one");
    assert_eq!(events(&mut keyspace), ["new", "rpush"]);
    let mut keys = keyspace.keys(VIEW);
    let mut list = keys.list_mut(b"list").expect("a list").expect("there");
    assert!(!list.is_new());
    assert_eq!(list.pop(End::Back, 1, LIMITS, |element| assert_eq!(element, *b"one".as_slice())), 1);
    list.modified(Event::RPOP);
    drop(list);
    assert_eq!((keys.kind(b"list"), keyspace.len(0)), (None, 0));
    assert_eq!(events(&mut keyspace), ["rpop", "del"]);
    assert_eq!(keyspace.changes().dirty, 2);
}

#[test]
fn a_key_that_nothing_was_put_into_was_never_there() {
    let mut keyspace = keyspace();
    drop(keyspace.keys(VIEW).hash_or_create(b"hash").expect("nothing there"));
    assert_eq!((keyspace.len(0), keyspace.changes().dirty), (0, 0));
}

#[test]
fn other_types_are_refused() {
    let mut keyspace = keyspace();
    push(&mut keyspace, b"list", b"one");
    let mut keys = keyspace.keys(VIEW);
    keys.set_string(b"string", b"text", NewExpiry::Clear);
    assert_eq!(keys.set(b"list").err(), Some(WrongType));
    assert!(keys.set_mut(b"list").is_err() && keys.stream_or_create(b"list").is_err());
    assert!(keys.list(b"string").is_err() && keys.string(b"list").is_err());
    assert_eq!((keys.kind(b"list"), keys.kind(b"string")), (Some(Type::List), Some(Type::String)));
    assert!(keys.list(b"none").expect("nothing there").is_none());
}

#[test]
fn expiry_rename_copy_and_overwriting_keep_the_elements() {
    let mut keyspace = keyspace();
    let long = vec![b'k'; 300];
    push(&mut keyspace, b"list", b"one");
    let mut keys = keyspace.keys(VIEW);
    assert!(
        keys.set_expiry(b"list", Some(5_000)) && keys.rename(b"list", &long) && keys.copy(&long, 1, b"copy")
    );
    assert!(keys.set_expiry(&long, None) && keys.set_expiry(&long, Some(9_000)));
    assert_eq!(keys.list(&long).expect("a list").expect("there").len(), 1);
    assert_eq!(keys.peek(&long).expect("there").expire_at_ms(), Some(9_000));
    let value = keys.peek(&long).expect("there").value().to_value();
    assert!(!keys.set_value(&long, value, NewExpiry::Keep));
    assert_eq!(keys.peek(&long).expect("there").expire_at_ms(), Some(9_000));
    assert!(!keys.set_string(&long, b"text", NewExpiry::Clear));
    assert_eq!(keys.in_database(1).list(b"copy").expect("a list").expect("there").len(), 1);
    drop(keyspace);
    assert_eq!(live_entries(), 0);
}

#[test]
fn a_snapshot_has_what_was_there() {
    let mut keyspace = keyspace();
    for number in 0..50_u8 {
        push(&mut keyspace, &[number], b"old");
    }
    keyspace.begin_snapshot().expect("none runs");
    for number in 0..50_u8 {
        push(&mut keyspace, &[number], b"new");
    }
    keyspace.keys(VIEW).remove(&[7]);
    let mut seen = 0;
    while !keyspace.snapshot_step(9, &mut |entry| {
        let list = entry.entry.collection::<List>().expect("only lists");
        assert_eq!(list.len(), 1);
        seen += 1;
    }) {}
    assert_eq!((seen, keyspace.len(0)), (50, 49));
}

#[test]
fn large_collections_are_left_for_another_thread() {
    let mut keyspace = keyspace();
    for number in 0..1_000_u32 {
        push(&mut keyspace, b"large", &[b'x'; 1000]);
        push(&mut keyspace, &number.to_le_bytes(), b"small");
    }
    let mut keys = keyspace.keys(VIEW);
    assert!(keys.remove(b"large") && keys.remove(&7_u32.to_le_bytes()));
    assert_eq!(keyspace.take_deferred().keys(), 1);
    assert!(keyspace.take_deferred().is_empty());
}

/// What the parts of a long list are freed by is counted, not timed: they are kept back for another thread.
#[test]
fn many_elements_that_leave_at_once_are_freed_later() {
    for (count, is_kept_back) in [(FREED_AT_ONCE, false), (FREED_AT_ONCE + 1, true), (100_000, true)] {
        let mut keyspace = keyspace();
        let elements: Vec<Vec<u8>> =
            (0..100_000).map(|number: u32| number.to_string().into_bytes()).collect();
        let mut keys = keyspace.keys(VIEW);
        let mut list = keys.list_or_create(b"list").expect("nothing is there");
        list.push(End::Back, elements.iter().map(Vec::as_slice), LIMITS);
        list.expect_removal(count);
        list.remove_range(0, count, LIMITS);
        assert_eq!(list.len(), 100_000 - count);
        drop(list);
        assert_eq!(keyspace.has_deferred(), is_kept_back, "{count}");
        drop(keyspace.take_deferred());
        assert!(!keyspace.has_deferred());
    }
}

#[test]
fn a_large_collection_that_is_replaced_is_freed_later() {
    let mut keyspace = keyspace();
    let members: Vec<(Vec<u8>, f64)> =
        (0..100_000).map(|number: u32| (number.to_string().into_bytes(), f64::from(number))).collect();
    let set = SortedSet::from_elements(members, Limits::DEFAULT.sorted_set);
    keyspace.keys(VIEW).set_value(b"set", Value::SortedSet(set), NewExpiry::Clear);
    keyspace
        .keys(VIEW)
        .sorted_set_mut(b"set")
        .expect("a sorted set")
        .expect("there")
        .replace(SortedSet::default());
    assert!(keyspace.has_deferred() && keyspace.len(0) == 0);
}
