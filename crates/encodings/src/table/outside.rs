//! The long keys and values of a segment: each in an allocation of its own, which copies of the segment share.

use triomphe::ThinArc;

use super::record::{MAX_INSIDE, Text};
use crate::room;

/// A counted byte string behind one word.
pub(super) type Blob = ThinArc<(), u8>;

/// What a blob takes of the heap: count, length, bytes.
fn blob_bytes(blob: &Blob) -> usize {
    room::step_for(16 + blob.slice.len())
}

/// Blobs by number. Numbers of removed ones are used again.
#[derive(Default)]
pub(super) struct Outside {
    blobs: Vec<Option<Blob>>,
    bytes: usize,
}

impl Outside {
    /// The bytes of a blob.
    pub(super) fn get(&self, number: u16) -> &[u8] {
        &self.blob(number).slice
    }

    /// A blob, to be shared.
    pub(super) fn blob(&self, number: u16) -> &Blob {
        self.blobs[usize::from(number)].as_ref().expect("a record tells numbers of blobs that are there")
    }

    /// A text as a record holds it: itself, or the number of the blob that it has become.
    pub(super) fn keep<'a>(&mut self, text: &'a [u8]) -> Text<'a> {
        if text.len() <= MAX_INSIDE {
            return Text::Inside(text);
        }
        Text::Outside(self.put(Blob::from_header_and_slice((), text)))
    }

    /// Keeps a blob; returns its number.
    pub(super) fn put(&mut self, blob: Blob) -> u16 {
        self.bytes += blob_bytes(&blob);
        let free = self.blobs.iter().position(Option::is_none).unwrap_or(self.blobs.len());
        if free == self.blobs.len() {
            room::make_room(&mut self.blobs, 1);
            self.blobs.push(None);
        }
        self.blobs[free] = Some(blob);
        u16::try_from(free).expect("a segment has some hundred entries")
    }

    /// Forgets a blob.
    pub(super) fn remove(&mut self, number: u16) {
        let blob = self.blobs[usize::from(number)].take();
        self.bytes -= blob.as_ref().map_or(0, blob_bytes);
        while let Some(None) = self.blobs.last() {
            self.blobs.pop();
        }
        room::give_back(&mut self.blobs);
    }

    /// What it takes of the heap.
    pub(super) fn allocated_bytes(&self) -> usize {
        self.blobs.capacity() * size_of::<Option<Blob>>() + self.bytes
    }
}

impl Clone for Outside {
    fn clone(&self) -> Outside {
        Outside { blobs: room::copy(&self.blobs), bytes: self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again_and_memory_comes_back() {
        let mut outside = Outside::default();
        let blob = |byte: u8| Blob::from_header_and_slice((), &[byte; 30]);
        let numbers: Vec<u16> = (0..20).map(|byte| outside.put(blob(byte))).collect();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>());
        let (copy, full) = (outside.clone(), outside.allocated_bytes());
        outside.remove(3);
        assert_eq!((outside.put(blob(99)), outside.get(3), copy.get(3)), (3, &[99; 30][..], &[3; 30][..]));
        (0..20).for_each(|number| outside.remove(number));
        assert!(outside.allocated_bytes() < full / 8);
        assert_eq!((copy.get(19), copy.allocated_bytes()), (&[19; 30][..], full));
    }
}
