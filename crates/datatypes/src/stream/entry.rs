//! An entry of a stream, where it lies.

use encodings::id_tree::Id;
use encodings::listpack::{Element, bare};

/// An entry: its identifier, its fields with their values.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Under which it stands.
    pub id: Id,
    pub(super) fields: usize,
    /// The names if they do not stand among the values.
    pub(super) names: Option<&'a [u8]>,
    /// The values, or names and values in turn.
    pub(super) row: &'a [u8],
}

impl<'a> Entry<'a> {
    /// How many fields it has.
    pub fn field_count(&self) -> usize {
        self.fields
    }

    /// The fields with their values. A field may stand there more than once.
    pub fn fields(&self) -> impl Iterator<Item = (Element<'a>, Element<'a>)> + use<'a> {
        let (mut names, mut row, mut left) = (self.names, self.row, self.fields);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let name = take(names.as_mut().unwrap_or(&mut row));
            Some((name, take(&mut row)))
        })
    }
}

fn take<'a>(row: &mut &'a [u8]) -> Element<'a> {
    let (element, bytes) = bare::first(row);
    *row = &row[bytes..];
    element
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
