//! For the examples of this crate and of the keyspace: an allocator that counts, and a clock of the thread's own time.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_int;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tikv_jemalloc_sys::{mallocx, nallocx, rallocx, sdallocx};

/// jemalloc with its 8-byte classes, counting the bytes of the classes handed out.
struct Counting;

static USED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Bytes that are allocated now.
pub fn used_bytes() -> usize {
    USED_BYTES.load(Relaxed)
}

fn flags(layout: Layout) -> c_int {
    if layout.align() > 8 { layout.align().trailing_zeros() as c_int } else { 0 }
}

fn count(added: usize, removed: usize) {
    // One thread allocates: no read-modify-write is needed, which would cost as much as the allocation.
    USED_BYTES.store(USED_BYTES.load(Relaxed).wrapping_add(added).wrapping_sub(removed), Relaxed);
}

// SAFETY: jemalloc's own functions, with the alignment passed on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller gives a size that is not zero.
        unsafe {
            count(nallocx(layout.size(), flags(layout)), 0);
            mallocx(layout.size(), flags(layout)).cast()
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer comes from `alloc` with this layout.
        unsafe {
            count(0, nallocx(layout.size(), flags(layout)));
            sdallocx(pointer.cast(), layout.size(), flags(layout));
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the pointer comes from `alloc` with this layout; the size is not zero.
        unsafe {
            count(nallocx(size, flags(layout)), nallocx(layout.size(), flags(layout)));
            rallocx(pointer.cast(), size, flags(layout)).cast()
        }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A moment in this thread's own time: a shared machine takes the processor away for milliseconds.
#[derive(Clone, Copy)]
pub struct Moment(Duration);

impl Moment {
    /// Now.
    pub fn now() -> Moment {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is valid for writing.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        Moment(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }

    /// How long the thread has run since.
    pub fn elapsed(self) -> Duration {
        Moment::now().since(self)
    }

    /// How long the thread ran between an earlier moment and this one.
    pub fn since(self, earlier: Moment) -> Duration {
        self.0 - earlier.0
    }
}
