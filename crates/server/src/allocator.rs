//! The process's allocator, its figures and its knobs.
//!
//! With the feature `jemalloc` (the default) small blocks have size classes of 8 bytes in memory that jemalloc gives,
//! and large ones are jemalloc's (`.cargo/config.toml` sets its options). Without it, the system's allocator, and
//! figures that only the kernel knows.

/// What the allocator holds, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// In allocations of the program.
    pub allocated: u64,
    /// In pages that hold at least one allocation.
    pub active: u64,
    /// In physical memory.
    pub resident: u64,
}

#[cfg(feature = "jemalloc")]
mod jemalloc;
#[cfg(feature = "jemalloc")]
mod small;
#[cfg(feature = "jemalloc")]
pub use jemalloc::{figures, name, purge, report, set_background_thread, tend_thread, thread_balance};

#[cfg(not(feature = "jemalloc"))]
mod system;
#[cfg(not(feature = "jemalloc"))]
pub use system::{figures, name, purge, report, set_background_thread, tend_thread, thread_balance};

/// What the calling thread has allocated less what it freed since it asked in this round before; 0 when it did not.
pub fn thread_bytes(round: u64) -> i64 {
    thread_local! {
        static LAST: std::cell::Cell<(u64, i64)> = const { std::cell::Cell::new((u64::MAX, 0)) };
    }
    let balance = thread_balance();
    let (asked_in, before) = LAST.replace((round, balance));
    if asked_in == round { balance - before } else { 0 }
}

#[cfg(all(test, feature = "jemalloc"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_s_balance_follows_what_it_allocates() {
        let before = thread_balance();
        let block = std::hint::black_box(vec![1_u8; 1 << 20]);
        assert!(thread_balance() - before >= 1 << 20);
        drop(block);
        assert!(thread_balance() - before < 1 << 20);
    }

    #[test]
    fn every_round_begins_anew() {
        assert_eq!(thread_bytes(7), 0);
        let block = std::hint::black_box(vec![1_u8; 1 << 20]);
        assert!(thread_bytes(7) >= 1 << 20);
        assert!(thread_bytes(7) < 1 << 20);
        drop(block);
        assert_eq!(thread_bytes(8), 0);
    }
}
