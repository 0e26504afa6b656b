//! Walking a list from any element, towards either end.

use encodings::either::View;
use encodings::listpack::{Element, Listpack, Position};
use encodings::quicklist::Elements;

use super::List;

/// The elements of a list from a position on, in one direction. Not an `Iterator`: an element of a compressed block is lent
/// until the next one is asked for.
pub struct Walk<'a>(Kind<'a>);

enum Kind<'a> {
    Packed { listpack: &'a Listpack, next: Option<Position>, is_backward: bool },
    Quick(Elements<'a, 32>),
}

impl List {
    /// The elements from `position` on, towards the end, or towards the front. Nothing if there is no such element.
    pub fn walk(&self, position: usize, is_backward: bool) -> Walk<'_> {
        Walk(match self.form.view() {
            View::Packed(listpack) => {
                let next = i64::try_from(position).ok().and_then(|index| listpack.seek(index));
                Kind::Packed { listpack, next, is_backward }
            }
            View::Large(list) if is_backward => Kind::Quick(list.descending(position)),
            View::Large(list) => Kind::Quick(list.ascending(position)),
        })
    }
}

impl Walk<'_> {
    /// The next element in the direction of the walk.
    #[inline]
    pub fn next_element(&mut self) -> Option<Element<'_>> {
        match &mut self.0 {
            Kind::Packed { listpack, next, is_backward } => {
                let position = (*next)?;
                *next = if *is_backward { listpack.previous(position) } else { listpack.next(position) };
                Some(listpack.get(position))
            }
            Kind::Quick(elements) => elements.next_element(),
        }
    }
}
