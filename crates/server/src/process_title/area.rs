//! The memory that the kernel shows as a process's command line: the arguments it was started with and, behind them,
//! its environment. A title goes over both, as other servers do it; nothing else reaches `ps` without privileges.
#![expect(clippy::disallowed_methods, reason = "a file of the kernel")]
#![expect(unsafe_code, reason = "writes over the memory that holds the arguments")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::ops::Range;
use std::ptr;

/// The memory of the command line, ours to write.
#[derive(Debug)]
pub struct Area {
    start: usize,
    length: usize,
}

impl Area {
    /// Takes the memory over; `None` where the kernel does not show it.
    ///
    /// First thing in a program: the environment is moved elsewhere, which no other thread may look at meanwhile.
    /// From the first [`Area::show`] on, `std::env::args` gives pieces of the title: read the arguments before.
    pub fn claim() -> Option<Area> {
        if fs::read_dir("/proc/self/task").ok()?.count() != 1 {
            return None;
        }
        let (arguments, environment) = ranges(&fs::read_to_string("/proc/self/stat").ok()?)?;
        // What has no proper name cannot be set and is given up.
        let is_proper = |name: &OsString| !name.as_encoded_bytes().contains(&b'=');
        for (name, value) in env::vars_os().filter(|(name, _)| is_proper(name)) {
            // SAFETY: there is one thread. The C library keeps its own copy of both, outside the area.
            unsafe { env::set_var(name, value) };
        }
        let end = if environment.start == arguments.end { environment.end } else { arguments.end };
        let length = end.checked_sub(arguments.start).filter(|&length| length > 1)?;
        Some(Area { start: arguments.start, length })
    }

    /// Shows a title, cut off where the memory ends.
    pub fn show(&mut self, title: &str) {
        let text = title.as_bytes();
        let text = text.get(..self.length - 1).unwrap_or(text);
        let area = ptr::with_exposed_provenance_mut::<u8>(self.start);
        // SAFETY: the kernel put this area on the main thread's stack, writable and for the process's life; the
        // environment was moved away, and nothing in the program reads the arguments again. The rest becomes zero, so
        // that every string in it still ends.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), area, text.len());
            area.add(text.len()).write_bytes(0, self.length - text.len());
        }
    }
}

/// Where the arguments and the environment lie, from the kernel's line about a process. The program's name in it is
/// in parentheses and may hold anything.
fn ranges(stat: &str) -> Option<(Range<usize>, Range<usize>)> {
    /// The field that follows the name is the third; that of the arguments' start the 48th.
    const ARGUMENTS_START: usize = 48 - 3;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(ARGUMENTS_START);
    let mut next = || fields.next()?.parse::<usize>().ok().filter(|&address| address != 0);
    Some((next()?..next()?, next()?..next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_line_is_read_behind_any_name() {
        let numbers = (4..=47).map(|_| "1").collect::<Vec<_>>().join(" ");
        let line = format!("7 (a) b) R {numbers} 1000 1100 1100 1500 0\n");
        assert_eq!(ranges(&line), Some((1000..1100, 1100..1500)));
        assert_eq!(ranges("7 (a) R 1 2 3"), None);
        assert_eq!(ranges(&line.replace("1500", "0")), None);
        assert!(ranges(&fs::read_to_string("/proc/self/stat").expect("readable")).is_some());
    }

    #[test]
    fn a_process_with_threads_has_no_title() {
        // The test harness runs this on a thread of its own.
        assert!(Area::claim().is_none());
    }
}
