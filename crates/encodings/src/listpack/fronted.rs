//! A listpack with room before it, so that elements come and go in front without moving the others.

use super::encoding::{Entry, HEADER_BYTES};
use super::{Element, Listpack, UNKNOWN, View};
use crate::room;

/// A listpack at the end of its allocation.
#[derive(Clone)]
pub struct Fronted {
    bytes: Box<[u8]>,
    /// Where the listpack begins.
    start: usize,
}

impl Fronted {
    /// The elements of a listpack. None if they are so many that its header does not tell their number.
    pub fn of(listpack: &Listpack) -> Option<Fronted> {
        listpack.view().known_len()?;
        let bytes = Box::from(listpack.as_bytes());
        Some(Fronted { bytes, start: 0 })
    }

    /// The listpack that this is.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::new(&self.bytes[self.start..])
    }

    /// Bytes of the heap, itself included.
    pub fn allocated_bytes(&self) -> usize {
        size_of::<Fronted>() + self.bytes.len()
    }

    /// Puts an element in front; there must be fewer than a header can count.
    pub fn push_front<'e>(&mut self, element: impl Into<Element<'e>>) {
        let entry = Entry::new(element.into());
        let added = entry.total_bytes();
        if self.start < added {
            self.make_room(added);
        }
        let count = self.view().len() + 1;
        self.start -= added;
        let mut place = &mut self.bytes[self.start + HEADER_BYTES..];
        for piece in entry.pieces() {
            let (here, behind) = place.split_at_mut(piece.len());
            here.copy_from_slice(piece);
            place = behind;
        }
        self.write_header(count);
    }

    /// Takes the first `count` elements out, or as many as there are.
    pub fn remove_front(&mut self, count: usize) {
        let view = self.view();
        let (mut offset, mut removed) = (HEADER_BYTES, 0);
        while removed < count && offset < view.end() {
            offset = view.behind(offset);
            removed += 1;
        }
        let left = view.len() - removed;
        self.start += offset - HEADER_BYTES;
        self.write_header(left);
        if self.start > self.bytes.len() / 2 {
            self.make_room(0);
        }
    }

    /// Moves the listpack into an allocation that has room for so many bytes before it, and as many as the step up to the
    /// next size gives.
    fn make_room(&mut self, added: usize) {
        let listpack = &self.bytes[self.start..];
        let room = room::step_for(listpack.len() + added);
        let start = room - listpack.len();
        let mut bytes = Vec::with_capacity(room);
        bytes.resize(start, 0);
        bytes.extend_from_slice(listpack);
        *self = Fronted { bytes: bytes.into_boxed_slice(), start };
    }

    fn write_header(&mut self, count: usize) {
        let listpack = &mut self.bytes[self.start..];
        let total = u32::try_from(listpack.len()).expect("a listpack's length has 32 bits");
        let count = u16::try_from(count).unwrap_or(UNKNOWN);
        listpack[..4].copy_from_slice(&total.to_le_bytes());
        listpack[4..HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
    }
}

impl From<View<'_>> for Listpack {
    fn from(view: View<'_>) -> Listpack {
        Listpack { thin: crate::thin::Thin::copy_of(view.as_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_listpack_that_it_would_be_without_room() {
        let mut random = fastrand::Rng::with_seed(21);
        let mut listpack: Listpack = (0..100).map(Element::Integer).collect();
        let mut fronted = Fronted::of(&listpack).expect("few elements");
        for round in 0..5_000_usize {
            let text = vec![b'x'; random.usize(0..if round.is_multiple_of(100) { 300 } else { 20 })];
            if random.u8(0..10) < if round % 2_000 < 1_000 { 6 } else { 4 } {
                fronted.push_front(&text);
                listpack.push_front(&text);
            } else if let Some(first) = listpack.first() {
                let count = random.usize(0..4);
                fronted.remove_front(count);
                listpack.remove_many(first, count);
            }
            assert_eq!(fronted.view().as_bytes(), listpack.as_bytes());
            assert!(fronted.bytes.len() <= 2 * room::step_for(listpack.total_bytes() + 300));
        }
        fronted.remove_front(usize::MAX);
        assert_eq!(fronted.view().as_bytes(), Listpack::new().as_bytes());
    }

    #[test]
    fn too_many_to_count_are_refused() {
        let listpack: Listpack = (0..65_535).map(Element::Integer).collect();
        assert!(Fronted::of(&listpack).is_none());
    }
}
