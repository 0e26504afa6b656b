//! Gives memory back on another thread, so that flushing a large data set keeps nobody waiting.

use keyspace::Detached;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What is being freed, and what was.
#[derive(Debug, Default)]
pub struct LazyFree {
    pending: Arc<AtomicU64>,
    freed: Arc<AtomicU64>,
}

impl LazyFree {
    /// Drops flushed tables on a thread of its own; here when none can be had.
    pub fn drop_later(&self, detached: Detached) {
        if detached.is_empty() {
            return;
        }
        let keys = detached.keys() as u64;
        let (pending, freed) = (Arc::clone(&self.pending), Arc::clone(&self.freed));
        pending.fetch_add(keys, Relaxed);
        let counters = (Arc::clone(&pending), Arc::clone(&freed));
        let work = move || {
            drop(detached);
            settle(&pending, &freed, keys);
        };
        // A thread that cannot be started drops its closure, and with it the tables: here and now.
        if stdx::background::spawn("lazy-free", work).is_err() {
            settle(&counters.0, &counters.1, keys);
        }
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

fn settle(pending: &AtomicU64, freed: &AtomicU64, keys: u64) {
    freed.fetch_add(keys, Relaxed);
    pending.fetch_sub(keys, Relaxed);
}
