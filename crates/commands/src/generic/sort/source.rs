//! The elements that SORT works on.

use super::options::Options;
use crate::prelude::*;
use datatypes::collection::ValueRef;
use datatypes::list::List;
use datatypes::sorted_set::SortedSet;

/// The elements of a key in its own order. If nothing is to be sorted, only those that are wanted.
pub(super) fn read(
    ctx: &mut Context<'_>,
    key: &[u8],
    options: &mut Options<'_>,
) -> Result<Vec<Vec<u8>>, Stop> {
    let Some(entry) = ctx.keys.look_up(key, Lookup::Read) else { return Ok(Vec::new()) };
    let mut elements = Vec::new();
    match entry.value() {
        ValueRef::List(list) if options.sorts => {
            list.visit(0, list.len(), |element| elements.push(element.to_vec()));
        }
        ValueRef::List(list) => return Ok(part_of_list(list, options)),
        ValueRef::Set(set) => {
            set.for_each(&mut |member| elements.push(member.to_vec()));
            // A set has no order, but what is stored must be the same on every server.
            if !options.sorts && options.destination.is_some() {
                (options.sorts, options.is_alphabetic, options.by) = (true, true, None);
            }
            if !options.sorts {
                let window = options.window(elements.len());
                elements = elements.drain(window).collect();
            }
        }
        ValueRef::SortedSet(set) => return Ok(members_by_score(set, options)),
        ValueRef::String(_) | ValueRef::Hash(_) | ValueRef::Stream(_) => return Err(Stop::WRONG_TYPE),
    }
    Ok(elements)
}

/// The wanted part of a list as it is, from its end where the order is descending.
fn part_of_list(list: &List, options: &Options<'_>) -> Vec<Vec<u8>> {
    let window = options.window(list.len());
    let mut elements = Vec::with_capacity(window.len());
    if window.is_empty() {
        return elements;
    }
    let first = if options.is_descending { list.len() - 1 - window.start } else { window.start };
    let mut walk = list.walk(first, options.is_descending);
    while elements.len() < window.len()
        && let Some(element) = walk.next_element()
    {
        elements.push(element.to_vec());
    }
    elements
}

/// The members of a sorted set by score. If nothing is to be sorted, only those that are wanted.
fn members_by_score(set: &SortedSet, options: &Options<'_>) -> Vec<Vec<u8>> {
    let ranks = if options.sorts { 0..set.len() } else { options.window(set.len()) };
    let mut members = Vec::with_capacity(ranks.len());
    let mut take = |member: &[u8], _: f64| members.push(member.to_vec());
    if options.is_descending && !options.sorts {
        set.descend(set.len() - ranks.end..set.len() - ranks.start, &mut take);
    } else {
        set.ascend(ranks, &mut take);
    }
    members
}
