//! A thread's cache: free blocks of every class, and the balance of what the thread has allocated and freed.
#![expect(unsafe_code, reason = "an allocator gives memory out as addresses")]
#![expect(
    clippy::disallowed_types,
    reason = "what lies below everything else allocates nothing and knows no engine"
)]

use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::{Block, Blocks};
use super::class::{COUNT, bytes_of};
use super::{CHUNKS, SHELVES};

/// How many bytes move between a cache and a shelf at a time, within these limits of blocks.
const BATCH_BYTES: usize = 8 << 10;
const SMALLEST_BATCH: usize = 4;
const LARGEST_BATCH: usize = 64;
/// After so many calls of [`flush_some`] it was every class's turn.
const FLUSHES_TO_ALL: usize = 16;

const fn batch(class: usize) -> usize {
    let blocks = BATCH_BYTES / bytes_of(class);
    if blocks < SMALLEST_BATCH {
        SMALLEST_BATCH
    } else if blocks > LARGEST_BATCH {
        LARGEST_BATCH
    } else {
        blocks
    }
}

/// The free blocks of one class. Its limit is zero until the thread is known, so that the first block finds that out.
struct Pocket {
    blocks: Blocks,
    limit: usize,
}

struct ThreadCache {
    pockets: [Pocket; COUNT],
}

/// What other threads read of a thread: its balance. They are linked in [`THREADS`].
struct Account {
    balance: AtomicI64,
    next: Cell<*const Account>,
    previous: Cell<*const Account>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    /// The thread's end has begun: nothing is kept any more.
    Over,
}

/// The accounts of all threads, and what those that ended have left.
struct Threads {
    first: *const Account,
    departed: i64,
}

// SAFETY: an account stays where it is until its thread has taken it out under the lock.
unsafe impl Send for Threads {}

static THREADS: Mutex<Threads> = Mutex::new(Threads { first: ptr::null(), departed: 0 });

fn threads() -> MutexGuard<'static, Threads> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static CACHE: UnsafeCell<ThreadCache> = const {
        UnsafeCell::new(ThreadCache {
            pockets: [const { Pocket { blocks: Blocks::new(), limit: 0 } }; COUNT],
        })
    };
    static ACCOUNT: Account = const {
        Account { balance: AtomicI64::new(0), next: Cell::new(ptr::null()), previous: Cell::new(ptr::null()) }
    };
    static STAGE: Cell<Stage> = const { Cell::new(Stage::New) };
    static FAREWELL: Farewell = const { Farewell };
}

/// Its drop is the thread's end.
struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        STAGE.set(Stage::Over);
        set_limits(|_| 0);
        flush();
        ACCOUNT.with(Account::close);
    }
}

impl Account {
    #[inline(always)]
    fn add(&self, bytes: i64) {
        self.balance.store(self.balance.load(Ordering::Relaxed).wrapping_add(bytes), Ordering::Relaxed);
    }

    fn open(&self) {
        let mut threads = threads();
        self.next.set(threads.first);
        // SAFETY: accounts in the list live, and their links are touched under the lock only.
        if let Some(next) = unsafe { threads.first.as_ref() } {
            next.previous.set(self);
        }
        threads.first = self;
    }

    fn close(&self) {
        let mut threads = threads();
        threads.departed += self.balance.swap(0, Ordering::Relaxed);
        let (previous, next) = (self.previous.replace(ptr::null()), self.next.replace(ptr::null()));
        // SAFETY: as in `open`.
        unsafe {
            match previous.as_ref() {
                Some(previous) => previous.next.set(next),
                None => threads.first = next,
            }
            if let Some(next) = next.as_ref() {
                next.previous.set(previous);
            }
        }
    }
}

/// Bytes of small blocks that are in use now.
pub fn balance_of_all() -> i64 {
    let threads = threads();
    let mut sum = threads.departed;
    let mut next = threads.first;
    // SAFETY: accounts in the list live while the lock is held.
    while let Some(account) = unsafe { next.as_ref() } {
        sum += account.balance.load(Ordering::Relaxed);
        next = account.next.get();
    }
    sum
}

/// Bytes that the calling thread has allocated and not freed, less what it freed for others.
pub fn thread_balance() -> i64 {
    ACCOUNT.with(|account| account.balance.load(Ordering::Relaxed))
}

