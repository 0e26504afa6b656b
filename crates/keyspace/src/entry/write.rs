//! Changing an entry where it lies in its slot: touching, overwriting, growing.

use std::alloc::{handle_alloc_error, realloc};
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{Entry, EntryRef, Shape, Stamp, expiry_at, fits_narrow, write_wide};
use crate::header::{GROWN, HAS_EXPIRY, Header, WIDE};
use crate::slot::Slot;
use datatypes::types::Type;

/// A growing string doubles up to this many bytes, then grows by as much.
const GREEDY_LIMIT_BYTES: usize = 1 << 20;

/// A write view of an entry in its slot: may move the allocation, and then says so to the slot.
pub(crate) struct EntryMut<'a> {
    slot: &'a mut Slot,
    pointer: NonNull<u8>,
}

impl<'a> EntryMut<'a> {
    /// # Safety
    /// `slot` holds a live entry that nobody else reads or writes for `'a`.
    pub(crate) unsafe fn from_slot(slot: &'a mut Slot) -> EntryMut<'a> {
        let pointer = slot.pointer().expect("the slot is taken");
        EntryMut { slot, pointer }
    }

    pub(crate) fn view(&self) -> EntryRef<'_> {
        EntryRef { pointer: self.pointer, life: PhantomData }
    }

