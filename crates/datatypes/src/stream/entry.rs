//! An entry of a stream, where it lies.

use encodings::id_tree::Id;
use encodings::listpack::{Element, Listpack, Position};

/// An entry: its identifier, its fields with their values.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Under which it stands.
    pub id: Id,
    listpack: &'a Listpack,
    fields: usize,
    /// Where the names are if they do not stand among the values.
    names: Option<Position>,
    values: Position,
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        id: Id,
        listpack: &'a Listpack,
        fields: usize,
        names: Option<Position>,
        values: Position,
    ) -> Entry<'a> {
        Entry { id, listpack, fields, names, values }
    }

    /// How many fields it has.
    pub fn field_count(&self) -> usize {
        self.fields
    }

    /// The fields with their values. A field may stand there more than once.
    pub fn fields(&self) -> impl Iterator<Item = (Element<'a>, Element<'a>)> + use<'a> {
        let listpack = self.listpack;
        let (mut names, mut next, mut left) = (self.names, Some(self.values), self.fields);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let cursor = if names.is_some() { &mut names } else { &mut next };
            let name = take(listpack, cursor)?;
            Some((name, take(listpack, &mut next)?))
        })
    }
}

fn take<'a>(listpack: &'a Listpack, cursor: &mut Option<Position>) -> Option<Element<'a>> {
    let position = (*cursor)?;
    *cursor = listpack.next(position);
    Some(listpack.get(position))
}

/// Entries are equal when identifier, fields and values are.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Entry<'_>) -> bool {
        self.id == other.id && self.fields == other.fields && self.fields().eq(other.fields())
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{} ", self.id.ms, self.id.seq)?;
        f.debug_list().entries(self.fields()).finish()
    }
}
