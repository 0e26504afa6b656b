//! Blocks of up to 1248 bytes in size classes of 8 bytes: `docs/decisions/0010-size-classes.md` says why not jemalloc's.
//!
//! A *chunk* of 2 MiB comes from jemalloc and is cut into *runs* of 32 KiB, each aligned to its size and cut into blocks of
//! one class. So a block's address tells its run, and nothing is kept beside the block. Every class has a *shelf* of the
//! runs with free blocks, behind a lock; every thread has a *cache* of free blocks, which takes from the shelf and gives
//! back to it many at a time. It does not matter which thread frees a block.

mod block;
mod cache;
mod chunk;
mod class;
mod run;
mod shelf;

pub use cache::{allocate, flush_some, free, thread_balance};
pub use class::{LARGEST_BYTES, class_of};

use std::fmt::Write as _;

use chunk::Chunks;
use shelf::Shelf;

/// All chunks of the process.
static CHUNKS: Chunks = Chunks::new();
/// One shelf for each class.
static SHELVES: [Shelf; class::COUNT] = [const { Shelf::new() }; class::COUNT];

/// Bytes of blocks in use, by all threads that are and were.
pub fn used_bytes() -> u64 {
    u64::try_from(cache::balance_of_all()).unwrap_or(0)
}

/// Bytes that are taken from jemalloc for chunks, and how many of them lie in runs that hold no block.
pub fn held_bytes() -> (u64, u64) {
    let census = CHUNKS.census();
    let bytes = |count: usize, size: usize| (count * size) as u64;
    (bytes(census.chunks, chunk::CHUNK_BYTES), bytes(census.free_runs, class::RUN_BYTES))
}

/// Bytes of chunks that the calling thread has taken from jemalloc, less those that it gave back: not blocks in use.
pub fn chunk_balance() -> i64 {
    chunk::thread_balance()
}

/// What there is of chunks, runs and blocks, as text for people.
pub fn report() -> String {
    let census = CHUNKS.census();
    let mut text = format!(
        "___ Small blocks ___\nchunks of 2 MiB: {}; free runs: {}, given back to the kernel: {}\n",
        census.chunks, census.free_runs, census.returned_runs
    );
    text.push_str("  size      runs  blocks in use or cached  of\n");
    for (class, shelf) in SHELVES.iter().enumerate() {
        let census = shelf.census();
        if census.runs > 0 {
            let blocks = census.runs * class::blocks_in_run(class);
            let _ = writeln!(
                text,
                "{:6} {:9} {:24} {blocks}",
                class::bytes_of(class),
                census.runs,
                census.blocks_out
            );
        }
    }
    text
}

/// Gives the memory of runs that hold no block back to the kernel.
pub fn purge() {
    cache::flush();
    CHUNKS.purge();
}