/// A block of `class`, or null when memory is at its end.
#[inline(always)]
pub fn allocate(class: usize) -> *mut u8 {
    CACHE.with(|cache| {
        // SAFETY: only this thread reaches its cache, and nothing below calls back into it while it is borrowed.
        let pocket = unsafe { &mut (&mut *cache.get()).pockets[class] };
        match pocket.blocks.pop() {
            Some(block) => {
                count(bytes_of(class) as i64);
                block.as_ptr().cast()
            }
            None => allocate_from_shelf(class),
        }
    })
}

/// Takes back a block of `class`.
///
/// # Safety
/// `allocate` has given the block for this class, and it is freed once.
#[inline(always)]
pub unsafe fn free(block: NonNull<u8>, class: usize) {
    CACHE.with(|cache| {
        // SAFETY: as in `allocate`.
        let pocket = unsafe { &mut (&mut *cache.get()).pockets[class] };
        // SAFETY: the block is free from now on, and every class has at least eight bytes, aligned to eight.
        unsafe { pocket.blocks.push(block.cast::<Block>()) };
        count(-(bytes_of(class) as i64));
        if pocket.blocks.count() > pocket.limit {
            put_back_some(class);
        }
    });
}

#[inline(always)]
fn count(bytes: i64) {
    ACCOUNT.with(|account| account.add(bytes));
}

#[cold]
#[inline(never)]
fn allocate_from_shelf(class: usize) -> *mut u8 {
    let wanted = if is_running() { batch(class) } else { 1 };
    let mut blocks = Blocks::new();
    SHELVES[class].take(&CHUNKS, class, wanted, &mut blocks);
    let Some(block) = blocks.pop() else { return ptr::null_mut() };
    with_pocket(class, |pocket| std::mem::swap(&mut pocket.blocks, &mut blocks));
    // Where the thread became known meanwhile, its pocket may have been filled: what it held goes back.
    let left_over = blocks.count();
    SHELVES[class].put_back(&CHUNKS, left_over, &mut blocks);
    count(bytes_of(class) as i64);
    settle_if_over();
    block.as_ptr().cast()
}

/// Puts half of a pocket back, or all of it when the thread is at its end.
#[cold]
#[inline(never)]
fn put_back_some(class: usize) {
    let is_running = is_running();
    with_pocket(class, |pocket| {
        if pocket.blocks.count() > pocket.limit {
            let count = if is_running { batch(class) } else { pocket.blocks.count() };
            SHELVES[class].put_back(&CHUNKS, count, &mut pocket.blocks);
        }
    });
    settle_if_over();
}

/// Puts all blocks of the calling thread's cache back.
pub fn flush() {
    (0..COUNT).for_each(flush_pocket);
}

/// Puts the blocks of some classes back, of others at the next call: what the thread goes on to use comes back in a few
/// batches, and what it no longer uses keeps no runs from becoming free.
pub fn flush_some() {
    thread_local! {
        static NEXT: Cell<usize> = const { Cell::new(0) };
    }
    for _ in 0..COUNT.div_ceil(FLUSHES_TO_ALL) {
        flush_pocket(NEXT.get());
        NEXT.set((NEXT.get() + 1) % COUNT);
    }
}

fn flush_pocket(class: usize) {
    with_pocket(class, |pocket| SHELVES[class].put_back(&CHUNKS, pocket.blocks.count(), &mut pocket.blocks));
}

fn with_pocket<R>(class: usize, body: impl FnOnce(&mut Pocket) -> R) -> R {
    // SAFETY: only this thread reaches its cache; shelves and chunks never allocate through it.
    CACHE.with(|cache| body(unsafe { &mut (&mut *cache.get()).pockets[class] }))
}

fn set_limits(limit: impl Fn(usize) -> usize) {
    (0..COUNT).for_each(|class| with_pocket(class, |pocket| pocket.limit = limit(class)));
}

/// Books what a thread at its end still allocates and frees: nobody reads its account any more.
fn settle_if_over() {
    if STAGE.get() == Stage::Over {
        let balance = ACCOUNT.with(|account| account.balance.swap(0, Ordering::Relaxed));
        threads().departed += balance;
    }
}

/// Whether the thread may keep blocks; makes it known at its first call.
fn is_running() -> bool {
    if STAGE.get() == Stage::New {
        STAGE.set(Stage::Running);
        ACCOUNT.with(Account::open);
        set_limits(|class| 2 * batch(class));
        // The first access lets the thread's end be noticed.
        if FAREWELL.try_with(|_| ()).is_err() {
            STAGE.set(Stage::Over);
        }
    }
    STAGE.get() == Stage::Running
}

#[cfg(test)]
mod tests;
