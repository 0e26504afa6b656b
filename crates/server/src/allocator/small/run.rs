//! A run: 32 KiB of blocks of one class, with a header at its start.
#![expect(unsafe_code, reason = "a run is found by the addresses of its blocks")]

use std::ptr::{self, NonNull};

use super::block::{Block, Blocks};
use super::class::{RUN_BYTES, RUN_HEADER_BYTES, blocks_in_run, bytes_of};

/// The header of a run. While it stands on a shelf, or its blocks are all in use, it is the shelf's; afterwards the chunk's.
pub struct Run {
    /// Neighbours on the shelf.
    pub next: *mut Run,
    pub previous: *mut Run,
    /// Whether it stands on the shelf, which all do that have a free block.
    pub is_on_shelf: bool,
    class: u8,
    /// Blocks that are out, in use or in a thread's cache.
    out: u16,
    /// Blocks that have been out at least once: those behind them are untouched memory.
    cut: u16,
    free: Blocks,
}

const _: () = assert!(size_of::<Run>() <= RUN_HEADER_BYTES - super::chunk::CHUNK_HEADER_BYTES);

impl Run {
    /// Makes a run of free memory.
    ///
    /// # Safety
    /// `place` points to [`RUN_BYTES`], aligned to as many, that nobody else uses.
    pub unsafe fn place(place: NonNull<u8>, class: usize) -> NonNull<Run> {
        let run = place.cast::<Run>();
        let neighbour = ptr::null_mut();
        let class = u8::try_from(class).expect("classes are fewer than 256");
        // SAFETY: the memory is the caller's, large enough and aligned.
        unsafe {
            run.write(Run {
                next: neighbour,
                previous: neighbour,
                is_on_shelf: false,
                class,
                out: 0,
                cut: 0,
                free: Blocks::new(),
            });
        }
        run
    }

    /// The run in which a block lies.
    pub fn of(block: NonNull<Block>) -> NonNull<Run> {
        let run = block.as_ptr().map_addr(|address| address & !(RUN_BYTES - 1));
        NonNull::new(run.cast()).expect("no run lies at zero")
    }

    /// Whether all its blocks are back.
    pub fn is_unused(&self) -> bool {
        self.out == 0
    }

    /// Takes a block out.
    pub fn take(&mut self) -> Option<NonNull<Block>> {
        let block = self.free.pop().or_else(|| self.cut_next())?;
        self.out += 1;
        Some(block)
    }

    fn cut_next(&mut self) -> Option<NonNull<Block>> {
        let class = usize::from(self.class);
        let index = usize::from(self.cut);
        if index == blocks_in_run(class) {
            return None;
        }
        self.cut += 1;
        let offset = RUN_HEADER_BYTES + index * bytes_of(class);
        // SAFETY: the header lies at the start of its run, and the block inside it.
        Some(unsafe { NonNull::from(self).cast::<u8>().add(offset) }.cast())
    }

    /// Puts a block back.
    ///
    /// # Safety
    /// The block was taken out of this run and is used by nobody any more.
    pub unsafe fn put_back(&mut self, block: NonNull<Block>) {
        // SAFETY: as the caller promises.
        unsafe { self.free.push(block) };
        self.out -= 1;
    }
}
