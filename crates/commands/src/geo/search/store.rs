//! What was found becomes a sorted set.

use super::Found;
use super::options::{Form, Search, Store};
use crate::prelude::*;
use crate::sorted_set::reply;
use datatypes::geo::area::Shape;
use datatypes::sorted_set::{Scored, SortedSet};
use stdx::number;

/// How many members one ZADD passes on at most.
const PASSED_ON_AT_ONCE: usize = 1024;

/// Puts what was found in the place of what the key held.
pub(super) fn keep(
    ctx: &mut Context<'_>,
    store: Store<'_>,
    search: &Search<'_>,
    found: Vec<Found>,
    form: Form,
) {
    let limits = ctx.keys.limits().sorted_set;
    let element = |found: Found| {
        (found.member, if store.distances { found.distance_m / search.unit.metres() } else { found.score })
    };
    let elements: Vec<Scored> = found.into_iter().map(element).collect();
    if search.area.as_ref().is_some_and(|area| matches!(area.shape, Shape::Polygon(_))) {
        pass_on(ctx, store.key, &elements);
    }
    let event = if form.is_search() { Event::GEOSEARCHSTORE } else { Event::GEORADIUSSTORE };
    reply::store(ctx, store.key, SortedSet::from_elements(elements, limits), event);
}

/// Passes on the members themselves: most servers know no polygons.
fn pass_on(ctx: &mut Context<'_>, key: &[u8], elements: &[Scored]) {
    ctx.propagate_nothing();
    if ctx.keys.look_up(key, Lookup::Peek).is_some() {
        ctx.propagate_as(&[b"DEL", key]);
    }
    for some in elements.chunks(PASSED_ON_AT_ONCE) {
        let mut texts = vec![Vec::new(); some.len()];
        texts.iter_mut().zip(some).for_each(|(text, (_, score))| number::append_f64(text, *score));
        let pairs =
            texts.iter().zip(some).flat_map(|(text, (member, _))| [text.as_slice(), member.as_slice()]);
        let words: Vec<&[u8]> = [b"ZADD", key].into_iter().chain(pairs).collect();
        ctx.propagate_as(&words);
    }
}
