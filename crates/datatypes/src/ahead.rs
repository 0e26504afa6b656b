//! Looking for an element in steps: each names the memory that the next one reads, so that it can be fetched for many
//! lookups at once.

use std::ptr::NonNull;

use encodings::table;

use crate::collection::ValueRef;
use crate::hash::Hash;
use crate::set::Set;
use crate::sorted_set::{self, SortedSet};

/// An element that is about to be looked up.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    /// The member or field.
    pub element: &'a [u8],
    /// The score that it is to get.
    pub score: Option<f64>,
}

/// How far a lookup is.
pub struct Ahead<'a>(Stage<'a>);

enum Stage<'a> {
    Set(&'a Set),
    Hash(&'a Hash),
    SortedSet(&'a SortedSet),
    Member(table::Ahead<'a, false>),
    Field(table::Ahead<'a, true>),
    Scored(sorted_set::Ahead<'a>),
}

impl<'a> Ahead<'a> {
    /// Begins a lookup in a value: `fetch` gets what its first step reads. None if the value has no members or fields.
    #[inline]
    pub fn new(value: ValueRef<'a>, fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'a>> {
        let (stage, address) = match value {
            ValueRef::Set(set) => (Stage::Set(set), set.address()),
            ValueRef::Hash(hash) => (Stage::Hash(hash), hash.address()),
            ValueRef::SortedSet(set) => (Stage::SortedSet(set), set.address()),
            ValueRef::String(_) | ValueRef::List(_) | ValueRef::Stream(_) => return None,
        };
        fetch(address);
        Some(Ahead(stage))
    }

    /// Goes on; none when there is nothing more to name.
    #[inline]
    pub fn step(self, sought: Sought<'_>, fetch: &mut impl FnMut(NonNull<u8>)) -> Option<Ahead<'a>> {
        let stage = match self.0 {
            Stage::Set(set) => Stage::Member(set.table()?.look_ahead(sought.element, fetch)?),
            Stage::Hash(hash) => Stage::Field(hash.table()?.look_ahead(sought.element, fetch)?),
            Stage::SortedSet(set) => Stage::Scored(set.look_ahead(sought, fetch)?),
            Stage::Member(ahead) => Stage::Member(ahead.step(fetch)?),
            Stage::Field(ahead) => Stage::Field(ahead.step(fetch)?),
            Stage::Scored(ahead) => Stage::Scored(ahead.step(sought, fetch)?),
        };
        Some(Ahead(stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Expiry;
    use crate::limits::Limits;
    use crate::list::List;

    /// How many steps a lookup takes after the first one, and how many places it names.
    fn look(value: ValueRef<'_>, sought: Sought<'_>) -> (usize, usize) {
        let (mut steps, mut places) = (0, 0);
        let mut ahead = Ahead::new(value, &mut |_| places += 1);
        while let Some(further) = ahead {
            steps += 1;
            ahead = further.step(sought, &mut |_| places += 1);
        }
        (steps, places)
    }

    fn element(number: usize) -> Vec<u8> {
        format!("element:{number}").into_bytes()
    }

    fn sought(element: &[u8]) -> Sought<'_> {
        Sought { element, score: None }
    }

    #[test]
    fn small_ones_are_a_single_place() {
        let (limits, mut set) = (Limits::DEFAULT, Set::default());
        set.add(b"a", limits.set);
        assert_eq!(look(ValueRef::Set(&set), sought(b"a")), (1, 1));
        assert_eq!(look(ValueRef::Hash(&Hash::default()), sought(b"a")), (1, 1));
        assert_eq!(look(ValueRef::SortedSet(&SortedSet::default()), sought(b"a")), (1, 1));
        assert_eq!(look(ValueRef::List(&List::default()), sought(b"a")), (0, 0));
        assert_eq!(look(ValueRef::String(b"a"), sought(b"a")), (0, 0));
    }

    #[test]
    fn large_ones_are_looked_at_step_by_step() {
        let limits = Limits::DEFAULT;
        let (mut set, mut hash, mut sorted) = (Set::default(), Hash::default(), SortedSet::default());
        for number in 0..5_000 {
            let element = element(number);
            set.add(&element, limits.set);
            hash.set(&element, b"value", Expiry::Clear, limits.hash);
            sorted.insert(&element, number as f64, limits.sorted_set);
        }
        for number in [0, 77, 4_999, 5_000, 6_000] {
            let element = element(number);
            let is_there = number < 5_000;
            for value in [ValueRef::Set(&set), ValueRef::Hash(&hash)] {
                let (steps, places) = look(value, sought(&element));
                assert!(steps == 3 && (5..=7).contains(&places), "{number}: {steps} steps, {places} places");
            }
            let (steps, _) = look(ValueRef::SortedSet(&sorted), sought(&element));
            assert_eq!(steps, if is_there { 5 } else { 4 }, "{number}");
            let scored = Sought { element: &element, score: Some(2_500.5) };
            assert_eq!(look(ValueRef::SortedSet(&sorted), scored).0, 5, "{number}");
        }
    }
}