    /// Ends the write view; what remains may be read for as long as the slot was borrowed.
    pub(crate) fn into_view(self) -> EntryRef<'a> {
        EntryRef { pointer: self.pointer, life: PhantomData }
    }

    fn header(&self) -> Header {
        self.view().header()
    }

    fn set_header(&mut self, header: Header) {
        // SAFETY: every entry starts with a header, and `self` is the only access.
        unsafe { self.pointer.cast::<Header>().write(header) };
    }

    #[inline]
    pub(crate) fn touch(&mut self, clock: u32) {
        let header = self.header();
        if header.clock() != clock {
            self.set_header(header.with_clock(clock));
        }
    }

    pub(crate) fn set_epoch(&mut self, epoch: u8) {
        self.set_header(self.header().with_epoch(epoch));
    }

    /// Changes the expiry where there is room for it; false when the entry must be built anew.
    pub(crate) fn set_expiry_in_place(&mut self, expire_at_ms: Option<i64>) -> bool {
        let header = self.header();
        let wide = header.has(WIDE);
        if !wide && header.has(HAS_EXPIRY) != expire_at_ms.is_some() {
            return false;
        }
        self.write_expiry(wide, expire_at_ms);
        self.set_header(header.with(HAS_EXPIRY, expire_at_ms.is_some()));
        *self.slot = self.slot.with_entry(self.pointer, expire_at_ms.is_some());
        true
    }

    fn write_expiry(&mut self, wide: bool, expire_at_ms: Option<i64>) {
        if let Some(at) = expire_at_ms {
            // SAFETY: a wide entry always has room for an expiry; callers make sure that a narrow one has, too.
            unsafe { self.pointer.add(expiry_at(wide)).cast::<i64>().write(at) };
        }
    }

    /// Overwrites a string of this epoch where value and expiry take the same allocation; false when the entry must be
    /// built anew.
    #[inline]
    pub(crate) fn overwrite_string(&mut self, value: &[u8], expire_at_ms: Option<i64>, stamp: Stamp) -> bool {
        let header = self.header();
        let suits = header.kind() == Type::String as u8
            && header.epoch() == stamp.epoch
            && header.has(HAS_EXPIRY) == expire_at_ms.is_some();
        if !suits || header.has(WIDE) {
            return suits && self.overwrite_wide(value, expire_at_ms, stamp);
        }
        let shape = Shape::narrow(header.flags(), header.key_len(), header.value_len());
        let used = shape.value_at() + value.len();
        if used.next_multiple_of(8) != shape.allocated_bytes() || value.len() > usize::from(u16::MAX) {
            return false;
        }
        self.copy_in(shape, 0, value);
        self.write_expiry(false, expire_at_ms);
        self.set_header(header.with_value_len(value.len() as u16).with_clock(stamp.clock).with(GROWN, false));
        true
    }

    #[cold]
    fn overwrite_wide(&mut self, value: &[u8], expire_at_ms: Option<i64>, stamp: Stamp) -> bool {
        let shape = self.view().shape();
        let roomy = value.len() <= shape.capacity && value.len() > shape.capacity / 2;
        if !roomy || fits_narrow(shape.key_len, value.len()) {
            return false;
        }
        self.copy_in(shape, 0, value);
        self.set_value_len(shape, value.len());
        self.write_expiry(true, expire_at_ms);
        self.set_header(self.header().with_clock(stamp.clock).with(GROWN, false));
        true
    }

    /// Writes `bytes` at `offset` of a string, which grows as needed (a gap is filled with zeros) and counts as grown.
    /// Returns the new length.
    pub(crate) fn write_at(&mut self, offset: usize, bytes: &[u8]) -> usize {
        let old_len = self.view().shape().value_len;
        let new_len = old_len.max(offset + bytes.len());
        let shape = self.with_capacity(new_len);
        if offset > old_len {
            // SAFETY: the gap lies inside the value's capacity, and `self` is the only access.
            unsafe { self.pointer.add(shape.value_at() + old_len).write_bytes(0, offset - old_len) };
        }
        self.copy_in(shape, offset, bytes);
        self.set_value_len(shape, new_len);
        self.set_header(self.header().with(GROWN, true));
        new_len
    }

    fn copy_in(&mut self, shape: Shape, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= shape.capacity, "the value has room");
        // SAFETY: the target lies inside the capacity just checked; `bytes` is borrowed from elsewhere, since `self`
        // is the only access to the entry.
        unsafe {
            let target = self.pointer.add(shape.value_at() + offset);
            target.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        }
    }

    fn set_value_len(&mut self, shape: Shape, value_len: usize) {
        if shape.is_wide {
            // SAFETY: the entry is wide and `self` is the only access.
            unsafe { write_wide(self.pointer, Shape { value_len, ..shape }) };
        } else {
            let value_len = u16::try_from(value_len).expect("a narrow value has a 16-bit length");
            self.set_header(self.header().with_value_len(value_len));
        }
    }

    /// Makes room for a value of `value_len` bytes, with as much again when the allocation has to move.
    fn with_capacity(&mut self, value_len: usize) -> Shape {
        let shape = self.view().shape();
        if value_len <= shape.capacity && (shape.is_wide || value_len <= usize::from(u16::MAX)) {
            return shape;
        }
        let capacity = value_len + value_len.min(GREEDY_LIMIT_BYTES);
        let grown = Shape::wide(0, shape.key_len, shape.value_len, capacity);
        if shape.is_wide {
            self.reallocate(shape, grown);
        } else {
            self.widen(grown);
        }
        grown
    }

    fn reallocate(&mut self, old: Shape, new: Shape) {
        // SAFETY: allocated with the old shape's layout; the new size is larger and not zero. Both shapes are wide, so
        // every part stays at its offset.
        let moved = unsafe { realloc(self.pointer.as_ptr(), old.layout(), new.allocated_bytes()) };
        let Some(pointer) = NonNull::new(moved) else { handle_alloc_error(new.layout()) };
        // SAFETY: the entry is wide, at its new place, and `self` is the only access.
        unsafe { write_wide(pointer, new) };
        self.pointer = pointer;
        *self.slot = self.slot.with_entry(pointer, self.slot.has_expiry());
    }

    fn widen(&mut self, shape: Shape) {
        let view = self.view();
        let stamp = Stamp { epoch: view.epoch(), clock: view.access_clock() };
        let (key, value, expire_at_ms) = (view.key(), view.value_bytes(), view.expire_at_ms());
        let wide = Entry::assemble(shape, Type::String, key, value, expire_at_ms, stamp);
        drop(self.replace(wide));
    }

    /// Puts another entry of the same key in this place and returns the one that was here.
    pub(crate) fn replace(&mut self, entry: Entry) -> Entry {
        let has_expiry = entry.view().expire_at_ms().is_some();
        let pointer = entry.into_pointer();
        *self.slot = self.slot.with_entry(pointer, has_expiry);
        let old = std::mem::replace(&mut self.pointer, pointer);
        // SAFETY: the slot has just let go of the old entry, and `self` was its only access.
        unsafe { Entry::from_pointer(old) }
    }
}
