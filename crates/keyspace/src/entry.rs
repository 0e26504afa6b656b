//! One key with its value: a single allocation behind a thin pointer.
//!
//! ```text
//! header (8)   kind u8, flags u8, value length u16, access clock u24, key length u8
//! then either  nothing | expiry i64 (8) | wide: key length, value length, capacity (16) and room for an expiry (8)
//! key bytes    then value bytes: a string is always inline
//! ```
//!
//! *Wide* when the key is longer than 255 bytes, the value than 65,535, or a string keeps spare capacity.
//! The allocation is rounded up to 8 bytes; what a narrow entry leaves of that is its spare capacity.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::kind::Type;
use crate::slot::Slot;

const HEADER_BYTES: usize = 8;
const WIDE_BYTES: usize = 24;
const WIDE_EXPIRY_AT: usize = 24;
const HAS_EXPIRY: u8 = 1;
const WIDE: u8 = 2;
const GROWN: u8 = 4;
const EPOCH_SHIFT: u32 = 4;
const LENGTH_48: u64 = (1 << 48) - 1;
/// A growing string doubles up to this many bytes, then grows by as much.
const GREEDY_LIMIT_BYTES: usize = 1 << 20;
/// Access clocks count seconds modulo 2^24.
pub(crate) const CLOCK_MASK: u32 = 0x00ff_ffff;
/// Snapshot epochs run modulo this.
pub(crate) const EPOCHS: u8 = 16;

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Header {
    kind: u8,
    flags: u8,
    value_len: u16,
    clock: [u8; 3],
    key_len: u8,
}

/// What every new entry is stamped with.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    /// The running snapshot epoch: an entry of another one is still owed to the snapshot.
    pub(crate) epoch: u8,
    /// Access clock in seconds, 24 bits.
    pub(crate) clock: u32,
}

/// Where the parts of an entry lie.
#[derive(Clone, Copy)]
struct Shape {
    key_at: usize,
    key_len: usize,
    value_len: usize,
    capacity: usize,
}

impl Shape {
    fn narrow(has_expiry: bool, key_len: usize, value_len: usize) -> Shape {
        let key_at = HEADER_BYTES + if has_expiry { 8 } else { 0 };
        let used = key_at + key_len + value_len;
        Shape { key_at, key_len, value_len, capacity: value_len + (used.next_multiple_of(8) - used) }
    }

    fn wide(key_len: usize, value_len: usize, capacity: usize) -> Shape {
        let key_at = HEADER_BYTES + WIDE_BYTES;
        let used = key_at + key_len + capacity.max(value_len);
        let capacity = used.next_multiple_of(8) - key_at - key_len;
        Shape { key_at, key_len, value_len, capacity }
    }

    fn is_wide(self) -> bool {
        self.key_at == HEADER_BYTES + WIDE_BYTES
    }

    fn value_at(self) -> usize {
        self.key_at + self.key_len
    }

    fn allocated_bytes(self) -> usize {
        self.value_at() + self.capacity
    }

    fn layout(self) -> Layout {
        Layout::from_size_align(self.allocated_bytes(), 8)
            .expect("an entry is smaller than the address space")
    }
}

fn fits_narrow(key_len: usize, value_len: usize) -> bool {
    key_len <= usize::from(u8::MAX) && value_len <= usize::from(u16::MAX)
}

/// An entry that owns its allocation.
pub(crate) struct Entry {
    pointer: NonNull<u8>,
}

// SAFETY: an entry owns plain bytes and nothing thread-bound; shared access only reads.
unsafe impl Send for Entry {}
// SAFETY: as above, `&Entry` gives no way to write.
unsafe impl Sync for Entry {}

impl Entry {
    /// A string with its key.
    pub(crate) fn string(key: &[u8], value: &[u8], expire_at_ms: Option<i64>, stamp: Stamp) -> Entry {
        let shape = if fits_narrow(key.len(), value.len()) {
            Shape::narrow(expire_at_ms.is_some(), key.len(), value.len())
        } else {
            Shape::wide(key.len(), value.len(), value.len())
        };
        Entry::assemble(shape, key, value, expire_at_ms, stamp)
    }

