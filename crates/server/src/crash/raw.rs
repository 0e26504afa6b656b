//! Output that a signal handler may make: no lock, no allocation, system calls only.
#![expect(unsafe_code, reason = "calls the C library")]

use crate::logging;
use std::fmt::{self, Write};

const LINE_BYTES: usize = 512;

/// Text of a limited length on the stack; what is too much is left away.
struct Line {
    bytes: [u8; LINE_BYTES],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (byte, place) in text.bytes().zip(self.bytes.iter_mut().skip(self.length)) {
            *place = byte;
            self.length += 1;
        }
        Ok(())
    }
}

/// Writes a short text to the log as it is.
pub fn print(text: fmt::Arguments<'_>) {
    let mut line = Line { bytes: [0; LINE_BYTES], length: 0 };
    // What does not fit is left away; it never fails.
    let _ = line.write_fmt(text);
    write(line.bytes.get(..line.length).unwrap_or_default());
}

/// Writes a line to the log in the form that signals' lines have.
pub fn print_line(text: fmt::Arguments<'_>) {
    // SAFETY: these take nothing, or a pointer that may be null; a signal handler may call them.
    let (pid, seconds) = unsafe { (libc::getpid(), libc::time(std::ptr::null_mut())) };
    print(format_args!("{pid}:signal-handler ({seconds}) {text}\n"));
}

/// Writes bytes to the log, all of them if it takes them.
pub fn write(mut bytes: &[u8]) {
    let descriptor = logging::last_descriptor();
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are of a live slice; a signal handler may call this.
        let written = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
        let Ok(written @ 1..) = usize::try_from(written) else { return };
        bytes = bytes.get(written..).unwrap_or_default();
    }
}

/// The number of the calling thread.
pub fn thread() -> i32 {
    // SAFETY: takes nothing; a signal handler may call it.
    unsafe { libc::gettid() }
}

/// Waits for another thread to end the process.
pub fn wait_for_the_end() -> ! {
    loop {
        // SAFETY: takes nothing; a signal handler may call it.
        unsafe { libc::pause() };
    }
}

/// Ends the process in the way the signal does by itself: with a core dump, if those are wanted.
pub fn die(signal: i32) -> ! {
    // It is known to be a signal. Should it not kill, `abort` does.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    // SAFETY: takes nothing.
    unsafe { libc::abort() }
}
