//! Changing a list. Each change is told the limits, for they can be configured anew at any time.

use encodings::either::View;
use encodings::listpack::{Element, Listpack};

use super::{End, List};
use crate::limits::ListLimits;

impl List {
    /// Pushes elements one after the other: the last one ends up at the end that is pushed to.
    pub fn push<'e>(
        &mut self,
        end: End,
        elements: impl ExactSizeIterator<Item = &'e [u8]> + Clone,
        limits: ListLimits,
    ) {
        self.grow(elements.len(), elements.clone().map(<[u8]>::len).sum(), limits);
        match (self.form.view_mut(), end) {
            (View::Packed(listpack), End::Back) => match elements.len() {
                1 => elements.for_each(|element| listpack.push_back(element)),
                _ => listpack.extend(elements.map(Element::of)),
            },
            (View::Packed(listpack), End::Front) => elements.for_each(|element| listpack.push_front(element)),
            (View::Large(list), End::Back) => {
                elements.for_each(|element| list.push_back(element, limits.fill()));
            }
            (View::Large(list), End::Front) => {
                elements.for_each(|element| list.push_front(element, limits.fill()));
            }
        }
    }

    /// Pushes one element.
    pub fn push_one(&mut self, end: End, element: &[u8], limits: ListLimits) {
        self.push(end, std::iter::once(element), limits);
    }

    /// Takes `count` elements out at one end, or as many as there are, and shows them to `show` from that end on.
    pub fn pop(
        &mut self,
        end: End,
        count: usize,
        limits: ListLimits,
        mut show: impl FnMut(Element<'_>),
    ) -> usize {
        let len = self.len();
        let count = count.min(len);
        if count == 0 {
            return 0;
        }
        let start = if end == End::Front { 0 } else { len - 1 };
        let mut walk = self.walk(start, end == End::Back);
        for _ in 0..count {
            show(walk.next_element().expect("the list has so many elements"));
        }
        self.remove_range(if end == End::Front { 0 } else { len - count }, count, limits);
        count
    }

    /// Takes out so many elements from `position` on, or as many as there are.
    pub fn remove_range(&mut self, position: usize, count: usize, limits: ListLimits) {
        match self.form.view_mut() {
            View::Packed(listpack) => {
                let first = i64::try_from(position).ok().and_then(|index| listpack.seek(index));
                if let Some(first) = first {
                    listpack.remove_many(first, count);
                }
            }
            View::Large(list) => {
                list.remove_range(position, count, limits.fill());
                self.shrink(limits);
            }
        }
    }

    /// Keeps `count` elements from `start` on.
    pub fn keep_range(&mut self, start: usize, count: usize, limits: ListLimits) {
        let kept_end = start.saturating_add(count);
        self.remove_range(kept_end, self.len().saturating_sub(kept_end), limits);
        self.remove_range(0, start, limits);
    }

    /// Takes out the first `most` elements that equal `wanted`, or the last ones. Tells how many there were.
    pub fn remove_matching(&mut self, wanted: &[u8], most: usize, from: End, limits: ListLimits) -> usize {
        match self.form.view_mut() {
            View::Packed(listpack) => remove_packed(listpack, wanted, most, from),
            View::Large(list) => {
                let removed = list.remove_matching(wanted, most, from == End::Back, limits.fill());
                self.shrink(limits);
                removed
            }
        }
    }

    /// Puts another element in the place of the one at `position`, which must be there.
    pub fn set(&mut self, position: usize, element: &[u8], limits: ListLimits) {
        self.grow(1, element.len(), limits);
        let index = i64::try_from(position).expect("positions have fewer than 64 bits");
        match self.form.view_mut() {
            View::Packed(listpack) => {
                let place = listpack.seek(index).expect("the position is within the list");
                listpack.replace(place, element);
            }
            View::Large(list) => {
                list.set(index, element, limits.fill());
                self.shrink(limits);
            }
        }
    }

    /// Puts an element before the one at `position`, which must be there, or behind it.
    pub fn insert(&mut self, position: usize, is_behind: bool, element: &[u8], limits: ListLimits) {
        self.grow(1, element.len(), limits);
        let index = i64::try_from(position).expect("positions have fewer than 64 bits");
        match self.form.view_mut() {
            View::Packed(listpack) => {
                let place = listpack.seek(index).expect("the position is within the list");
                if is_behind {
                    listpack.insert_after(place, element);
                } else {
                    listpack.insert_before(place, element);
                }
            }
            View::Large(list) if is_behind => {
                list.insert_after(index, element, limits.fill());
            }
            View::Large(list) => {
                list.insert_before(index, element, limits.fill());
            }
        }
    }
}

/// Packs anew what stays: one pass, however many go.
fn remove_packed(listpack: &mut Listpack, wanted: &[u8], most: usize, from: End) -> usize {
    let wanted = Element::of(wanted);
    let matches = listpack.iter().filter(|element| *element == wanted).count();
    if matches == 0 {
        return 0;
    }
    let first_removed = if from == End::Back { matches.saturating_sub(most) } else { 0 };
    let removed = matches.min(most);
    let mut seen = 0;
    let stays = |element: &Element<'_>| {
        let is_match = *element == wanted;
        seen += usize::from(is_match);
        !is_match || !(first_removed..first_removed + removed).contains(&(seen - 1))
    };
    let kept = listpack.iter().filter(stays).collect();
    *listpack = kept;
    removed
}
