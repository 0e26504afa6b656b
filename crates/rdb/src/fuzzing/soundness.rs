//! What every value promises, whatever bytes it was read from.

use std::collections::BTreeSet;

use datatypes::collection::{Collection, ValueRef};
use datatypes::hash::Hash;
use datatypes::list::List;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use datatypes::stream::{Group, Id, Stream};
use encodings::listpack::Element;

/// Looks at the value in all the ways there are, and whether they agree.
pub(super) fn check(value: ValueRef<'_>) {
    match value {
        ValueRef::String(_) => {}
        ValueRef::List(list) => check_list(list),
        ValueRef::Set(set) => check_set(set),
        ValueRef::SortedSet(set) => check_sorted_set(set),
        ValueRef::Hash(hash) => check_hash(hash),
        ValueRef::Stream(stream) => check_stream(stream),
    }
}

fn check_list(list: &List) {
    let walk = |from: usize, is_backward: bool| {
        let (mut elements, mut walk) = (Vec::new(), list.walk(from, is_backward));
        while let Some(element) = walk.next_element() {
            elements.push(element.to_vec());
        }
        elements
    };
    assert!(!list.is_empty());
    let (ascending, mut descending) = (walk(0, false), walk(list.len() - 1, true));
    descending.reverse();
    assert_eq!((ascending.len(), &ascending), (list.len(), &descending));
    assert!(ascending.iter().all(|element| list.find(element).is_some()));
}

fn check_set(set: &Set) {
    let members: BTreeSet<Vec<u8>> = set.iter().map(Element::to_vec).collect();
    assert!(!members.is_empty() && members.len() == set.len());
    assert!(members.iter().all(|member| set.contains(member)));
}

fn check_sorted_set(set: &SortedSet) {
    let (mut elements, mut descending) = (Vec::new(), Vec::new());
    set.ascend(0..set.len(), &mut |member, score| elements.push((score, member.to_vec())));
    set.descend(0..set.len(), &mut |member, score| descending.push((score, member.to_vec())));
    descending.reverse();
    assert!(!elements.is_empty() && elements.len() == set.len() && elements == descending);
    assert!(elements.windows(2).all(|pair| pair[0] < pair[1]), "{elements:?}");
    for (rank, (score, member)) in elements.iter().enumerate() {
        assert_eq!(set.rank(member), Some((rank, *score)));
    }
}

fn check_hash(hash: &Hash) {
    let mut names = BTreeSet::new();
    for field in hash.iter() {
        let name = field.name.to_vec();
        assert_eq!(hash.get(&name), Some(field));
        names.insert(name);
    }
    assert!(!names.is_empty() && names.len() == hash.len());
    assert_eq!(hash.nearest_expiry_ms(), hash.iter().filter_map(|field| field.expire_at_ms).min());
}

fn check_stream(stream: &Stream) {
    let log = stream.log();
    let ids: Vec<Id> = log.range(Id::MIN, Id::MAX).map(|entry| entry.id).collect();
    let mut descending: Vec<Id> = log.range_back(Id::MIN, Id::MAX).map(|entry| entry.id).collect();
    descending.reverse();
    assert_eq!((ids.len(), &ids), (log.len(), &descending));
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    for id in &ids {
        let entry = log.entry(*id).expect("it was just seen");
        assert_eq!(entry.fields().count(), entry.field_count());
    }
    let marks = log.marks();
    assert!(ids.last().is_none_or(|last| *last <= marks.last_id), "{marks:?} {ids:?}");
    assert!(ids.first().is_none_or(|first| *first == marks.first_id), "{marks:?} {ids:?}");
    stream.groups().for_each(|(_, group)| check_group(group));
}

/// What is pending in a group is what is pending with its consumers.
fn check_group(group: &Group) {
    let pending: Vec<(Id, &[u8])> =
        group.pending().iter().map(|(id, pending)| (id, &*pending.consumer)).collect();
    let mut of_consumers: Vec<(Id, &[u8])> = Vec::new();
    for (name, consumer) in group.consumers() {
        of_consumers.extend(consumer.pending().iter().map(|(id, ())| (id, name)));
    }
    of_consumers.sort_unstable();
    assert_eq!(pending, of_consumers);
}
