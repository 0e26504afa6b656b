//! A stack for signal handlers: a thread that has used up its own can still report.
#![expect(unsafe_code, reason = "calls the C library")]

use std::io;
use std::ptr;

/// Enough to find the names of functions, which the few kilobytes that the runtime sets up are not. Memory is only
/// used once a handler needs it.
const BYTES: usize = 1 << 20;

/// Gives the calling thread room to report its own crash. Each thread that lives long calls it once at its start.
pub fn protect_thread() -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: asks for new memory anywhere; touches none that exists.
    let memory = unsafe { libc::mmap(ptr::null_mut(), BYTES, protection, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: BYTES };
    // SAFETY: the memory is mapped, as long as said, used by nobody else, and never unmapped.
    match unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether a handler on this thread has the room for a whole report.
pub fn is_roomy() -> bool {
    let mut stack = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: the pointer is of a live value; the call does not keep it.
    let result = unsafe { libc::sigaltstack(ptr::null(), &raw mut stack) };
    result == 0 && stack.ss_size >= BYTES
}