    /// Allocates `shape` and fills it; `value` may be shorter than the shape's capacity, never than its length.
    fn assemble(shape: Shape, key: &[u8], value: &[u8], expire_at_ms: Option<i64>, stamp: Stamp) -> Entry {
        assert!(
            key.len() == shape.key_len && value.len() == shape.value_len,
            "the shape is made for these parts"
        );
        assert!(
            u32::try_from(key.len()).is_ok() && value.len() as u64 <= LENGTH_48,
            "lengths fit their fields"
        );
        // SAFETY: the layout is not empty (the header alone is 8 bytes).
        let Some(pointer) = NonNull::new(unsafe { alloc(shape.layout()) }) else {
            handle_alloc_error(shape.layout());
        };
        let mut flags = stamp.epoch << EPOCH_SHIFT;
        flags |= if expire_at_ms.is_some() { HAS_EXPIRY } else { 0 } | if shape.is_wide() { WIDE } else { 0 };
        let clock = stamp.clock.to_le_bytes();
        let header = Header {
            kind: Type::String as u8,
            flags,
            value_len: if shape.is_wide() { 0 } else { shape.value_len as u16 },
            clock: [clock[0], clock[1], clock[2]],
            key_len: if shape.is_wide() { 0 } else { shape.key_len as u8 },
        };
        // SAFETY: the allocation holds `shape`: header, extension, key and capacity >= value length, in that order.
        // Its start and the two extensions are aligned to 8. The source slices cannot overlap fresh memory.
        unsafe {
            pointer.cast::<Header>().write(header);
            if shape.is_wide() {
                write_wide(pointer, shape);
            }
            if let Some(at) = expire_at_ms {
                pointer.add(expiry_at(shape.is_wide())).cast::<i64>().write(at);
            }
            pointer.add(shape.key_at).copy_from_nonoverlapping(NonNull::from(key).cast(), key.len());
            pointer.add(shape.value_at()).copy_from_nonoverlapping(NonNull::from(value).cast(), value.len());
        }
        #[cfg(test)]
        LIVE.with(|live| live.set(live.get() + 1));
        Entry { pointer }
    }

    /// A copy of `source` under another key and expiry, with the string's history (`grown`) kept.
    pub(crate) fn copy_of(
        source: EntryRef<'_>,
        key: &[u8],
        expire_at_ms: Option<i64>,
        stamp: Stamp,
    ) -> Entry {
        let mut entry = Entry::string(key, source.value_bytes(), expire_at_ms, stamp);
        if source.grown() {
            entry.set_flag(GROWN, true);
        }
        entry
    }

    pub(crate) fn view(&self) -> EntryRef<'_> {
        EntryRef { pointer: self.pointer, life: PhantomData }
    }

    /// Puts the entry under another epoch and clock, as a fresh one has.
    pub(crate) fn restamp(&mut self, stamp: Stamp) {
        // SAFETY: the entry is owned, so nobody else reads or writes its header.
        unsafe { stamp_header(self.pointer, stamp) };
    }

    fn set_flag(&mut self, flag: u8, on: bool) {
        // SAFETY: the entry is owned, so nobody else reads or writes its header.
        let header = unsafe { self.pointer.cast::<Header>().as_mut() };
        header.flags = if on { header.flags | flag } else { header.flags & !flag };
    }

    /// Gives up the allocation, to be kept in a slot.
    pub(crate) fn into_pointer(self) -> NonNull<u8> {
        let pointer = self.pointer;
        std::mem::forget(self);
        pointer
    }

    /// Takes back what `into_pointer` gave.
    ///
    /// # Safety
    /// The pointer comes from `into_pointer` (or a slot that was given one) and is used by nobody else from now on.
    pub(crate) unsafe fn from_pointer(pointer: NonNull<u8>) -> Entry {
        Entry { pointer }
    }
}

