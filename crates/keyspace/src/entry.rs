//! One key with its value: a single allocation behind a thin pointer.
//!
//! ```text
//! header (8)   kind u8, flags u8, value length u16, access clock u24, key length u8
//! then either  nothing | expiry i64 (8) | wide: key length, value length, capacity (16) and room for an expiry (8)
//! string       key bytes, then value bytes
//! others       the collection (8), which owns what it points to, then key bytes
//! ```
//!
//! *Wide* when the key is longer than 255 bytes, the value than 65,535, or a string keeps spare capacity.
//! The allocation is rounded up to 8 bytes; what a narrow entry leaves of that is its spare capacity.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::header::{CLOCK_MASK, GROWN, HAS_EXPIRY, Header, TEXT, WIDE};
use datatypes::collection::ValueRef;
use datatypes::types::Type;

mod collection;
mod write;

pub(crate) use write::EntryMut;

/// Room for a collection of any type: a word.
const COLLECTION_BYTES: usize = 8;
const HEADER_BYTES: usize = 8;
const WIDE_BYTES: usize = 24;
const WIDE_EXPIRY_AT: usize = 24;
const LENGTH_48: u64 = (1 << 48) - 1;

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
    is_wide: bool,
    key_at: usize,
    key_len: usize,
    value_len: usize,
    capacity: usize,
}

impl Shape {
    /// Of an entry whose expiry and collection, if there are any, lie before the key.
    #[inline]
    fn narrow(has_expiry: bool, kind: u8, key_len: usize, value_len: usize) -> Shape {
        let key_at = HEADER_BYTES + if has_expiry { 8 } else { 0 } + collection_bytes(kind);
        let used = key_at + key_len + value_len;
        let capacity = value_len + (used.next_multiple_of(8) - used);
        Shape { is_wide: false, key_at, key_len, value_len, capacity }
    }

    fn wide(kind: u8, key_len: usize, value_len: usize, capacity: usize) -> Shape {
        let key_at = HEADER_BYTES + WIDE_BYTES + collection_bytes(kind);
        let used = key_at + key_len + capacity.max(value_len);
        let capacity = used.next_multiple_of(8) - key_at - key_len;
        Shape { is_wide: true, key_at, key_len, value_len, capacity }
    }

    /// The smallest for a key and a string (or none, for a collection).
    fn fitting(has_expiry: bool, kind: Type, key_len: usize, value_len: usize) -> Shape {
        if fits_narrow(key_len, value_len) {
            Shape::narrow(has_expiry, kind as u8, key_len, value_len)
        } else {
            Shape::wide(kind as u8, key_len, value_len, value_len)
        }
    }

    fn value_at(self) -> usize {
        self.key_at + self.key_len
    }

    /// Where a collection lies: before the key, so that it is aligned.
    fn collection_at(self) -> usize {
        self.key_at - COLLECTION_BYTES
    }

    fn allocated_bytes(self) -> usize {
        self.value_at() + self.capacity
    }

    fn layout(self) -> Layout {
        Layout::from_size_align(self.allocated_bytes(), 8)
            .expect("an entry is smaller than the address space")
    }
}

fn collection_bytes(kind: u8) -> usize {
    if kind == Type::String as u8 { 0 } else { COLLECTION_BYTES }
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
        let shape = Shape::fitting(expire_at_ms.is_some(), Type::String, key.len(), value.len());
        Entry::assemble(shape, Type::String, key, value, expire_at_ms, stamp)
    }

    /// Allocates `shape` and fills it; `value` may be shorter than the shape's capacity, never than its length. The place
    /// of a collection is left for the caller to write.
    fn assemble(
        shape: Shape,
        kind: Type,
        key: &[u8],
        value: &[u8],
        expire_at_ms: Option<i64>,
        stamp: Stamp,
    ) -> Entry {
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
        let mut header = Header::new(kind as u8).with_epoch(stamp.epoch).with_clock(stamp.clock);
        header = header.with(HAS_EXPIRY, expire_at_ms.is_some()).with(WIDE, shape.is_wide);
        if !shape.is_wide {
            header = header.with_value_len(shape.value_len as u16).with_key_len(shape.key_len as u8);
        }
        // SAFETY: the allocation holds `shape`: header, extension, key and capacity >= value length, in that order.
        // Its start and the two extensions are aligned to 8. The source slices cannot overlap fresh memory.
        unsafe {
            pointer.cast::<Header>().write(header);
            if shape.is_wide {
                write_wide(pointer, shape);
            }
            if let Some(at) = expire_at_ms {
                pointer.add(expiry_at(shape.is_wide)).cast::<i64>().write(at);
            }
            pointer.add(shape.key_at).copy_from_nonoverlapping(NonNull::from(key).cast(), key.len());
            pointer.add(shape.value_at()).copy_from_nonoverlapping(NonNull::from(value).cast(), value.len());
        }
        #[cfg(test)]
        LIVE.with(|live| live.set(live.get() + 1));
        Entry { pointer }
    }

    /// A copy of `source` under another key and expiry, with the marks of a string kept. A large collection shares its
    /// parts with the copy.
    pub(crate) fn copy_of(
        source: EntryRef<'_>,
        key: &[u8],
        expire_at_ms: Option<i64>,
        stamp: Stamp,
    ) -> Entry {
        let mut entry = match source.value() {
            ValueRef::String(bytes) => Entry::string(key, bytes, expire_at_ms, stamp),
            collection => Entry::with_value(key, collection.to_value(), expire_at_ms, stamp),
        };
        let marks = source.header().flags() & (GROWN | TEXT);
        if marks != 0 {
            entry.set_header(entry.view().header().with(marks, true));
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
        self.drop_collection();
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
            return Shape::narrow(
                header.has(HAS_EXPIRY),
                header.kind(),
                header.key_len(),
                header.value_len(),
            );
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
            is_wide: true,
            key_at: HEADER_BYTES + WIDE_BYTES + collection_bytes(self.header().kind()),
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
    fn value_bytes(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: the first `value_len` bytes of the value are initialised and unchanged for `'a`.
        unsafe { std::slice::from_raw_parts(self.pointer.add(shape.value_at()).as_ptr(), shape.value_len) }
    }

    /// The data type of the value.
    pub fn kind(self) -> Type {
        Type::from_number(self.header().kind()).expect("an entry is made with the number of a type")
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

    /// Whether the string is kept as text even if it is a number (INCRBYFLOAT), so that OBJECT ENCODING never says `int`.
    pub fn is_text(self) -> bool {
        self.header().has(TEXT)
    }

    /// Bytes of the entry's allocation, key and string included, and of what a collection holds beside it.
    pub fn allocated_bytes(self) -> usize {
        self.shape().allocated_bytes() + self.collection_bytes()
    }

    /// Bytes of the entry's allocation, without what a collection holds beside it.
    pub(crate) fn own_bytes(self) -> usize {
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

#[cfg(test)]
mod tests;
