//! The records of a segment: in pages of their own, so that one more record never copies more than a page, and full pages
//! are blocks of one size, whatever the segment holds.

use crate::room;

/// Bytes of a page: a size that allocators hand out without loss.
const PAGE_BYTES: usize = if cfg!(test) { 64 } else { 4 << 10 };
const PAGES: usize = 4;
/// A segment whose records would take more is split.
pub(super) const MAX_ARENA_BYTES: usize = PAGES * PAGE_BYTES;

/// Records without gaps within a page. A record is found by its offset: its page's number and its place there.
#[derive(Default)]
pub(super) struct Arena {
    pages: [Vec<u8>; PAGES],
}

/// The page of an offset, and the place there. The last page takes what finds no other place, however much it is.
#[inline]
fn page_of(offset: usize) -> (usize, usize) {
    let page = (offset / PAGE_BYTES).min(PAGES - 1);
    (page, offset - page * PAGE_BYTES)
}

impl Arena {
    /// An arena that so many bytes of records will be put into.
    pub(super) fn with_room(bytes: usize) -> Arena {
        let mut left = bytes;
        let pages = std::array::from_fn(|_| {
            let here = left.min(PAGE_BYTES);
            left -= here;
            room::roomy(here)
        });
        Arena { pages }
    }

    /// Bytes of all records.
    pub(super) fn len(&self) -> usize {
        self.pages.iter().map(Vec::len).sum()
    }

    /// What it takes of the heap.
    pub(super) fn allocated_bytes(&self) -> usize {
        self.pages.iter().map(Vec::capacity).sum()
    }

    /// The record at an offset, and what lies behind it.
    #[inline]
    pub(super) fn at(&self, offset: usize) -> &[u8] {
        let (page, at) = page_of(offset);
        &self.pages[page][at..]
    }

    /// The record at an offset, to be written over by one of the same length.
    pub(super) fn at_mut(&mut self, offset: usize) -> &mut [u8] {
        let (page, at) = page_of(offset);
        &mut self.pages[page][at..]
    }

    fn page_with_room(&self, bytes: usize) -> Option<usize> {
        self.pages.iter().position(|page| page.len() + bytes <= PAGE_BYTES)
    }

    /// Whether a page has room for a record of so many bytes.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.page_with_room(bytes).is_some()
    }

    /// Puts a record in, given in pieces, with or without room for it; returns its offset.
    pub(super) fn append(&mut self, pieces: &[&[u8]]) -> usize {
        let bytes = pieces.iter().map(|piece| piece.len()).sum();
        let number = self.page_with_room(bytes).unwrap_or(PAGES - 1);
        let page = &mut self.pages[number];
        let at = page.len();
        room::make_room(page, bytes);
        pieces.iter().for_each(|piece| page.extend_from_slice(piece));
        number * PAGE_BYTES + at
    }

    /// Takes the record of `length` bytes at `offset` out. Whatever lies behind it up to the returned offset has moved down
    /// by its length.
    pub(super) fn remove(&mut self, offset: usize, length: usize) -> usize {
        let (number, at) = page_of(offset);
        let page = &mut self.pages[number];
        let end = number * PAGE_BYTES + page.len();
        page.drain(at..at + length);
        end
    }

    /// Gives room back that is not needed.
    pub(super) fn give_back(&mut self) {
        self.pages.iter_mut().for_each(room::give_back);
    }
}

impl Clone for Arena {
    fn clone(&self) -> Arena {
        Arena { pages: self.pages.each_ref().map(room::copy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_where_their_offsets_say() {
        let mut arena = Arena::default();
        let mut records: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut random = fastrand::Rng::with_seed(4);
        for round in 0..2_000_u32 {
            let record = vec![round as u8; random.usize(1..20)];
            if arena.has_room(record.len()) {
                let (head, tail) = record.split_at(record.len() / 3);
                records.push((arena.append(&[head, tail]), record));
            } else {
                let (offset, record) = records.swap_remove(random.usize(..records.len()));
                let end = arena.remove(offset, record.len());
                let moved = records.iter_mut().filter(|(other, _)| (offset..end).contains(other));
                moved.for_each(|(other, _)| *other -= record.len());
            }
            assert_eq!(arena.len(), records.iter().map(|(_, record)| record.len()).sum::<usize>());
            assert!(records.iter().all(|(offset, record)| arena.at(*offset).starts_with(record)));
        }
    }

    #[test]
    fn what_finds_no_room_is_kept_all_the_same() {
        let mut arena = Arena::with_room(10 * MAX_ARENA_BYTES);
        let offsets: Vec<usize> = (0..40_u8).map(|byte| arena.append(&[&[byte; 30]])).collect();
        assert!(arena.len() > MAX_ARENA_BYTES && !arena.has_room(30));
        assert!((0..40).all(|number| arena.at(offsets[number])[..30] == [number as u8; 30]));
    }

    #[test]
    fn room_is_made_as_needed_and_given_back() {
        let mut arena = Arena::with_room(PAGE_BYTES + 8);
        assert_eq!(arena.allocated_bytes(), PAGE_BYTES + 8);
        assert_eq!((0..10).map(|_| arena.append(&[&[1; 12]])).max(), Some(PAGE_BYTES + 4 * 12));
        assert_eq!((arena.len(), arena.clone().allocated_bytes()), (120, arena.allocated_bytes()));
        assert_eq!((0..5).map(|_| arena.remove(0, 12)).min(), Some(12));
        arena.give_back();
        assert!(arena.allocated_bytes() < PAGE_BYTES + 16);
    }
}
