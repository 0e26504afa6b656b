//! Chunks: 2 MiB from jemalloc, cut into runs.
#![expect(unsafe_code, reason = "a chunk keeps its own books in the header of its first run")]
#![expect(
    clippy::disallowed_types,
    reason = "what lies below everything else allocates nothing and knows no engine"
)]

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tikv_jemalloc_sys::{MALLOCX_ALIGN, mallocx, sdallocx};

use super::class::{RUN_BYTES, RUN_HEADER_BYTES};

/// Bytes of a chunk: a huge page.
pub const CHUNK_BYTES: usize = 2 << 20;
/// What the header of a chunk takes of that of its first run.
pub const CHUNK_HEADER_BYTES: usize = 32;

const RUNS: usize = CHUNK_BYTES / RUN_BYTES;
const ALL_FREE: u64 = u64::MAX;
const PAGE_BYTES: usize = 4096;
/// So many free runs keep their memory, for whoever comes next. Of others the kernel gets it back at once.
const KEPT_RUNS: usize = 8;

const _: () = assert!(RUNS == u64::BITS as usize && size_of::<Chunk>() <= CHUNK_HEADER_BYTES);

/// The header of a chunk, which lies at the end of its first run's.
struct Chunk {
    next: *mut Chunk,
    previous: *mut Chunk,
    /// A bit for each run that nobody uses.
    free: u64,
    /// A bit for each of those whose memory the kernel was given back.
    returned: u64,
}

/// How many chunks there are, runs in them that nobody uses, and those of them whose memory the kernel has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Census {
    pub chunks: usize,
    pub free_runs: usize,
    pub returned_runs: usize,
}

thread_local! {
    static BALANCE: Cell<i64> = const { Cell::new(0) };
}

/// Bytes of chunks that the calling thread has taken and not given back.
pub fn thread_balance() -> i64 {
    BALANCE.get()
}

/// All chunks; those with free runs can be found.
pub struct Chunks {
    state: Mutex<State>,
}

struct State {
    first: *mut Chunk,
    census: Census,
}

// SAFETY: the chunks belong to no thread, and only who holds the lock reaches them.
unsafe impl Send for State {}

