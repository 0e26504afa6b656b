//! Asking the processor for what is about to be read.

use std::ptr::NonNull;

use super::Segment;
use crate::entry::EntryRef;
use crate::slot::mark;

impl Segment {
    /// Asks the processor for the home bucket of `hash`.
    #[inline]
    pub(crate) fn prefetch_bucket(&self, hash: u64) {
        let home = self.aim(self.fraction(hash)).0;
        prefetch(NonNull::from(&self.buckets()[home]).cast());
    }

    /// Asks the processor for the entries that a lookup of `hash` would look at.
    #[inline]
    pub(crate) fn prefetch_entry(&self, hash: u64) {
        if let Some(pointer) = self.likely_pointer(hash) {
            prefetch_two_lines(pointer);
        }
    }

    /// The entry that a lookup of `hash` would compare first, and that is nearly always the one; no entry is touched.
    #[inline]
    pub(crate) fn likely_entry(&self, hash: u64) -> Option<EntryRef<'_>> {
        let pointer = self.likely_pointer(hash)?;
        // SAFETY: a taken slot of this segment holds a live entry, unchanged while `self` is borrowed.
        Some(unsafe { EntryRef::from_pointer(pointer) })
    }

    #[inline]
    fn likely_pointer(&self, hash: u64) -> Option<NonNull<u8>> {
        let (home, tag) = self.aim(self.fraction(hash));
        for displacement in 0..2 {
            let bucket = &self.buckets()[self.after(home, displacement)];
            if let Some(index) = bucket.matches(mark(tag, displacement)).next() {
                return bucket.0[index].pointer();
            }
            if !bucket.is_full() {
                return None;
            }
        }
        None
    }

    /// Asks the processor for the entries in the buckets `from..until`, and for the buckets behind them.
    pub(crate) fn prefetch_entries(&self, from: usize, until: usize) {
        let count = self.bucket_count();
        for bucket in &self.buckets()[from.min(count)..until.min(count)] {
            bucket.0.iter().filter_map(|slot| slot.pointer()).for_each(prefetch_two_lines);
        }
        for bucket in &self.buckets()[until.min(count)..(until * 2 - from).min(count)] {
            prefetch(NonNull::from(bucket).cast());
        }
    }

    /// Asks the processor for the entries with an expiry.
    pub(crate) fn prefetch_expiring(&self) {
        let expiring = self.taken().filter(|(_, slot)| slot.has_expiry());
        expiring.filter_map(|(_, slot)| slot.pointer()).for_each(prefetch);
    }
}

/// Asks the processor to bring the line of `pointer` near.
#[inline]
pub(crate) fn prefetch(pointer: NonNull<u8>) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint: it faults at no address and changes nothing.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(pointer.as_ptr().cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a hint: it faults at no address and changes nothing.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) pointer.as_ptr(), options(nostack, readonly, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = pointer;
}

/// Asks for the line of `pointer` and the one in which a short value ends.
#[inline]
fn prefetch_two_lines(pointer: NonNull<u8>) {
    prefetch(pointer);
    // An entry is at least 8 bytes; the hint may point past its end, where it does no harm.
    let later = pointer.as_ptr().wrapping_add(39);
    if let Some(later) = NonNull::new(later) {
        prefetch(later);
    }
}
