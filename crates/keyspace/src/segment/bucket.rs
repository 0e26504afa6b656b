//! A bucket: eight slots, one cache line.

use crate::slot::{MARK_SHIFT, Slot};

/// Slots in a bucket.
pub(crate) const BUCKET_SLOTS: usize = 8;

/// Eight slots, filled from the front.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Bucket(pub(crate) [Slot; BUCKET_SLOTS]);

impl Bucket {
    pub(crate) fn taken(&self) -> usize {
        self.0.iter().map(|slot| usize::from(!slot.is_empty())).sum()
    }

    pub(crate) fn is_full(&self) -> bool {
        !self.0[BUCKET_SLOTS - 1].is_empty()
    }

    /// The slots with this mark, empty ones among them when it is zero. All eight are compared at once: which one
    /// matches cannot be foretold, and a branch for each would often go the wrong way.
    #[inline]
    pub(crate) fn matches(&self, mark: u32) -> Matches {
        #[cfg(target_arch = "x86_64")]
        return Matches(self.matching_bits_sse2(mark));
        #[cfg(not(target_arch = "x86_64"))]
        return Matches(
            self.0
                .iter()
                .enumerate()
                .fold(0, |bits, (index, slot)| bits | u32::from(slot.mark() == mark) << index),
        );
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn matching_bits_sse2(&self, mark: u32) -> u32 {
        use std::arch::x86_64::{
            _mm_castps_si128, _mm_cmpeq_epi32, _mm_load_ps, _mm_movemask_epi8, _mm_packs_epi16,
            _mm_packs_epi32, _mm_set1_epi32, _mm_shuffle_ps, _mm_srli_epi32,
        };
        const HIGH_HALVES: i32 = 0b11_01_11_01;
        const BELOW_MARK: i32 = MARK_SHIFT as i32 - 32;
        // SAFETY: SSE2 belongs to every x86-64 processor; the four loads cover the 64 aligned bytes of the bucket.
        unsafe {
            let words: *const f32 = self.0.as_ptr().cast();
            let quarter = |index: usize| _mm_load_ps(words.add(index * 4));
            let half = |first: usize| {
                let high = _mm_shuffle_ps::<HIGH_HALVES>(quarter(first), quarter(first + 1));
                let marks = _mm_srli_epi32::<BELOW_MARK>(_mm_castps_si128(high));
                _mm_cmpeq_epi32(marks, _mm_set1_epi32(mark as i32))
            };
            let all = _mm_packs_epi32(half(0), half(2));
            _mm_movemask_epi8(_mm_packs_epi16(all, all)) as u32 & 0xff
        }
    }
}

/// Indices of slots, as bits.
pub(crate) struct Matches(u32);

impl Iterator for Matches {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let index = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::NonNull;

    use super::*;
    use crate::slot::mark;

    #[test]
    fn matching_finds_each_slot_whatever_the_pointer() {
        let pointer =
            |low: usize| NonNull::new(std::ptr::with_exposed_provenance_mut(low)).expect("not null");
        let marks = [0, 1, 77, mark(0x3fff, 15), mark(0x2000, 0), 77, 5, 0];
        let addresses = [8, 0xffff_ffff_fff8, 0x7fff_0000_0000, 64, 8, 0x8_0000_0000, 16, 24];
        let slots = std::array::from_fn(|index| {
            Slot::new(pointer(addresses[index]), index.is_multiple_of(2), marks[index])
        });
        let bucket = Bucket(slots);
        for wanted in marks {
            let expected: Vec<usize> = (0..8).filter(|index| marks[*index] == wanted).collect();
            assert_eq!(bucket.matches(wanted).collect::<Vec<usize>>(), expected);
        }
        assert_eq!(bucket.matches(6).count(), 0);
        assert!(bucket.is_full() && bucket.taken() == 8);
    }
}
