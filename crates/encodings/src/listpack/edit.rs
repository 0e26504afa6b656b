//! Changing a listpack: each change is one move of the tail.

use super::encoding::{END, Entry, HEADER_BYTES};
use super::{Element, Listpack, Position, UNKNOWN, View};

/// What several elements together mostly take at most: room to put them side by side before they are put in.
const STAGED_BYTES: usize = 256;

impl Listpack {
    /// Puts an element in front.
    pub fn push_front<'e>(&mut self, element: impl Into<Element<'e>>) {
        self.insert_at(HEADER_BYTES, element.into());
    }

    /// Puts an element at the end.
    pub fn push_back<'e>(&mut self, element: impl Into<Element<'e>>) {
        self.insert_at(self.end(), element.into());
    }

    /// Puts an element before the one at `position`, which gives its position to the new one.
    pub fn insert_before<'e>(&mut self, position: Position, element: impl Into<Element<'e>>) {
        self.insert_at(position.offset(), element.into());
    }

    /// Puts an element behind the one at `position`; returns where it stands.
    pub fn insert_after<'e>(&mut self, position: Position, element: impl Into<Element<'e>>) -> Position {
        let offset = self.behind(position.offset());
        self.insert_at(offset, element.into());
        Position::new(offset)
    }

    /// Puts elements in a row before the one at `position`, which gives its position to the first of them, or at the end.
    pub fn insert_row<const N: usize>(&mut self, position: Option<Position>, elements: [Element<'_>; N]) {
        let entries = elements.map(Entry::new);
        let pieces = entries.each_ref().map(Entry::pieces);
        self.thin.splice(position.map_or(self.end(), Position::offset), 0, pieces.as_flattened());
        self.recount(N, 0);
    }

    fn insert_at(&mut self, offset: usize, element: Element<'_>) {
        self.thin.splice(offset, 0, &Entry::new(element).pieces());
        self.recount(1, 0);
    }

    /// Puts another element in the place of the one at `position`, which stays where it is.
    pub fn replace<'e>(&mut self, position: Position, element: impl Into<Element<'e>>) {
        let offset = position.offset();
        let removed = self.behind(offset) - offset;
        self.thin.splice(offset, removed, &Entry::new(element.into()).pieces());
    }

    /// Takes one element out; returns where the one behind it stands now.
    pub fn remove(&mut self, position: Position) -> Option<Position> {
        self.remove_many(position, 1)
    }

    /// Takes `count` elements out from `position` on, or as many as there are; returns where the one behind them stands now.
    pub fn remove_many(&mut self, position: Position, count: usize) -> Option<Position> {
        let (start, end) = (position.offset(), self.end());
        let (mut offset, mut removed) = (start, 0);
        while removed < count && offset < end {
            offset = self.behind(offset);
            removed += 1;
        }
        self.thin.splice(start, offset - start, &[]);
        self.recount(0, removed);
        self.at(start)
    }

    /// Keeps the first `len` elements only.
    pub fn truncate(&mut self, len: usize) {
        if let Some(position) = i64::try_from(len).ok().and_then(|index| self.seek(index)) {
            let start = position.offset();
            let removed = self.known_len().map_or(0, |before| before - len);
            self.thin.splice(start, self.end() - start, &[]);
            self.recount(0, removed);
        }
    }

    /// Appends all elements of another listpack.
    pub fn append(&mut self, other: View<'_>) {
        let entries = &other.as_bytes()[HEADER_BYTES..other.end()];
        // Without knowing how many come, "too many to tell" is always right.
        let added = other.known_len().unwrap_or(usize::from(UNKNOWN));
        self.thin.splice(self.end(), 0, &[entries]);
        self.recount(added, 0);
    }

    /// Corrects the number of elements. One that is too large for the header stays unknown until the listpack is empty.
    fn recount(&mut self, added: usize, removed: usize) {
        let count = match self.known_len() {
            _ if self.is_empty() => 0,
            Some(known) => u16::try_from(known + added - removed).unwrap_or(UNKNOWN),
            None => UNKNOWN,
        };
        self.thin.bytes_from(4)[..2].copy_from_slice(&count.to_le_bytes());
    }
}

/// Appends the elements, moving the bytes that are there once.
impl<'e> Extend<Element<'e>> for Listpack {
    fn extend<I: IntoIterator<Item = Element<'e>>>(&mut self, elements: I) {
        let (mut entries, mut added) = (Vec::with_capacity(STAGED_BYTES), 0);
        for element in elements {
            Entry::new(element).pieces().iter().for_each(|piece| entries.extend_from_slice(piece));
            added += 1;
        }
        self.thin.splice(self.end(), 0, &[&entries]);
        self.recount(added, 0);
        debug_assert_eq!(self.as_bytes().last(), Some(&END));
    }
}

impl<'e> FromIterator<Element<'e>> for Listpack {
    fn from_iter<I: IntoIterator<Item = Element<'e>>>(elements: I) -> Listpack {
        let mut listpack = Listpack::new();
        listpack.extend(elements);
        listpack
    }
}