#[cfg(test)]
thread_local! {
    static LIVE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Entries that this thread has allocated and not freed.
#[cfg(test)]
pub(crate) fn live_entries() -> usize {
    LIVE.with(std::cell::Cell::get)
}

impl Drop for Entry {
    fn drop(&mut self) {
        #[cfg(test)]
        LIVE.with(|live| live.set(live.get() - 1));
        let layout = self.view().shape().layout();
        // SAFETY: allocated with this very layout (a shape never changes without reallocating), and owned.
        unsafe { dealloc(self.pointer.as_ptr(), layout) };
    }
}

fn expiry_at(wide: bool) -> usize {
    if wide { WIDE_EXPIRY_AT } else { HEADER_BYTES }
}

/// # Safety
/// `pointer` is a wide entry's allocation that the caller may write.
unsafe fn write_wide(pointer: NonNull<u8>, shape: Shape) {
    let key = shape.key_len as u64;
    let first = ((key & 0xffff) << 48) | (shape.value_len as u64 & LENGTH_48);
    let second = ((key >> 16) << 48) | (shape.capacity as u64 & LENGTH_48);
    // SAFETY: a wide entry has 16 bytes of lengths after its header, aligned to 8; the caller may write.
    unsafe {
        pointer.add(HEADER_BYTES).cast::<u64>().write(first);
        pointer.add(HEADER_BYTES + 8).cast::<u64>().write(second);
    }
}

/// # Safety
/// `pointer` is an entry whose header the caller may write.
unsafe fn stamp_header(pointer: NonNull<u8>, stamp: Stamp) {
    let clock = stamp.clock.to_le_bytes();
    // SAFETY: every entry starts with a header; the caller may write it.
    let header = unsafe { pointer.cast::<Header>().as_mut() };
    header.clock = [clock[0], clock[1], clock[2]];
    header.flags = (header.flags & 0x0f) | (stamp.epoch << EPOCH_SHIFT);
}

/// A read view of an entry.
#[derive(Clone, Copy)]
pub struct EntryRef<'a> {
    pointer: NonNull<u8>,
    life: PhantomData<&'a u8>,
}

// SAFETY: a shared view of plain bytes, as `&[u8]`.
unsafe impl Send for EntryRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for EntryRef<'_> {}

impl<'a> EntryRef<'a> {
    /// # Safety
    /// `pointer` is a live entry that is not changed or freed for `'a`.
    pub(crate) unsafe fn from_pointer(pointer: NonNull<u8>) -> EntryRef<'a> {
        EntryRef { pointer, life: PhantomData }
    }

    fn header(self) -> Header {
        // SAFETY: every entry starts with an aligned header and lives for `'a`.
        unsafe { self.pointer.cast::<Header>().read() }
    }

    #[inline]
    fn shape(self) -> Shape {
        let header = self.header();
        if header.flags & WIDE == 0 {
            let has_expiry = header.flags & HAS_EXPIRY != 0;
            return Shape::narrow(has_expiry, usize::from(header.key_len), usize::from(header.value_len));
        }
        self.wide_shape()
    }

    #[cold]
    fn wide_shape(self) -> Shape {
        // SAFETY: a wide entry has 16 bytes of lengths after its header, aligned to 8, and lives for `'a`.
        let (first, second) = unsafe {
            let lengths = self.pointer.add(HEADER_BYTES).cast::<u64>();
            (lengths.read(), lengths.add(1).read())
        };
        Shape {
            key_at: HEADER_BYTES + WIDE_BYTES,
            key_len: ((first >> 48) | ((second >> 48) << 16)) as usize,
            value_len: (first & LENGTH_48) as usize,
            capacity: (second & LENGTH_48) as usize,
        }
    }

    /// The key.
    #[inline]
    pub fn key(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: the key's bytes are initialised, inside the allocation, and unchanged for `'a`.
        unsafe { std::slice::from_raw_parts(self.pointer.add(shape.key_at).as_ptr(), shape.key_len) }
    }

    #[inline]
    pub(crate) fn value_bytes(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: the first `value_len` bytes of the value are initialised and unchanged for `'a`.
        unsafe { std::slice::from_raw_parts(self.pointer.add(shape.value_at()).as_ptr(), shape.value_len) }
    }

    /// The data type of the value.
    pub fn kind(self) -> Type {
        Type::from_byte(self.header().kind)
    }

    /// The value when it is a string.
    #[inline]
    pub fn string(self) -> Option<&'a [u8]> {
        (self.header().kind == Type::String as u8).then(|| self.value_bytes())
    }

    /// When the key expires, in milliseconds since 1970; `None` when it does not.
    #[inline]
    pub fn expire_at_ms(self) -> Option<i64> {
        let header = self.header();
        if header.flags & HAS_EXPIRY == 0 {
            return None;
        }
        // SAFETY: the flag says that an aligned expiry lies here.
        Some(unsafe { self.pointer.add(expiry_at(header.flags & WIDE != 0)).cast::<i64>().read() })
    }

    /// Whether the key is past its time: Redis counts the very millisecond as still alive.
    #[inline]
    pub fn is_expired(self, now_ms: i64) -> bool {
        self.expire_at_ms().is_some_and(|at| now_ms > at)
    }

    /// Seconds of the last touching access, modulo 2^24.
    pub fn access_clock(self) -> u32 {
        let [low, middle, high] = self.header().clock;
        u32::from_le_bytes([low, middle, high, 0])
    }

    /// Seconds since the last touching access.
    pub fn idle_seconds(self, now_ms: i64) -> u32 {
        clock_of(now_ms).wrapping_sub(self.access_clock()) & CLOCK_MASK
    }

    /// Whether the string was changed by APPEND or SETRANGE, so that OBJECT ENCODING says `raw`.
    pub fn grown(self) -> bool {
        self.header().flags & GROWN != 0
    }

    /// Bytes of the entry's allocation, key and value included.
    pub fn allocated_bytes(self) -> usize {
        self.shape().allocated_bytes()
    }

    pub(crate) fn epoch(self) -> u8 {
        self.header().flags >> EPOCH_SHIFT
    }
}

