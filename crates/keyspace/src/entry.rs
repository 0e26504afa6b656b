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

/// The header as one word, from the low end: kind 8, flags 8, value length 16, clock 24, key length 8. It is always read
/// and written whole: a narrow write before a wide read would stall the processor.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Header(u64);

impl Header {
    const FLAGS_SHIFT: u32 = 8;
    const VALUE_SHIFT: u32 = 16;
    const CLOCK_SHIFT: u32 = 32;
    const KEY_SHIFT: u32 = 56;

    fn kind(self) -> u8 {
        self.0 as u8
    }

    fn flags(self) -> u8 {
        (self.0 >> Header::FLAGS_SHIFT) as u8
    }

    fn has(self, flag: u8) -> bool {
        self.flags() & flag != 0
    }

    fn epoch(self) -> u8 {
        self.flags() >> EPOCH_SHIFT
    }

    fn value_len(self) -> usize {
        usize::from((self.0 >> Header::VALUE_SHIFT) as u16)
    }

    fn clock(self) -> u32 {
        (self.0 >> Header::CLOCK_SHIFT) as u32 & CLOCK_MASK
    }

    fn key_len(self) -> usize {
        (self.0 >> Header::KEY_SHIFT) as usize
    }

    fn with(self, flag: u8, on: bool) -> Header {
        let bit = u64::from(flag) << Header::FLAGS_SHIFT;
        Header(if on { self.0 | bit } else { self.0 & !bit })
    }

    fn with_epoch(self, epoch: u8) -> Header {
        let shift = Header::FLAGS_SHIFT + EPOCH_SHIFT;
        Header(self.0 & !(0x0f << shift) | u64::from(epoch) << shift)
    }

    fn with_clock(self, clock: u32) -> Header {
        let mask = u64::from(CLOCK_MASK) << Header::CLOCK_SHIFT;
        Header(self.0 & !mask | u64::from(clock & CLOCK_MASK) << Header::CLOCK_SHIFT)
    }

    fn with_value_len(self, value_len: u16) -> Header {
        Header(self.0 & !(0xffff << Header::VALUE_SHIFT) | u64::from(value_len) << Header::VALUE_SHIFT)
    }

    fn with_key_len(self, key_len: u8) -> Header {
        Header(self.0 & !(0xff << Header::KEY_SHIFT) | u64::from(key_len) << Header::KEY_SHIFT)
    }
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
        let mut header = Header(Type::String as u64).with_epoch(stamp.epoch).with_clock(stamp.clock);
        header = header.with(HAS_EXPIRY, expire_at_ms.is_some()).with(WIDE, shape.is_wide());
        if !shape.is_wide() {
            header = header.with_value_len(shape.value_len as u16).with_key_len(shape.key_len as u8);
        }
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
            entry.set_header(entry.view().header().with(GROWN, true));
        }
        entry
    }

    pub(crate) fn view(&self) -> EntryRef<'_> {
        EntryRef { pointer: self.pointer, life: PhantomData }
    }

    /// Puts the entry under another epoch and clock, as a fresh one has.
    pub(crate) fn restamp(&mut self, stamp: Stamp) {
        self.set_header(self.view().header().with_epoch(stamp.epoch).with_clock(stamp.clock));
    }

    fn set_header(&mut self, header: Header) {
        // SAFETY: the entry is owned, so nobody else reads or writes its header.
        unsafe { self.pointer.cast::<Header>().write(header) };
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
        if !header.has(WIDE) {
            return Shape::narrow(header.has(HAS_EXPIRY), header.key_len(), header.value_len());
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
    pub(crate) fn has_key(self, key: &[u8]) -> bool {
        let own = self.key();
        if own.len() != key.len() {
            return false;
        }
        // Most keys are short: word by word in place is quicker than a call.
        match (own.split_last_chunk::<8>(), key.split_last_chunk::<8>()) {
            (Some((_, own_end)), Some((_, key_end))) => {
                own_end == key_end && own.as_chunks::<8>().0.iter().eq(key.as_chunks::<8>().0)
            }
            _ => own == key,
        }
    }

    #[inline]
    pub(crate) fn value_bytes(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: the first `value_len` bytes of the value are initialised and unchanged for `'a`.
        unsafe { std::slice::from_raw_parts(self.pointer.add(shape.value_at()).as_ptr(), shape.value_len) }
    }

    /// The data type of the value.
    pub fn kind(self) -> Type {
        Type::from_byte(self.header().kind())
    }

    /// The value when it is a string.
    #[inline]
    pub fn string(self) -> Option<&'a [u8]> {
        (self.header().kind() == Type::String as u8).then(|| self.value_bytes())
    }

    /// When the key expires, in milliseconds since 1970; `None` when it does not.
    #[inline]
    pub fn expire_at_ms(self) -> Option<i64> {
        let header = self.header();
        if !header.has(HAS_EXPIRY) {
            return None;
        }
        // SAFETY: the flag says that an aligned expiry lies here.
        Some(unsafe { self.pointer.add(expiry_at(header.has(WIDE))).cast::<i64>().read() })
    }

    /// Whether the key is past its time: Redis counts the very millisecond as still alive.
    #[inline]
    pub fn is_expired(self, now_ms: i64) -> bool {
        self.expire_at_ms().is_some_and(|at| now_ms > at)
    }

    /// Seconds of the last touching access, modulo 2^24.
    pub fn access_clock(self) -> u32 {
        self.header().clock()
    }

    /// Seconds since the last touching access.
    pub fn idle_seconds(self, now_ms: i64) -> u32 {
        clock_of(now_ms).wrapping_sub(self.access_clock()) & CLOCK_MASK
    }

    /// Whether the string was changed by APPEND or SETRANGE, so that OBJECT ENCODING says `raw`.
    pub fn grown(self) -> bool {
        self.header().has(GROWN)
    }

    /// Bytes of the entry's allocation, key and value included.
    pub fn allocated_bytes(self) -> usize {
        self.shape().allocated_bytes()
    }

    pub(crate) fn epoch(self) -> u8 {
        self.header().epoch()
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
        let shape = Shape::narrow(header.has(HAS_EXPIRY), header.key_len(), header.value_len());
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
        if shape.is_wide() {
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
