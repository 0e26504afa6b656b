//! Gives memory back on another thread, so that flushing a large data set keeps nobody waiting.

use keyspace::Detached;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What is being freed, and what was.
#[derive(Clone, Debug, Default)]
pub struct LazyFree {
    pending: Arc<AtomicU64>,
    pending_bytes: Arc<AtomicU64>,
    freed: Arc<AtomicU64>,
}

impl LazyFree {
    /// Drops flushed tables on a thread of its own; here when none can be had.
    pub fn drop_later(&self, detached: Detached) {
        if detached.is_empty() {
            return;
        }
        let load = Load {
            keys: detached.keys() as u64,
            bytes: detached.entry_bytes() as u64,
            counters: self.clone(),
        };
        load.counters.pending.fetch_add(load.keys, Relaxed);
        load.counters.pending_bytes.fetch_add(load.bytes, Relaxed);
        let work = move || {
            drop(detached);
            drop(load);
        };
        // A thread that cannot be started drops its closure, and with it the tables: here and now.
        if let Err(error) = stdx::background::spawn("lazy-free", work) {
            stdx::logging::debug!("Freeing in the background: {error}");
        }
    }

    /// Bytes of the large values among them. Those of flushed tables are not known.
    pub fn pending_bytes(&self) -> u64 {
        self.pending_bytes.load(Relaxed)
    }

    /// Keys handed over and not yet freed.
    pub fn pending(&self) -> u64 {
        self.pending.load(Relaxed)
    }

    /// Keys freed since the start or the last CONFIG RESETSTAT.
    pub fn freed(&self) -> u64 {
        self.freed.load(Relaxed)
    }

    /// Counts anew what is freed.
    pub fn reset(&self) {
        self.freed.store(0, Relaxed);
    }
}

/// What one thread frees: counted as freed when this is dropped.
struct Load {
    keys: u64,
    bytes: u64,
    counters: LazyFree,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.counters.freed.fetch_add(self.keys, Relaxed);
        self.counters.pending.fetch_sub(self.keys, Relaxed);
        self.counters.pending_bytes.fetch_sub(self.bytes, Relaxed);
    }
}
