//! A buffer behind one thin pointer: how long it is stands in its own first bytes, as its format has it.
//!
//! Small collections are many, so each is one word and one exact allocation. The length that the first bytes tell is the
//! length of the allocation, which of large buffers is rounded up; only this file writes them. What begins as an intset
//! is no listpack, so a word that may be either needs nothing else to tell them apart.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::room;

/// Larger buffers are allocated in the allocator's own steps: one that grows by little stays where it is without asking it.
const EXACT_BYTES_MAX: usize = 1248;

/// Allocators align all but the smallest blocks so far anyway; it leaves three bits of an address free (`either.rs`).
const ALIGNMENT: usize = 8;

/// Which first bytes tell the length.
///
/// # Safety
///
/// `total_bytes` always gives the same answer for the same prefix, at least `PREFIX_BYTES`; a prefix has 1 to 8 bytes.
pub(crate) unsafe trait Format {
    /// How many bytes tell the length.
    const PREFIX_BYTES: usize;

    /// The length of the whole buffer, told by its prefix.
    fn total_bytes(prefix: &[u8]) -> usize;

    /// Makes the prefix tell another length.
    fn set_total_bytes(prefix: &mut [u8], total_bytes: usize);

    /// Whether a buffer of this format may begin so: then one of another format may not.
    fn suits(prefix: &[u8]) -> bool;
}

/// A listpack begins with its length, 32 bits.
pub(crate) enum ListpackFormat {}

/// An intset begins with the bytes of an element and the number of elements, 32 bits each.
pub(crate) enum IntsetFormat {}

#[inline]
fn word(bytes: &[u8], at: usize) -> usize {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word) as usize)
}

/// Whether an intset may begin with this word, the bytes of an element. No listpack may: an empty one has seven bytes, one
/// with an element nine or more.
#[inline]
pub(crate) fn is_element_width(word: usize) -> bool {
    matches!(word, 2 | 4 | 8)
}

