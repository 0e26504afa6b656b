//! The one lock type for what several threads share: held briefly, never nested.
#![allow(clippy::disallowed_types, reason = "this is the file that names the lock type")]

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A value behind a lock. A panic while it is held does not poison it: the crash report ends the process anyway.
#[derive(Debug, Default)]
pub struct Shared<T>(Mutex<T>);

impl<T> Shared<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Shared(Mutex::new(value))
    }

    /// Waits for the lock.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// A condition that threads wait for while they hold a [`Shared`].
#[derive(Debug, Default)]
pub struct Signal(Condvar);

impl Signal {
    /// Lets go of the guard, waits for a notification or the time-out, and takes the lock again.
    pub fn wait<'g, T>(&self, guard: MutexGuard<'g, T>, at_most: std::time::Duration) -> MutexGuard<'g, T> {
        self.0.wait_timeout(guard, at_most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Wakes everybody who waits.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}
