//! The one lock type for what several threads share: held briefly, never nested.
#![allow(clippy::disallowed_types, reason = "this is the file that names the lock type")]

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// How long a polite thread leaves the lock to others before it asks again.
const POLITE_WAIT: Duration = Duration::from_micros(30);

/// A value behind a lock. A panic while it is held does not poison it: the crash report ends the process anyway.
#[derive(Debug, Default)]
pub struct Shared<T> {
    value: Mutex<T>,
    /// Threads that wait for the lock, those that wait politely not among them.
    waiting: AtomicU32,
}

impl<T> Shared<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Shared { value: Mutex::new(value), waiting: AtomicU32::new(0) }
    }

    /// Waits for the lock.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        if let Some(guard) = self.try_lock() {
            return guard;
        }
        self.waiting.fetch_add(1, Relaxed);
        let guard = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Relaxed);
        guard
    }

    /// Waits for the lock and for everybody else who wants it. For background work that takes it again and again: the
    /// lock itself is not fair, and a thread that has just let go of it would mostly be the first to have it back.
    pub fn lock_politely(&self) -> MutexGuard<'_, T> {
        loop {
            if self.waiting.load(Relaxed) == 0
                && let Some(guard) = self.try_lock()
            {
                return guard;
            }
            std::thread::sleep(POLITE_WAIT);
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.value.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// A condition that threads wait for while they hold a [`Shared`].
#[derive(Debug, Default)]
pub struct Signal(Condvar);

impl Signal {
    /// Lets go of the guard, waits for a notification or the time-out, and takes the lock again.
    pub fn wait<'g, T>(&self, guard: MutexGuard<'g, T>, at_most: Duration) -> MutexGuard<'g, T> {
        self.0.wait_timeout(guard, at_most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Wakes everybody who waits.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_polite_thread_lets_others_first() {
        let shared = Arc::new(Shared::new(Vec::new()));
        let guard = shared.lock();
        let (polite, eager) = (Arc::clone(&shared), Arc::clone(&shared));
        let eager = std::thread::spawn(move || eager.lock().push("eager"));
        while shared.waiting.load(Relaxed) == 0 {
            std::thread::yield_now();
        }
        let asks = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&asks);
        let polite = std::thread::spawn(move || {
            asked.store(true, Relaxed);
            polite.lock_politely().push("polite");
        });
        while !asks.load(Relaxed) {
            std::thread::yield_now();
        }
        drop(guard);
        eager.join().unwrap();
        polite.join().unwrap();
        assert_eq!(*shared.lock(), ["eager", "polite"]);
    }
}