fn set_word(bytes: &mut [u8], at: usize, value: usize) {
    let value = u32::try_from(value).expect("lengths within a packed buffer have 32 bits");
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

// SAFETY: a word of the prefix, or the length of the prefix if that tells less.
unsafe impl Format for ListpackFormat {
    const PREFIX_BYTES: usize = 4;

    #[inline]
    fn total_bytes(prefix: &[u8]) -> usize {
        word(prefix, 0).max(4)
    }

    fn set_total_bytes(prefix: &mut [u8], total_bytes: usize) {
        set_word(prefix, 0, total_bytes);
    }

    #[inline]
    fn suits(prefix: &[u8]) -> bool {
        !is_element_width(word(prefix, 0))
    }
}

// SAFETY: computed from two words of the prefix, and never less than their length.
unsafe impl Format for IntsetFormat {
    const PREFIX_BYTES: usize = 8;

    #[inline]
    fn total_bytes(prefix: &[u8]) -> usize {
        8_usize.saturating_add(word(prefix, 0).saturating_mul(word(prefix, 4)))
    }

    fn set_total_bytes(prefix: &mut [u8], total_bytes: usize) {
        let width = word(prefix, 0).max(1);
        set_word(prefix, 4, (total_bytes - 8) / width);
    }

    #[inline]
    fn suits(prefix: &[u8]) -> bool {
        is_element_width(word(prefix, 0))
    }
}

/// A buffer of a format.
///
/// Invariant: `pointer` owns an allocation with the layout of `F::total_bytes(prefix)` bytes, at least a prefix long, so
/// many bytes are initialised, and the prefix suits the format.
#[repr(transparent)]
pub(crate) struct Thin<F: Format> {
    pointer: NonNull<u8>,
    format: PhantomData<F>,
}

// SAFETY: the buffer is owned, and its bytes may go to and be read from any thread.
unsafe impl<F: Format> Send for Thin<F> {}
// SAFETY: as above: shared access only reads.
unsafe impl<F: Format> Sync for Thin<F> {}

/// How a buffer of so many bytes is allocated.
fn layout(bytes: usize) -> Layout {
    let allocated = if bytes <= EXACT_BYTES_MAX { bytes } else { room::step_for(bytes) };
    Layout::from_size_align(allocated, ALIGNMENT).expect("a buffer is shorter than the address space")
}

impl<F: Format> Thin<F> {
    /// A copy of bytes whose prefix tells their length.
    pub(crate) fn copy_of(bytes: &[u8]) -> Thin<F> {
        assert!(Thin::<F>::is_whole(bytes), "the prefix tells the length");
        let layout = layout(bytes.len());
        // SAFETY: the layout is not empty, for a prefix is not.
        let Some(pointer) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the new allocation has room for the bytes and overlaps nothing.
        unsafe { pointer.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        Thin { pointer, format: PhantomData }
    }

    /// Whether the bytes begin with a prefix that tells their length.
    pub(crate) fn is_whole(bytes: &[u8]) -> bool {
        let Some((prefix, _)) = bytes.split_at_checked(F::PREFIX_BYTES) else { return false };
        F::total_bytes(prefix) == bytes.len() && F::suits(prefix)
    }

    #[inline]
    fn prefix(&self) -> &[u8] {
        // SAFETY: the buffer is at least a prefix long.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), F::PREFIX_BYTES) }
    }

    /// The length of the buffer.
    #[inline]
    pub(crate) fn total_bytes(&self) -> usize {
        F::total_bytes(self.prefix())
    }

    /// The whole buffer, its prefix too.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the invariant: so many initialised bytes are owned by `self`.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), self.total_bytes()) }
    }

    /// What stands from `at` on, behind the prefix, for changes that keep the length.
    pub(crate) fn bytes_from(&mut self, at: usize) -> &mut [u8] {
        let total_bytes = self.total_bytes();
        assert!((F::PREFIX_BYTES..=total_bytes).contains(&at), "behind the prefix, within the buffer");
        // SAFETY: in bounds by the assertion; the prefix stays as it is, and `self` is borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.as_ptr().add(at), total_bytes - at) }
    }

    /// Puts `pieces` in the place of `removed` bytes at `at`, behind the prefix.
    pub(crate) fn splice(&mut self, at: usize, removed: usize, pieces: &[&[u8]]) {
        let (old, inserted) = (self.total_bytes(), pieces.iter().map(|piece| piece.len()).sum::<usize>());
        let behind = at.checked_add(removed).expect("a range");
        assert!(at >= F::PREFIX_BYTES && behind <= old, "behind the prefix, within the buffer");
        let new = old - removed + inserted;
        let mut prefix = [0; 8];
        prefix[..F::PREFIX_BYTES].copy_from_slice(self.prefix());
        F::set_total_bytes(&mut prefix[..F::PREFIX_BYTES], new);
        let is_told =
            F::total_bytes(&prefix[..F::PREFIX_BYTES]) == new && F::suits(&prefix[..F::PREFIX_BYTES]);
        assert!(is_told, "the format can tell this length");
        if new > old {
            self.reallocate(old, new);
        }
        let start = self.pointer.as_ptr();
        // SAFETY: both ranges of the tail end within the longer of the two lengths, which is allocated here; the pieces
        // fill exactly the gap between `at` and the tail; the prefix lies before `at`. The pieces are borrowed
        // elsewhere, for `self` is borrowed for writing.
        unsafe {
            start.add(behind).copy_to(start.add(at + inserted), old - behind);
            let mut gap = start.add(at);
            for piece in pieces {
                gap.copy_from_nonoverlapping(piece.as_ptr(), piece.len());
                gap = gap.add(piece.len());
            }
            start.copy_from_nonoverlapping(prefix.as_ptr(), F::PREFIX_BYTES);
        }
        if new < old {
            self.reallocate(old, new);
        }
    }

    /// Makes the allocation of `old` bytes one of `new` bytes.
    fn reallocate(&mut self, old: usize, new: usize) {
        let (old, new) = (layout(old), layout(new));
        if old == new {
            return;
        }
        // SAFETY: allocated with the old layout; the new size is not zero, for a prefix remains, and no larger than a
        // layout may be, for `layout` would have refused it.
        let pointer = unsafe { realloc(self.pointer.as_ptr(), old, new.size()) };
        let Some(pointer) = NonNull::new(pointer) else { handle_alloc_error(new) };
        self.pointer = pointer;
    }
}

impl<F: Format> Clone for Thin<F> {
    fn clone(&self) -> Thin<F> {
        Thin::copy_of(self.bytes())
    }
}

impl<F: Format> Drop for Thin<F> {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and nothing refers to it any more.
        unsafe { dealloc(self.pointer.as_ptr(), layout(self.total_bytes())) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_word_that_may_be_nothing() {
        assert_eq!(size_of::<Option<Thin<ListpackFormat>>>(), size_of::<usize>());
    }

    #[test]
    fn splices_as_a_vector_does() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut thin = Thin::<ListpackFormat>::copy_of(&[9, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut model = Vec::new();
        for round in 0..20_000_usize {
            let at = random.usize(0..=model.len());
            let removed = random.usize(0..=(model.len() - at).min(40));
            // Now below the length from which buffers have room to spare, now above it.
            let wanted = if round % 2_000 < 1_000 { 300 } else { 1_500 };
            let piece = vec![round as u8; random.usize(0..if model.len() > wanted { 8 } else { 40 })];
            let (first, second) = piece.split_at(piece.len() / 2);
            thin.splice(9 + at, removed, &[first, second]);
            model.splice(at..at + removed, piece);
            assert_eq!(thin.total_bytes(), 9 + model.len());
            assert_eq!(thin.bytes()[9..], model);
            assert!(thin.pointer.addr().get().is_multiple_of(ALIGNMENT));
        }
        assert_eq!(thin.clone().bytes(), thin.bytes());
        thin.bytes_from(4).fill(7);
        assert!(thin.bytes()[4..].iter().all(|&byte| byte == 7));
    }

    #[test]
    fn an_intset_counts_its_elements() {
        let mut thin = Thin::<IntsetFormat>::copy_of(&[2, 0, 0, 0, 1, 0, 0, 0, 9, 9]);
        thin.splice(8, 0, &[&[1, 1, 2, 2]]);
        assert_eq!(thin.bytes(), [2, 0, 0, 0, 3, 0, 0, 0, 1, 1, 2, 2, 9, 9]);
    }

    #[test]
    #[should_panic(expected = "the prefix tells the length")]
    fn another_length_is_refused() {
        Thin::<ListpackFormat>::copy_of(&[5, 0, 0, 0]);
    }

    #[test]
    fn a_buffer_begins_as_its_format_does() {
        assert!(!Thin::<ListpackFormat>::is_whole(&[8, 0, 0, 0, 0, 0, 0, 255]));
        assert!(!Thin::<IntsetFormat>::is_whole(&[3, 0, 0, 0, 0, 0, 0, 0]));
        assert!(Thin::<IntsetFormat>::is_whole(&[8, 0, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    #[should_panic(expected = "the format can tell this length")]
    fn half_an_element_is_refused() {
        Thin::<IntsetFormat>::copy_of(&[2, 0, 0, 0, 0, 0, 0, 0]).splice(8, 0, &[&[1]]);
    }
}
