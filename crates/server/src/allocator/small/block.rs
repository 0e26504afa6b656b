//! A free block, and lists of them: each holds the address of the next in its first bytes.
#![expect(unsafe_code, reason = "free blocks are linked through their own memory")]

use std::ptr::{self, NonNull};

/// A free block: its first word links it to the next one.
pub struct Block {
    next: *mut Block,
}

/// A list of free blocks, the last one put in first.
pub struct Blocks {
    head: *mut Block,
    count: usize,
}

// SAFETY: the list owns its blocks, which belong to no thread.
unsafe impl Send for Blocks {}

impl Blocks {
    pub const fn new() -> Blocks {
        Blocks { head: ptr::null_mut(), count: 0 }
    }

    #[inline(always)]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Puts a block in.
    ///
    /// # Safety
    /// `block` points to at least eight bytes, aligned to eight, which from now on belong to the list.
    #[inline(always)]
    pub unsafe fn push(&mut self, block: NonNull<Block>) {
        // SAFETY: the caller gives the block's memory away.
        unsafe { block.write(Block { next: self.head }) };
        self.head = block.as_ptr();
        self.count += 1;
    }

    /// Takes a block out; its memory is the caller's.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<NonNull<Block>> {
        let block = NonNull::new(self.head)?;
        // SAFETY: a block in the list is the list's and was linked by `push`.
        self.head = unsafe { block.as_ref() }.next;
        self.count -= 1;
        Some(block)
    }
}
