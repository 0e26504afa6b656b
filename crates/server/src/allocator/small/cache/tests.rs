//! Threads that allocate, free for each other and end.
#![expect(unsafe_code, reason = "blocks are taken and freed by hand")]

use super::super::class::{LARGEST_BYTES, class_of};
use super::*;
use std::sync::mpsc;

/// A block whose first and last bytes are marked.
struct Marked {
    block: NonNull<u8>,
    bytes: usize,
    mark: u8,
}

// SAFETY: the block is owned, and may be freed by any thread.
unsafe impl Send for Marked {}

impl Marked {
    fn new(bytes: usize, mark: u8) -> Marked {
        let block = NonNull::new(allocate(class_of(bytes))).expect("there is memory");
        // SAFETY: the block has so many bytes.
        unsafe {
            block.write_bytes(mark, bytes);
        }
        Marked { block, bytes, mark }
    }

    fn check_and_free(self) {
        // SAFETY: the block has so many bytes, written in `new`, and is freed once.
        unsafe {
            let bytes = std::slice::from_raw_parts(self.block.as_ptr(), self.bytes);
            assert!(bytes.iter().all(|&byte| byte == self.mark), "a block of {} was shared", self.bytes);
            free(self.block, class_of(self.bytes));
        }
    }
}

#[test]
fn blocks_are_kept_apart_and_may_be_freed_by_any_thread() {
    let (sender, receiver) = mpsc::channel();
    let makers: Vec<_> = (1..=3_u8)
        .map(|mark| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for round in 0..20_000_usize {
                    let bytes = (round * 7919 + usize::from(mark) * 131) % LARGEST_BYTES + 1;
                    let made = Marked::new(bytes, mark);
                    if round % 3 == 0 {
                        made.check_and_free();
                    } else {
                        sender.send(made).expect("the receiver lives");
                    }
                }
            })
        })
        .collect();
    drop(sender);
    let mut held = Vec::new();
    for marked in receiver {
        held.push(marked);
        if held.len() == 3_000 {
            held.drain(..).for_each(Marked::check_and_free);
        }
    }
    held.into_iter().for_each(Marked::check_and_free);
    makers.into_iter().for_each(|maker| maker.join().expect("no block was shared"));
}

#[test]
fn a_balance_outlives_its_thread() {
    let class = class_of(1_200);
    let blocks: [usize; 1_000] = std::thread::spawn(move || {
        let before = thread_balance();
        let mut blocks = [0_usize; 1_000];
        blocks.iter_mut().for_each(|block| *block = allocate(class).expose_provenance());
        assert_eq!(thread_balance() - before, 1_000 * bytes_of(class) as i64);
        blocks
    })
    .join()
    .expect("it allocates");
    assert!(balance_of_all() >= 1_000 * bytes_of(class) as i64);
    let before = thread_balance();
    for block in blocks {
        let block = NonNull::new(ptr::with_exposed_provenance_mut(block)).expect("a block");
        // SAFETY: allocated above for this class, and freed once.
        unsafe { free(block, class) };
    }
    assert_eq!(before - thread_balance(), 1_000 * bytes_of(class) as i64);
}
