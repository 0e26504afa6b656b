//! Going into the background.
#![expect(clippy::disallowed_methods, reason = "files of the kernel and of the process, not of data")]
#![expect(unsafe_code, reason = "calls the C library")]

use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

/// Continues in a child without a terminal, whose standard streams lead nowhere; the parent ends with status 0.
///
/// Only while the process has one thread: others would not come along, and their locks would stay taken for ever.
/// With more it is an error, and nothing happens.
pub fn enter() -> io::Result<()> {
    if fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() > 1) {
        return Err(io::Error::other("the process has threads already"));
    }
    // SAFETY: with one thread, the child is a whole copy of the process: no lock is held by somebody left behind.
    match unsafe { libc::fork() } {
        -1 => return Err(io::Error::last_os_error()),
        0 => {}
        // SAFETY: ends the process at once. Not `exit`: what is buffered and registered is the child's.
        _ => unsafe { libc::_exit(0) },
    }
    // SAFETY: takes nothing. It can only fail for a group's leader, which a new child is not.
    unsafe { libc::setsid() };
    silence_standard_streams()
}

fn silence_standard_streams() -> io::Result<()> {
    let nowhere = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    for stream in [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        // SAFETY: replaces descriptors that std never owns as files, by an open one.
        if unsafe { libc::dup2(nowhere.as_raw_fd(), stream) } == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_once_there_are_threads() {
        // The test harness runs this on a thread of its own.
        let error = enter().expect_err("threads");
        assert_eq!(error.to_string(), "the process has threads already");
    }
}
