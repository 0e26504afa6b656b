//! Intersections, unions and differences of sets.

use encodings::listpack::{Element, TextBuffer};

use super::{Form, Set};
use crate::limits::SetLimits;

/// Visits the members that all sets have, until `visit` says no. The smallest set is walked over.
pub fn intersect<'a>(sets: &'a [Set], visit: &mut dyn FnMut(Element<'a>) -> bool) {
    let mut by_size: Vec<&Set> = sets.iter().collect();
    by_size.sort_by_key(|set| set.len());
    let Some((smallest, others)) = by_size.split_first() else { return };
    let mut text = TextBuffer::new();
    for member in smallest.iter() {
        let text = member.text(&mut text);
        if others.iter().all(|set| set.has(member, text)) && !visit(member) {
            return;
        }
    }
}

/// A set of the members that all sets have, in the encoding that the least of memory takes.
pub fn intersection(sets: &[Set], limits: SetLimits) -> Set {
    let mut result = Set::default();
    let smallest = sets.iter().min_by_key(|set| set.len()).map(Set::form);
    if !matches!(smallest, None | Some(Form::Ints(_))) {
        result = encodings::listpack::Listpack::new().into();
    }
    let mut text = TextBuffer::new();
    intersect(sets, &mut |member| {
        result.add(member.text(&mut text), limits);
        true
    });
    result.make_ints(limits);
    result
}

/// A set of the members of the first that none of the others has; a set may be missing.
pub fn difference(sets: &[Option<Set>], limits: SetLimits) -> Set {
    let Some((Some(first), others)) = sets.split_first() else { return Set::default() };
    let mut others: Vec<&Set> = others.iter().flatten().collect();
    // Looking up each member of the first in all others, or taking the members of all others out of a copy: whichever
    // is less work. The first leaves off early, so it gets some advantage.
    let look_ups = first.len() * (1 + others.len()) / 2;
    let removals = first.len() + others.iter().map(|set| set.len()).sum::<usize>();
    if look_ups <= removals {
        // What is in the largest is soonest found to be out.
        others.sort_by_key(|set| std::cmp::Reverse(set.len()));
        without_by_looking_up(first, &others, limits)
    } else {
        without_by_removing(first, &others, limits)
    }
}

fn without_by_looking_up(first: &Set, others: &[&Set], limits: SetLimits) -> Set {
    let (mut result, mut text) = (Set::default(), TextBuffer::new());
    for member in first.iter() {
        let text = member.text(&mut text);
        if !others.iter().any(|set| set.has(member, text)) {
            result.add(text, limits);
        }
    }
    result
}

fn without_by_removing(first: &Set, others: &[&Set], limits: SetLimits) -> Set {
    let mut result = Set::default();
    result.add_all(first, limits);
    for set in others {
        set.for_each(&mut |member| {
            result.remove(member);
        });
        if result.is_empty() {
            break;
        }
    }
    result
}

impl Set {
    /// Adds all members of another set.
    pub fn add_all(&mut self, other: &Set, limits: SetLimits) {
        other.for_each(&mut |member| {
            self.add(member, limits);
        });
    }
}
