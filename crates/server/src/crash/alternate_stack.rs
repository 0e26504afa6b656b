//! A stack for signal handlers: a thread that has used up its own can still report.
#![expect(unsafe_code, reason = "calls the C library")]

use libc::c_void;
use std::cell::RefCell;
use std::io;
use std::ptr::{self, NonNull};

/// Enough to find the names of functions, which the few kilobytes that the runtime sets up are not. Memory is only
/// used once a handler needs it.
const BYTES: usize = 1 << 20;

/// The stack of one thread, given back when the thread ends.
struct AlternateStack {
    memory: NonNull<c_void>,
}

thread_local! {
    static OWN: RefCell<Option<AlternateStack>> = const { RefCell::new(None) };
}

/// Gives the calling thread room to report its own crash. Every thread calls it once, at its start.
pub fn protect_thread() -> io::Result<()> {
    let stack = AlternateStack::new()?;
    OWN.with(|own| own.replace(Some(stack)));
    Ok(())
}

impl AlternateStack {
    /// Room that handlers on this thread run in from now on.
    fn new() -> io::Result<AlternateStack> {
        let memory = map()?;
        let stack = libc::stack_t { ss_sp: memory.as_ptr(), ss_flags: 0, ss_size: BYTES };
        // SAFETY: the memory is mapped, as long as said, used by nobody else, and unmapped only when it is no stack any more.
        match unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) } {
            0 => Ok(AlternateStack { memory }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Drop for AlternateStack {
    fn drop(&mut self) {
        let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        // SAFETY: the thread ends, outside of any handler: its handlers no longer run on this memory, which is its own.
        unsafe {
            if libc::sigaltstack(&raw const none, ptr::null_mut()) == 0 {
                libc::munmap(self.memory.as_ptr(), BYTES);
            }
        }
    }
}

fn map() -> io::Result<NonNull<c_void>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: asks for new memory anywhere; touches none that exists.
    let memory = unsafe { libc::mmap(ptr::null_mut(), BYTES, protection, flags, -1, 0) };
    let memory = NonNull::new(memory).filter(|memory| memory.as_ptr() != libc::MAP_FAILED);
    memory.ok_or_else(io::Error::last_os_error)
}

/// Whether a handler on this thread has the room for a whole report.
pub fn is_roomy() -> bool {
    let mut stack = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: the pointer is of a live value; the call does not keep it.
    let result = unsafe { libc::sigaltstack(ptr::null(), &raw mut stack) };
    result == 0 && stack.ss_size >= BYTES
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at real files")]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_room_while_it_lives() {
        let seen = std::thread::spawn(|| {
            let before = is_roomy();
            protect_thread().expect("there is memory");
            (before, is_roomy())
        });
        assert_eq!(seen.join().expect("no panic"), (false, true));
    }

    #[test]
    fn nothing_is_left_of_threads_that_ended() {
        for _ in 0..1000 {
            let thread = std::thread::spawn(|| protect_thread().is_ok());
            assert!(thread.join().expect("no panic"));
        }
        let status = std::fs::read_to_string("/proc/self/status").expect("readable");
        let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("its size is there");
        let kilobytes: u64 = size.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kilobytes < 900 * 1024, "{kilobytes} kB of address space");
    }
}
