//! The global allocator: small blocks as `small.rs` has them, all others jemalloc's.
//!
//! Not through tikv-jemallocator: it takes 16-byte alignment for granted, which size classes of 8 bytes do not give.
#![expect(unsafe_code, reason = "a global allocator is unsafe by its nature")]

use super::{Figures, small};
use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};
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

/// The class of a small block; none for what is jemalloc's.
#[inline(always)]
fn small_class(layout: Layout) -> Option<usize> {
    let is_small = layout.size() <= small::LARGEST_BYTES && layout.align() <= NATURAL_ALIGNMENT;
    is_small.then(|| small::class_of(layout.size()))
}

// SAFETY: small blocks and jemalloc's do not overlap, are as large as asked and aligned, their calls never unwind, and null
// means failure. The layout alone tells whose a block is; `dealloc` and `realloc` are called with the one that it was
// made with, and so pass the same class or flags.
unsafe impl GlobalAlloc for Jemalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match small_class(layout) {
            Some(class) => small::allocate(class),
            // SAFETY: the caller promises a size above 0, all that mallocx asks for.
            None => unsafe { mallocx(layout.size(), flags(layout)).cast() },
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(class) = small_class(layout) else {
            // SAFETY: as in `alloc`.
            return unsafe { mallocx(layout.size(), flags(layout) | MALLOCX_ZERO).cast() };
        };
        let block = small::allocate(class);
        if !block.is_null() {
            // SAFETY: the block has at least this size.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match (small_class(layout), NonNull::new(block)) {
            // SAFETY: the caller promises that `block` was allocated here, is freed once and has this layout.
            (Some(class), Some(block)) => unsafe { small::free(block, class) },
            // SAFETY: as above.
            _ => unsafe { sdallocx(block.cast::<c_void>(), layout.size(), flags(layout)) },
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size makes a layout.
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (small_class(layout), small_class(new)) {
            (Some(old), Some(new)) if old == new => block,
            // SAFETY: as in `dealloc`, and the caller promises a new size above 0.
            (None, None) => unsafe { rallocx(block.cast::<c_void>(), new_size, flags(layout)).cast() },
            // SAFETY: as in `dealloc`.
            _ => unsafe { self.move_to(new, block, layout) },
        }
    }
}

impl Jemalloc {
    /// Moves a block to one of another layout; null, and the block stays, when memory is at its end.
    ///
    /// # Safety
    /// As for `realloc`.
    unsafe fn move_to(&self, new: Layout, block: *mut u8, layout: Layout) -> *mut u8 {
        // SAFETY: both layouts are the caller's; the shorter of both sizes lies within both blocks, which are apart.
        unsafe {
            let target = self.alloc(new);
            if !target.is_null() {
                target.copy_from_nonoverlapping(block, layout.size().min(new.size()));
                self.dealloc(block, layout);
            }
            target
        }
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
    let (chunks, free_runs) = small::held_bytes();
    Figures {
        allocated: bytes(stats::allocated::read()).saturating_sub(chunks) + small::used_bytes(),
        active: bytes(stats::active::read()).saturating_sub(free_runs),
        resident: bytes(stats::resident::read()),
    }
}

/// Bytes that the calling thread has allocated and not freed, less what it freed for others. Some nanoseconds.
pub fn thread_balance() -> i64 {
    thread_local! {
        static COUNTERS: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
            thread::allocatedp::read().ok().zip(thread::deallocatedp::read().ok());
    }
    let large = COUNTERS.with(|counters| {
        counters
            .as_ref()
            .map_or(0, |(allocated, freed)| allocated.get().wrapping_sub(freed.get()).cast_signed())
    });
    large - small::chunk_balance() + small::thread_balance()
}

/// Gives pages that nothing uses back to the kernel at once, as MEMORY PURGE asks for.
pub fn purge() {
    small::purge();
    // SAFETY: the name ends in a zero byte, and this control takes and gives no value.
    let result = unsafe { mallctl(PURGE_ALL.as_ptr(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), 0) };
    debug_assert_eq!(result, 0);
}

/// Gives back some of the free memory that the calling thread keeps for itself. To be called some ten times a second.
pub fn tend_thread() {
    small::flush_some();
}

/// The report of small blocks, and jemalloc's own of all others, as text for people.
pub fn report() -> String {
    let mut text = Vec::new();
    let large = match stats_print::stats_print(&mut text, stats_print::Options::default()) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => error.to_string(),
    };
    small::report() + &large
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

    /// What a block of this layout adds to the thread's balance.
    fn cost(size: usize, align: usize) -> i64 {
        let layout = Layout::from_size_align(size, align).expect("a layout");
        // SAFETY: the block is written to within its size while it lives, and freed once with its layout.
        unsafe {
            let before = thread_balance();
            let block = GLOBAL.alloc(layout);
            assert!(!block.is_null() && block.addr().is_multiple_of(align));
            block.write_bytes(0xa5, size);
            let cost = thread_balance() - before;
            GLOBAL.dealloc(block, layout);
            assert_eq!(thread_balance(), before);
            cost
        }
    }

    #[test]
    fn small_sizes_waste_less_than_eight_bytes() {
        for size in 1..=1024 {
            assert_eq!(cost(size, 8), size.next_multiple_of(8) as i64);
        }
    }

    #[test]
    fn every_alignment_is_kept() {
        for align in (0..=16).map(|power| 1_usize << power) {
            for size in [1, 8, 24, 40, 56, 100, 1_248, 1_249, 4_000, 40_000, 4_000_000] {
                assert!(cost(size, align) >= size as i64);
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
                for size in [40, 400, 4_000, 400_000, 24, 30] {
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