/// The 24-bit access clock of a time in milliseconds.
pub(crate) fn clock_of(now_ms: i64) -> u32 {
    (now_ms / 1000) as u32 & CLOCK_MASK
}

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

    fn header_mut(&mut self) -> &mut Header {
        // SAFETY: every entry starts with a header, and `self` is the only access.
        unsafe { self.pointer.cast::<Header>().as_mut() }
    }

    #[inline]
    pub(crate) fn touch(&mut self, clock: u32) {
        let bytes = clock.to_le_bytes();
        self.header_mut().clock = [bytes[0], bytes[1], bytes[2]];
    }

    pub(crate) fn set_epoch(&mut self, epoch: u8) {
        let header = self.header_mut();
        header.flags = (header.flags & 0x0f) | (epoch << EPOCH_SHIFT);
    }

    /// Changes the expiry where there is room for it; false when the entry must be built anew.
    pub(crate) fn set_expiry_in_place(&mut self, expire_at_ms: Option<i64>) -> bool {
        let header = *self.header_mut();
        let (wide, present) = (header.flags & WIDE != 0, header.flags & HAS_EXPIRY != 0);
        if !wide && present != expire_at_ms.is_some() {
            return false;
        }
        if let Some(at) = expire_at_ms {
            // SAFETY: a wide entry always has room for an expiry, a narrow one when it has the flag.
            unsafe { self.pointer.add(expiry_at(wide)).cast::<i64>().write(at) };
        }
        let flags = header.flags & !HAS_EXPIRY | if expire_at_ms.is_some() { HAS_EXPIRY } else { 0 };
        self.header_mut().flags = flags;
        *self.slot = self.slot.with_entry(self.pointer, expire_at_ms.is_some());
        true
    }

    /// Overwrites a string whose new value takes the same allocation; false when it must be built anew.
    pub(crate) fn overwrite_string(&mut self, value: &[u8]) -> bool {
        let shape = self.view().shape();
        let fits = if shape.is_wide() {
            !fits_narrow(shape.key_len, value.len())
                && value.len() <= shape.capacity
                && value.len() > shape.capacity / 2
        } else {
            let narrow = Shape { value_len: value.len(), ..shape };
            fits_narrow(shape.key_len, value.len())
                && (narrow.value_at() + value.len()).next_multiple_of(8) == shape.allocated_bytes()
        };
        if fits {
            self.copy_in(shape, 0, value);
            self.set_value_len(shape, value.len());
            self.header_mut().flags &= !GROWN;
        }
        fits
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
        self.header_mut().flags |= GROWN;
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
        if shape.is_wide() {
            // SAFETY: the entry is wide and `self` is the only access.
            unsafe { write_wide(self.pointer, Shape { value_len, ..shape }) };
        } else {
            self.header_mut().value_len =
                u16::try_from(value_len).expect("a narrow value has a 16-bit length");
        }
    }

    /// Makes room for a value of `value_len` bytes, with as much again when the allocation has to move.
    fn with_capacity(&mut self, value_len: usize) -> Shape {
        let shape = self.view().shape();
        if value_len <= shape.capacity && (shape.is_wide() || value_len <= usize::from(u16::MAX)) {
            return shape;
        }
        let capacity = value_len + value_len.min(GREEDY_LIMIT_BYTES);
        let grown = Shape::wide(shape.key_len, shape.value_len, capacity);
        if shape.is_wide() {
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
        let wide = Entry::assemble(shape, view.key(), view.value_bytes(), view.expire_at_ms(), stamp);
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

#[cfg(test)]
mod tests;
