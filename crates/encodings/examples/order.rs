//! Measures the ordered encodings: bytes and nanoseconds per element of orders of scores.
//!
//! `cargo run --release -p encodings --example order -- [elements ...]`, a million unless told.
#![allow(unsafe_code)]
#![allow(clippy::print_stdout)]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_int;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use encodings::ordered::ScoreOrder;
use tikv_jemalloc_sys::{mallocx, nallocx, rallocx, sdallocx};

/// jemalloc with its 8-byte classes, counting the bytes of the classes handed out.
struct Counting;

static USED_BYTES: AtomicUsize = AtomicUsize::new(0);

fn flags(layout: Layout) -> c_int {
    if layout.align() > 8 { layout.align().trailing_zeros() as c_int } else { 0 }
}

fn count(added: usize, removed: usize) {
    // One thread allocates: no read-modify-write is needed, which would cost as much as the allocation.
    USED_BYTES.store(USED_BYTES.load(Relaxed).wrapping_add(added).wrapping_sub(removed), Relaxed);
}

// SAFETY: jemalloc's own functions, with the alignment passed on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller gives a size that is not zero.
        unsafe {
            count(nallocx(layout.size(), flags(layout)), 0);
            mallocx(layout.size(), flags(layout)).cast()
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer comes from `alloc` with this layout.
        unsafe {
            count(0, nallocx(layout.size(), flags(layout)));
            sdallocx(pointer.cast(), layout.size(), flags(layout));
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the pointer comes from `alloc` with this layout; the size is not zero.
        unsafe {
            count(nallocx(size, flags(layout)), nallocx(layout.size(), flags(layout)));
            rallocx(pointer.cast(), size, flags(layout)).cast()
        }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Nanoseconds each, in this thread's own time: a shared machine takes the processor away for milliseconds.
fn nanoseconds_each<T>(items: &[T], mut operation: impl FnMut(&T)) -> f64 {
    let start = thread_time();
    items.iter().for_each(&mut operation);
    (thread_time() - start).as_nanos() as f64 / items.len().max(1) as f64
}

fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

type Elements = Vec<(f64, [u8; 16])>;

fn member(number: usize) -> [u8; 16] {
    let mut text = *b"member:000000000";
    let mut rest = number;
    for digit in text[7..].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    text
}

fn measure<const LEAF_BYTES: usize, const FAN: usize>(name: &str, elements: &Elements) {
    let before = USED_BYTES.load(Relaxed);
    let mut order = ScoreOrder::<LEAF_BYTES, FAN>::default();
    let insert = nanoseconds_each(elements, |(score, member)| assert!(order.insert(*score, member)));
    let per_element = (USED_BYTES.load(Relaxed) - before) as f64 / elements.len() as f64;
    let told = order.allocated_bytes() as f64 / elements.len() as f64;
    let rank = nanoseconds_each(elements, |(score, member)| {
        black_box(order.rank(*score, member).expect("it is there"));
    });
    let ranks: Vec<usize> =
        (0..elements.len()).map(|n| n.wrapping_mul(0x9e37_79b1) % elements.len()).collect();
    let at = nanoseconds_each(&ranks, |rank| assert!(order.at(*rank).is_some()));
    let walk = nanoseconds_each(&[()], |()| {
        black_box(order.ascending(0).map(|(score, _)| score).sum::<f64>());
    });
    let back = nanoseconds_each(&[()], |()| {
        black_box(order.descending(order.len() - 1).map(|(score, _)| score).sum::<f64>());
    });
    let each = elements.len() as f64;
    println!(
        "{name} {LEAF_BYTES} x {FAN}: {per_element:.1} bytes (told {told:.1}), insert {insert:.0} ns, rank {rank:.0}, at \
         {at:.0}, walk {:.1}, back {:.1}",
        walk / each,
        back / each
    );
    shared_and_removed(order, elements);
}

fn shared_and_removed<const LEAF_BYTES: usize, const FAN: usize>(
    mut order: ScoreOrder<LEAF_BYTES, FAN>,
    elements: &Elements,
) {
    let packed = order.ascending(0).map(|(score, member)| (score, member.to_vec())).collect::<Vec<_>>();
    let before = USED_BYTES.load(Relaxed);
    let bulk = nanoseconds_each(&[()], |()| {
        let order = ScoreOrder::<LEAF_BYTES, FAN>::from_sorted(packed.iter().map(|(s, m)| (*s, m)));
        let used = USED_BYTES.load(Relaxed) - before;
        println!("    packed in bulk: {:.1} bytes", used as f64 / elements.len() as f64);
    });
    let clone = order.clone();
    let before = USED_BYTES.load(Relaxed);
    let few = &elements[..elements.len().min(1_000)];
    let shared = nanoseconds_each(few, |(score, member)| assert!(order.remove(*score, member)));
    let copied = (USED_BYTES.load(Relaxed) - before) / few.len();
    drop(clone);
    let rest = &elements[few.len()..];
    let remove = nanoseconds_each(rest, |(score, member)| assert!(order.remove(*score, member)));
    println!(
        "    in {:.0} ns; removal {remove:.0} ns, of the first thousand beside a clone {shared:.0} ns and {copied} bytes each",
        bulk / elements.len() as f64
    );
}

fn measure_orders(count: usize) {
    println!("--- {count} elements with members of 16 bytes");
    let mut random = fastrand::Rng::with_seed(1);
    let by_score: Elements = (0..count).map(|number| (random.f64() * 1e9, member(number))).collect();
    measure::<1_024, 32>("random scores", &by_score);
    measure::<1_536, 32>("random scores", &by_score);
    measure::<1_536, 64>("random scores", &by_score);
    measure::<2_048, 32>("random scores", &by_score);
    let mut numbers: Vec<usize> = (0..count).collect();
    random.shuffle(&mut numbers);
    let equal: Elements = numbers.iter().map(|number| (0.0, member(*number))).collect();
    measure::<1_536, 32>("equal scores", &equal);
    let ascending: Elements = (0..count).map(|number| (number as f64, member(number))).collect();
    measure::<1_536, 32>("ascending", &ascending);
    let descending: Elements = ascending.into_iter().rev().collect();
    measure::<1_536, 32>("descending", &descending);
}

fn main() {
    let counts: Vec<usize> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    for count in if counts.is_empty() { vec![1_000_000] } else { counts } {
        measure_orders(count);
    }
}
