//! Who waits, in which order, until when.

use super::*;
use crate::client::card::ClientKind;

fn session(id: ClientId, worker: u16) -> Session {
    let mut card = Card::new(id, ClientKind::Normal, String::new(), String::new(), 0);
    card.worker = worker;
    Session::new(Arc::new(card), true)
}

fn wait(blocking: &mut Blocking, id: ClientId, keys: &[&str], deadline_ms: u64) {
    let request = OwnedRequest::new([b"BLPOP".as_slice()]);
    let keys = keys.iter().map(|key| key.as_bytes());
    blocking.add(&session(id, (id % 2) as u16), request, keys, Wanted::kind(Type::List), deadline_ms);
}

fn in_line(blocking: &Blocking, key: &str) -> Vec<ClientId> {
    let (mut ids, mut behind) = (Vec::new(), 0);
    while let Some((ticket, id, true)) = blocking.next_in_line(0, key.as_bytes(), behind, Some(Type::List)) {
        ids.push(id);
        behind = ticket;
    }
    ids
}

#[test]
fn lines_are_in_the_order_of_arrival() {
    let mut blocking = Blocking::default();
    wait(&mut blocking, 3, &["a", "b", "a"], 0);
    wait(&mut blocking, 1, &["b"], 0);
    wait(&mut blocking, 2, &["a"], 0);
    assert_eq!((in_line(&blocking, "a"), in_line(&blocking, "b")), (vec![3, 2], vec![3, 1]));
    assert_eq!(blocking.key_counts(), (2, 0));
    assert!(blocking.next_in_line(0, b"a", 0, None).is_none(), "nobody wants to hear of a missing key");
    assert!(!blocking.next_in_line(0, b"a", 0, Some(Type::Hash)).expect("in line").2);
    assert!(blocking.remove(3).is_some() && blocking.remove(3).is_none());
    assert_eq!((in_line(&blocking, "a"), in_line(&blocking, "b")), (vec![2], vec![1]));
    blocking.remove(1);
    blocking.remove(2);
    assert!(blocking.is_empty() && blocking.databases.is_empty());
}

#[test]
fn changed_keys_are_told_once_and_in_order() {
    let mut blocking = Blocking::default();
    wait(&mut blocking, 1, &["a", "b"], 0);
    blocking.touch(0, b"b");
    blocking.touch(0, b"c");
    blocking.touch(1, b"a");
    blocking.touch(0, b"a");
    blocking.touch(0, b"b");
    let names: Vec<_> = blocking.take_ready().into_iter().map(|(_, key)| key[0]).collect();
    assert_eq!((names, blocking.has_work()), (b"ba".to_vec(), false));
    blocking.touch_database(0);
    assert_eq!(blocking.take_ready().len(), 2);
}

#[test]
fn deadlines_are_those_of_each_worker() {
    let mut blocking = Blocking::default();
    wait(&mut blocking, 1, &["a"], 100);
    wait(&mut blocking, 2, &["a"], 50);
    wait(&mut blocking, 4, &["a"], 70);
    wait(&mut blocking, 6, &["a"], 0);
    assert_eq!((blocking.next_deadline_ms(0), blocking.next_deadline_ms(1)), (Some(50), Some(100)));
    blocking.end_overdue(0, 60);
    assert_eq!(blocking.take_ended(), [(2, WaitEnd::TimedOut)]);
    blocking.remove(2);
    blocking.remove(4);
    assert_eq!(blocking.next_deadline_ms(0), None);
    assert!(!blocking.end(2, WaitEnd::Error) && blocking.end(6, WaitEnd::Error));
}
