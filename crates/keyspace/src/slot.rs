//! A slot of a bucket: a 48-bit entry pointer and the spare bits that let most lookups touch one entry only.
//!
//! From the low end: pointer / 8 (45 bits), has-expiry (1), displacement from the home bucket (4), tag (14).
//! An empty slot is zero. Making a pointer is safe; following it is the business of `entry` and `segment`.

use std::ptr::NonNull;

const POINTER_BITS: u32 = 45;
const EXPIRY_BIT: u64 = 1 << POINTER_BITS;
/// Where tag and displacement begin: in the upper half of the slot.
pub(crate) const MARK_SHIFT: u32 = POINTER_BITS + 1;
const DISPLACEMENT_BITS: u32 = 4;
/// Entries lie at most this many buckets after their home.
pub(crate) const MAX_DISPLACEMENT: usize = (1 << DISPLACEMENT_BITS) - 1;
/// Bits of hash that a tag keeps.
pub(crate) const TAG_BITS: u32 = 14;

/// One slot.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Slot(u64);

/// Tag and displacement as they lie in a slot: what a lookup compares.
pub(crate) fn mark(tag: u32, displacement: usize) -> u32 {
    (tag << DISPLACEMENT_BITS) | displacement as u32
}

impl Slot {
    /// No entry here.
    pub(crate) const EMPTY: Slot = Slot(0);

    /// A slot for the entry at `pointer`, which is aligned to 8 bytes.
    pub(crate) fn new(pointer: NonNull<u8>, has_expiry: bool, mark: u32) -> Slot {
        let address = pointer.as_ptr().expose_provenance() as u64;
        debug_assert!(
            address.is_multiple_of(8) && address >> 48 == 0,
            "an entry is aligned and in user space"
        );
        let expiry = if has_expiry { EXPIRY_BIT } else { 0 };
        Slot((address >> 3) | expiry | (u64::from(mark) << MARK_SHIFT))
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Where the entry lies; `None` when the slot is empty.
    pub(crate) fn pointer(self) -> Option<NonNull<u8>> {
        let address = (self.0 & (EXPIRY_BIT - 1)) << 3;
        NonNull::new(std::ptr::with_exposed_provenance_mut(address as usize))
    }

    pub(crate) fn has_expiry(self) -> bool {
        self.0 & EXPIRY_BIT != 0
    }

    /// Tag and displacement together.
    pub(crate) fn mark(self) -> u32 {
        (self.0 >> MARK_SHIFT) as u32
    }

    pub(crate) fn displacement(self) -> usize {
        self.mark() as usize & MAX_DISPLACEMENT
    }

    pub(crate) fn tag(self) -> u32 {
        self.mark() >> DISPLACEMENT_BITS
    }

    /// The same entry under another tag and displacement.
    pub(crate) fn with_mark(self, mark: u32) -> Slot {
        Slot((self.0 & ((1 << MARK_SHIFT) - 1)) | (u64::from(mark) << MARK_SHIFT))
    }

    /// The same place holding another entry.
    pub(crate) fn with_entry(self, pointer: NonNull<u8>, has_expiry: bool) -> Slot {
        Slot::new(pointer, has_expiry, self.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back() {
        let pointer =
            NonNull::new(std::ptr::with_exposed_provenance_mut(0x7fff_dead_bee8)).expect("not null");
        let slot = Slot::new(pointer, true, mark(0x3fff, 9));
        assert_eq!(slot.pointer(), Some(pointer));
        assert_eq!((slot.tag(), slot.displacement(), slot.has_expiry()), (0x3fff, 9, true));
        let moved = slot.with_mark(mark(5, 0)).with_entry(pointer, false);
        assert_eq!((moved.tag(), moved.displacement(), moved.has_expiry()), (5, 0, false));
        assert!(Slot::EMPTY.is_empty() && Slot::EMPTY.pointer().is_none() && !slot.is_empty());
    }
}