impl Chunks {
    pub const fn new() -> Chunks {
        let census = Census { chunks: 0, free_runs: 0, returned_runs: 0 };
        Chunks { state: Mutex::new(State { first: ptr::null_mut(), census }) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much there is.
    pub fn census(&self) -> Census {
        self.lock().census
    }

    /// Memory for a run, aligned to its size; none when memory is at its end.
    pub fn take_run(&self) -> Option<NonNull<u8>> {
        let mut state = self.lock();
        let mut chunk = NonNull::new(state.first).or_else(|| state.add())?;
        // SAFETY: a chunk of the list is this state's.
        let header = unsafe { chunk.as_mut() };
        let resident = header.free & !header.returned;
        let index = if resident == 0 { header.free } else { resident }.trailing_zeros();
        let was_returned = header.returned >> index & 1;
        header.free &= !(1 << index);
        header.returned &= !(1 << index);
        if header.free == 0 {
            state.unlink(chunk);
        }
        state.census.free_runs -= 1;
        state.census.returned_runs -= was_returned as usize;
        Some(run_at(chunk, index as usize))
    }

    /// Takes back the memory of a run that `take_run` gave and nobody uses any more.
    pub fn put_back_run(&self, run: NonNull<u8>) {
        let mut state = self.lock();
        let (mut chunk, index) = chunk_of(run);
        // SAFETY: the run's chunk lives, and the lock is held.
        let header = unsafe { chunk.as_mut() };
        let was_listed = header.free != 0;
        header.free |= 1 << index;
        let is_all_free = header.free == ALL_FREE;
        state.census.free_runs += 1;
        if !was_listed {
            state.link(chunk);
        }
        // One empty chunk stays, for whoever comes next.
        if is_all_free && state.census.free_runs > RUNS {
            state.remove(chunk);
        } else if state.census.free_runs - state.census.returned_runs > KEPT_RUNS {
            state.give_back(chunk, 1 << index);
        }
    }

    /// Gives the memory of free runs back to the kernel; it reads as zeros when it is used again.
    pub fn purge(&self) {
        let mut state = self.lock();
        let mut next = NonNull::new(state.first);
        while let Some(chunk) = next {
            // SAFETY: a chunk of the list is this state's, whose lock is held.
            let header = unsafe { chunk.as_ref() };
            next = NonNull::new(header.next);
            state.give_back(chunk, header.free & !header.returned);
        }
    }
}

impl State {
    fn add(&mut self) -> Option<NonNull<Chunk>> {
        // SAFETY: the size is not zero, and the alignment a power of two.
        let start = NonNull::new(unsafe { mallocx(CHUNK_BYTES, MALLOCX_ALIGN(CHUNK_BYTES)) })?.cast::<u8>();
        let chunk = header_in(start);
        // SAFETY: the header lies in the chunk, which is new to everybody.
        unsafe {
            chunk.write(Chunk {
                next: ptr::null_mut(),
                previous: ptr::null_mut(),
                free: ALL_FREE,
                returned: 0,
            });
        };
        BALANCE.set(BALANCE.get() + CHUNK_BYTES as i64);
        self.census.chunks += 1;
        self.census.free_runs += RUNS;
        self.link(chunk);
        Some(chunk)
    }

    /// Gives the memory of some free runs of a chunk, a bit for each, back to the kernel.
    fn give_back(&mut self, mut chunk: NonNull<Chunk>, runs: u64) {
        (0..RUNS).filter(|index| runs >> index & 1 == 1).for_each(|index| release(chunk, index));
        self.census.returned_runs += runs.count_ones() as usize;
        // SAFETY: the chunk is this state's, whose lock is held.
        unsafe { chunk.as_mut() }.returned |= runs;
    }

    fn remove(&mut self, chunk: NonNull<Chunk>) {
        self.unlink(chunk);
        // SAFETY: as in `give_back`.
        self.census.returned_runs -= unsafe { chunk.as_ref() }.returned.count_ones() as usize;
        BALANCE.set(BALANCE.get() - CHUNK_BYTES as i64);
        self.census.chunks -= 1;
        self.census.free_runs -= RUNS;
        // SAFETY: allocated in `add` with this size and alignment; nobody uses any of its runs.
        unsafe { sdallocx(run_at(chunk, 0).as_ptr().cast(), CHUNK_BYTES, MALLOCX_ALIGN(CHUNK_BYTES)) };
    }

    fn link(&mut self, mut chunk: NonNull<Chunk>) {
        // SAFETY: the chunk and its neighbour are this state's, whose lock is held.
        unsafe {
            let header = chunk.as_mut();
            header.previous = ptr::null_mut();
            header.next = self.first;
            if let Some(next) = self.first.as_mut() {
                next.previous = chunk.as_ptr();
            }
        }
        self.first = chunk.as_ptr();
    }

    fn unlink(&mut self, chunk: NonNull<Chunk>) {
        // SAFETY: as in `link`.
        unsafe {
            let header = chunk.as_ref();
            match header.previous.as_mut() {
                Some(previous) => previous.next = header.next,
                None => self.first = header.next,
            }
            if let Some(next) = header.next.as_mut() {
                next.previous = header.previous;
            }
        }
    }
}

fn header_in(start: NonNull<u8>) -> NonNull<Chunk> {
    // SAFETY: a chunk is larger than its first run's header.
    unsafe { start.add(RUN_HEADER_BYTES - CHUNK_HEADER_BYTES) }.cast()
}

fn run_at(chunk: NonNull<Chunk>, index: usize) -> NonNull<u8> {
    let start = chunk.as_ptr().map_addr(|address| address & !(CHUNK_BYTES - 1)).cast::<u8>();
    // SAFETY: every run lies in its chunk.
    NonNull::new(unsafe { start.add(index * RUN_BYTES) }).expect("no chunk lies at zero")
}

fn chunk_of(run: NonNull<u8>) -> (NonNull<Chunk>, usize) {
    let start = run.as_ptr().map_addr(|address| address & !(CHUNK_BYTES - 1));
    let index = (run.as_ptr().addr() & (CHUNK_BYTES - 1)) / RUN_BYTES;
    (header_in(NonNull::new(start).expect("no chunk lies at zero")), index)
}

/// The first run's first page stays: the chunk's header lies there.
fn release(chunk: NonNull<Chunk>, index: usize) {
    let kept = if index == 0 { PAGE_BYTES } else { 0 };
    // SAFETY: the pages lie in a run that nobody uses; losing their contents harms nobody.
    unsafe {
        let start = run_at(chunk, index).as_ptr().add(kept);
        libc::madvise(start.cast(), RUN_BYTES - kept, libc::MADV_DONTNEED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_chunk_are_aligned_and_apart() {
        let chunks = Chunks::new();
        let mut runs: Vec<NonNull<u8>> = (0..RUNS + 1).filter_map(|_| chunks.take_run()).collect();
        runs.sort();
        runs.dedup();
        assert_eq!(runs.len(), RUNS + 1);
        assert!(runs.iter().all(|run| run.as_ptr().addr().is_multiple_of(RUN_BYTES)));
        assert_eq!(figures(&chunks), (2, RUNS - 1, 0));
        chunks.purge();
        assert_eq!(figures(&chunks), (2, RUNS - 1, RUNS - 1));
        runs.into_iter().for_each(|run| chunks.put_back_run(run));
        assert_eq!(figures(&chunks).0, 1);
        chunks.purge();
        assert_eq!(figures(&chunks), (1, RUNS, RUNS));
        assert!(chunks.take_run().is_some());
        assert_eq!(figures(&chunks), (1, RUNS - 1, RUNS - 1));
    }

    #[test]
    fn some_free_runs_keep_their_memory() {
        let chunks = Chunks::new();
        let runs: Vec<NonNull<u8>> = (0..RUNS).filter_map(|_| chunks.take_run()).collect();
        runs.into_iter().skip(1).for_each(|run| chunks.put_back_run(run));
        assert_eq!(figures(&chunks), (1, RUNS - 1, RUNS - 1 - KEPT_RUNS));
        // Those are taken first.
        assert!((0..KEPT_RUNS).all(|_| chunks.take_run().is_some()));
        assert_eq!(figures(&chunks), (1, RUNS - 1 - KEPT_RUNS, RUNS - 1 - KEPT_RUNS));
    }

    fn figures(chunks: &Chunks) -> (usize, usize, usize) {
        let census = chunks.census();
        (census.chunks, census.free_runs, census.returned_runs)
    }
}
