//! The shelf of a class: its runs that have free blocks.
#![expect(unsafe_code, reason = "runs are linked through their own memory")]
#![expect(
    clippy::disallowed_types,
    reason = "what lies below everything else allocates nothing and knows no engine"
)]

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::{Block, Blocks};
use super::chunk::Chunks;
use super::run::Run;

/// The runs of one class that have free blocks, behind a lock that also guards the headers of all runs of the class.
pub struct Shelf {
    runs: Mutex<Runs>,
}

struct Runs {
    first: *mut Run,
    census: Census,
}

/// How many runs a class has, on its shelf or not, and how many of their blocks are out: in use or in a thread's cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    pub runs: usize,
    pub blocks_out: usize,
}

// SAFETY: the runs belong to no thread, and only who holds the lock reaches them.
unsafe impl Send for Runs {}

impl Shelf {
    pub const fn new() -> Shelf {
        Shelf { runs: Mutex::new(Runs { first: ptr::null_mut(), census: Census { runs: 0, blocks_out: 0 } }) }
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much there is.
    pub fn census(&self) -> Census {
        self.lock().census
    }

    /// Takes up to `wanted` blocks of `class` into `blocks`, less when memory is at its end.
    pub fn take(&self, chunks: &Chunks, class: usize, wanted: usize, blocks: &mut Blocks) {
        let mut runs = self.lock();
        for _ in 0..wanted {
            let Some(block) = runs.take(chunks, class) else { return };
            // SAFETY: the block has just come out of its run, and every class has at least eight bytes.
            unsafe { blocks.push(block) };
            runs.census.blocks_out += 1;
        }
    }

    /// Puts `count` blocks of `blocks` back into their runs.
    pub fn put_back(&self, chunks: &Chunks, count: usize, blocks: &mut Blocks) {
        let mut runs = self.lock();
        for _ in 0..count {
            let Some(block) = blocks.pop() else { return };
            runs.put_back(chunks, block);
        }
    }
}

impl Runs {
    fn take(&mut self, chunks: &Chunks, class: usize) -> Option<NonNull<Block>> {
        while let Some(mut run) = NonNull::new(self.first) {
            // SAFETY: a run on the shelf is the shelf's.
            if let Some(block) = unsafe { run.as_mut() }.take() {
                return Some(block);
            }
            self.unlink(run);
        }
        let place = chunks.take_run()?;
        // SAFETY: the run's memory is new to everybody.
        let mut run = unsafe { Run::place(place, class) };
        self.link(run);
        self.census.runs += 1;
        // SAFETY: as above.
        unsafe { run.as_mut() }.take()
    }

    fn put_back(&mut self, chunks: &Chunks, block: NonNull<Block>) {
        let run = Run::of(block);
        // SAFETY: the block's run lives as long as a block is out of it, and the lock of its class is held.
        let (is_unused, is_on_shelf) = unsafe {
            let run = &mut *run.as_ptr();
            run.put_back(block);
            (run.is_unused(), run.is_on_shelf)
        };
        self.census.blocks_out -= 1;
        if !is_on_shelf {
            self.link(run);
        }
        if is_unused {
            self.unlink(run);
            self.census.runs -= 1;
            chunks.put_back_run(run.cast());
        }
    }

    fn link(&mut self, mut run: NonNull<Run>) {
        // SAFETY: the run and its neighbour are this shelf's, whose lock is held.
        unsafe {
            let header = run.as_mut();
            header.is_on_shelf = true;
            header.previous = ptr::null_mut();
            header.next = self.first;
            if let Some(next) = self.first.as_mut() {
                next.previous = run.as_ptr();
            }
        }
        self.first = run.as_ptr();
    }

    fn unlink(&mut self, mut run: NonNull<Run>) {
        // SAFETY: as in `link`.
        unsafe {
            let header = run.as_mut();
            header.is_on_shelf = false;
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

#[cfg(test)]
mod tests {
    use super::super::class::{blocks_in_run, bytes_of, class_of};
    use super::*;

    #[test]
    fn runs_come_when_needed_and_go_when_empty() {
        let chunks = Chunks::new();
        let shelf = Shelf::new();
        let class = class_of(1000);
        let in_run = blocks_in_run(class);
        let mut blocks = Blocks::new();
        shelf.take(&chunks, class, in_run * 40, &mut blocks);
        assert_eq!(blocks.count(), in_run * 40);
        assert_eq!((chunks.census().chunks, chunks.census().free_runs), (1, 24));
        assert_eq!(shelf.census(), Census { runs: 40, blocks_out: in_run * 40 });
        shelf.put_back(&chunks, in_run * 40, &mut blocks);
        assert_eq!((chunks.census().chunks, chunks.census().free_runs), (1, 64));
        assert_eq!(shelf.census(), Census::default());
    }

    #[test]
    fn blocks_do_not_overlap() {
        let chunks = Chunks::new();
        for class in [0, 10, 127, 128, 131, super::super::class::COUNT - 1] {
            let shelf = Shelf::new();
            let mut blocks = Blocks::new();
            shelf.take(&chunks, class, blocks_in_run(class) * 2, &mut blocks);
            let mut addresses: Vec<usize> =
                std::iter::from_fn(|| blocks.pop()).map(|block| block.as_ptr().addr()).collect();
            addresses.sort_unstable();
            assert!(addresses.windows(2).all(|pair| pair[1] - pair[0] >= bytes_of(class)), "class {class}");
        }
    }
}
