//! What the process has used: processor time and memory, by the kernel's account.
#![expect(clippy::disallowed_methods, reason = "files of the kernel and of the process, not of data")]
#![expect(unsafe_code, reason = "calls the C library")]

use std::ffi::c_int;
use std::fs;
use std::sync::OnceLock;

/// Processor time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTime {
    /// In the kernel.
    pub system_us: u64,
    /// In the program.
    pub user_us: u64,
}

/// Memory of the process in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// In physical memory.
    pub resident_bytes: u64,
    /// Data and stacks, in physical memory or not.
    pub data_bytes: u64,
}

/// Time of all threads.
pub fn process_cpu() -> CpuTime {
    cpu_time(libc::RUSAGE_SELF)
}

/// Time of children that have ended and were waited for.
pub fn children_cpu() -> CpuTime {
    cpu_time(libc::RUSAGE_CHILDREN)
}

/// Time of the calling thread.
pub fn thread_cpu() -> CpuTime {
    cpu_time(libc::RUSAGE_THREAD)
}

fn cpu_time(of: c_int) -> CpuTime {
    // SAFETY: `rusage` is made of integers, for all of which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is of a live value; the call does not keep it.
    if unsafe { libc::getrusage(of, &raw mut usage) } != 0 {
        return CpuTime::default();
    }
    CpuTime { system_us: microseconds(usage.ru_stime), user_us: microseconds(usage.ru_utime) }
}

fn microseconds(time: libc::timeval) -> u64 {
    let part = |value: i64| u64::try_from(value).unwrap_or(0);
    part(time.tv_sec) * 1_000_000 + part(time.tv_usec)
}

/// Memory of the process; zeroes if the kernel does not say.
pub fn pages() -> Pages {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let mut pages = text.split_ascii_whitespace().map(|field| field.parse::<u64>().unwrap_or(0));
    let resident = pages.nth(1).unwrap_or(0);
    let data = pages.nth(3).unwrap_or(0);
    Pages { resident_bytes: resident * page_bytes(), data_bytes: data * page_bytes() }
}

fn page_bytes() -> u64 {
    static BYTES: OnceLock<u64> = OnceLock::new();
    *BYTES.get_or_init(|| {
        // SAFETY: takes an integer only.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        u64::try_from(bytes).unwrap_or(4096)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_uses_processor_time() {
        let before = thread_cpu();
        let mut sum = 0_u64;
        while thread_cpu() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let thread = thread_cpu();
        let process = process_cpu();
        // The kernel rounds the two apart.
        assert!(process.user_us + process.system_us + 1000 >= thread.user_us + thread.system_us);
        assert_eq!(children_cpu(), children_cpu());
    }

    #[test]
    fn memory_is_more_than_a_page() {
        let Pages { resident_bytes, data_bytes } = pages();
        assert!(resident_bytes > page_bytes() && data_bytes > page_bytes());
        assert!(resident_bytes.is_multiple_of(page_bytes()));
    }
}
