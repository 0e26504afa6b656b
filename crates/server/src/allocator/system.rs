//! The system's allocator: it counts nothing, so the figures are those of the kernel.

use super::Figures;
use crate::system::usage;

/// The allocator's name.
pub fn name() -> String {
    "libc".to_owned()
}

/// The process's data and stack in place of what is allocated, and its physical memory.
pub fn figures() -> Figures {
    let pages = usage::pages();
    Figures {
        allocated: pages.data_bytes,
        active: pages.data_bytes.max(pages.resident_bytes),
        resident: pages.resident_bytes,
    }
}

/// This allocator counts nothing.
pub fn thread_balance() -> i64 {
    0
}

/// Nothing can be asked of this allocator.
pub fn purge() {}

/// Threads keep nothing that we know of.
pub fn tend_thread() {}

/// What MEMORY MALLOC-STATS replies.
pub fn report() -> String {
    "Stats not supported for the current allocator".to_owned()
}

/// This allocator has no thread of its own.
pub fn set_background_thread(_: bool) -> bool {
    false
}
