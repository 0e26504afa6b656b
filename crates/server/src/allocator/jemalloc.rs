//! jemalloc as the global allocator.
//!
//! Not through tikv-jemallocator: it takes 16-byte alignment for granted, which size classes of 8 bytes do not give.
#![expect(unsafe_code, reason = "a global allocator is unsafe by its nature")]

use super::Figures;
use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use tikv_jemalloc_ctl::thread::{self, ThreadLocal};
use tikv_jemalloc_ctl::{background_thread, epoch, stats, stats_print, version};
use tikv_jemalloc_sys::{MALLOCX_ALIGN, MALLOCX_ZERO, mallctl, mallocx, rallocx, sdallocx};

/// Every allocation of jemalloc's is aligned this far, however its quantum was chosen.
const NATURAL_ALIGNMENT: usize = 8;

/// "Of all arenas" in a control's name.
const PURGE_ALL: &CStr = c"arena.4096.purge";

struct Jemalloc;

#[global_allocator]
static GLOBAL: Jemalloc = Jemalloc;

/// What jemalloc must be told about a layout: nothing, for the usual ones.
#[inline(always)]
fn flags(layout: Layout) -> c_int {
    if layout.align() <= NATURAL_ALIGNMENT { 0 } else { MALLOCX_ALIGN(layout.align()) }
}

// SAFETY: jemalloc's blocks do not overlap, are as large as asked and aligned to `flags`, its calls never unwind, and
// null means failure. `dealloc` and `realloc` pass the flags that the block was made with, as jemalloc demands.
unsafe impl GlobalAlloc for Jemalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller promises a size above 0, all that mallocx asks for.
        unsafe { mallocx(layout.size(), flags(layout)).cast() }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { mallocx(layout.size(), flags(layout) | MALLOCX_ZERO).cast() }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller promises that `block` was allocated here, is freed once and has this layout.
        unsafe { sdallocx(block.cast::<c_void>(), layout.size(), flags(layout)) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `dealloc`, and the caller promises a new size above 0.
        unsafe { rallocx(block.cast::<c_void>(), new_size, flags(layout)).cast() }
    }
}

/// The allocator's name and version: `jemalloc-5.3.1`.
pub fn name() -> String {
    let text = version::read().unwrap_or_default();
    format!("jemalloc-{}", text.split('-').next().unwrap_or_default())
}

/// What the allocator holds now. Gathers the counters of all threads: 60 µs with eight of them, so not for every
/// command; between two calls, [`thread_balance`] tells what one thread changed.
pub fn figures() -> Figures {
    if epoch::advance().is_err() {
        return Figures::default();
    }
    let bytes = |read: Result<usize, _>| read.map_or(0, |bytes| bytes as u64);
    Figures {
        allocated: bytes(stats::allocated::read()),
        active: bytes(stats::active::read()),
        resident: bytes(stats::resident::read()),
    }
}

/// Bytes that the calling thread has allocated and not freed, less what it freed for others. Some nanoseconds.
pub fn thread_balance() -> i64 {
    thread_local! {
        static COUNTERS: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
            thread::allocatedp::read().ok().zip(thread::deallocatedp::read().ok());
    }
    COUNTERS.with(|counters| {
        counters
            .as_ref()
            .map_or(0, |(allocated, freed)| allocated.get().wrapping_sub(freed.get()).cast_signed())
    })
}

/// Gives pages that nothing uses back to the kernel at once, as MEMORY PURGE asks for.
pub fn purge() {
    // SAFETY: the name ends in a zero byte, and this control takes and gives no value.
    let result = unsafe { mallctl(PURGE_ALL.as_ptr(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), 0) };
    debug_assert_eq!(result, 0);
}

/// jemalloc's own report, as text for people.
pub fn report() -> String {
    let mut text = Vec::new();
    match stats_print::stats_print(&mut text, stats_print::Options::default()) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// Whether a thread of the allocator's returns unused pages, instead of whoever frees next. Says whether it worked.
/// Not before the process has gone into the background.
pub fn set_background_thread(runs: bool) -> bool {
    background_thread::write(runs).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tikv_jemalloc_ctl::{arenas, opt};
    use tikv_jemalloc_sys::sallocx;

    fn usable(size: usize, align: usize) -> usize {
        let layout = Layout::from_size_align(size, align).expect("a layout");
        // SAFETY: the block is asked for its size while it lives, and freed once with its layout.
        unsafe {
            let block = GLOBAL.alloc(layout);
            assert!(!block.is_null() && block.addr().is_multiple_of(align));
            let usable = sallocx(block.cast::<c_void>(), flags(layout));
            GLOBAL.dealloc(block, layout);
            usable
        }
    }

    #[test]
    fn small_sizes_waste_less_than_eight_bytes() {
        for size in 1..=64 {
            assert_eq!(usable(size, 8), size.next_multiple_of(8));
        }
        assert_eq!(usable(40, 8), 40);
        assert_eq!(usable(24, 1), 24);
    }

    #[test]
    fn every_alignment_is_kept() {
        for align in (0..=16).map(|power| 1_usize << power) {
            for size in [1, 8, 24, 40, 56, 100, 4_000, 40_000, 4_000_000] {
                assert!(usable(size, align) >= size);
            }
        }
    }

    #[test]
    fn growing_keeps_alignment_and_bytes() {
        for align in [1, 8, 16, 64, 4096] {
            let mut layout = Layout::from_size_align(24, align).expect("a layout");
            // SAFETY: 24 bytes are written and read within blocks of at least that size, freed once with their layout.
            unsafe {
                let mut block = GLOBAL.alloc_zeroed(layout);
                assert!((0..24).all(|index| *block.add(index) == 0));
                block.write_bytes(7, 24);
                for size in [40, 400, 4_000, 400_000, 24] {
                    block = GLOBAL.realloc(block, layout, size);
                    layout = Layout::from_size_align(size, align).expect("a layout");
                    assert!(block.addr().is_multiple_of(align));
                    assert!((0..24).all(|index| *block.add(index) == 7));
                }
                GLOBAL.dealloc(block, layout);
            }
        }
    }

    #[test]
    fn the_options_of_the_build_are_in_force() {
        assert_eq!(opt::narenas::read().expect("readable"), 8);
        assert!(arenas::narenas::read().expect("readable") >= 8);
        assert!(name().starts_with("jemalloc-5."), "{}", name());
    }

    #[test]
    fn the_background_thread_comes_and_goes() {
        assert!(set_background_thread(true));
        assert!(background_thread::read().expect("readable"));
        assert!(set_background_thread(false));
        assert!(!background_thread::read().expect("readable"));
    }
}
