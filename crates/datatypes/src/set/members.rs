//! Walking over the members of a set.

use encodings::intset::Intset;
use encodings::listpack::{self, Element};

use super::{Form, Set};

/// The members of a set: integers in ascending order, packed ones as they were added, those of a table in no order.
pub struct Members<'a> {
    walk: Walk<'a>,
    left: usize,
}

enum Walk<'a> {
    Ints(&'a Intset),
    Packed(listpack::Iter<'a>),
    Table(Box<dyn Iterator<Item = Element<'a>> + 'a>),
}

impl<'a> Members<'a> {
    pub(super) fn new(set: &'a Set) -> Members<'a> {
        let walk = match set.form() {
            Form::Ints(ints) => Walk::Ints(ints),
            Form::Packed(packed) => Walk::Packed(packed.iter()),
            Form::Table(table) => Walk::Table(Box::new(table.iter().map(|entry| Element::Bytes(entry.key)))),
        };
        Members { walk, left: set.len() }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let next = match &mut self.walk {
            Walk::Ints(ints) => ints.get(ints.len() - self.left).map(Element::Integer),
            Walk::Packed(packed) => packed.next(),
            Walk::Table(table) => table.next(),
        };
        self.left = self.left.saturating_sub(1);
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Members<'_> {}
