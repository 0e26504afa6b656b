//! What kind of machine this is, and settings of its kernel that hurt.
#![expect(clippy::disallowed_methods, reason = "files of the kernel and of the process, not of data")]
#![expect(unsafe_code, reason = "calls the C library")]

use std::fs;
use std::io;
use std::path::Path;
use stdx::logging;

const OVERCOMMIT: &str = "/proc/sys/vm/overcommit_memory";
const HUGE_PAGES: &str = "/sys/kernel/mm/transparent_hugepage/enabled";

/// Kernel, release and machine, as INFO shows them: `Linux 6.1.0 x86_64`.
pub fn os() -> String {
    let read = |name: &str| fs::read_to_string(Path::new("/proc/sys/kernel").join(name)).unwrap_or_default();
    let (kernel, release) = (read("ostype"), read("osrelease"));
    format!("{} {} {}", kernel.trim(), release.trim(), std::env::consts::ARCH)
}

/// Physical memory of the machine in bytes, 0 if the kernel does not say.
pub fn memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    total_memory_kib(&text).unwrap_or(0) * 1024
}

fn total_memory_kib(meminfo: &str) -> Option<u64> {
    let rest = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    rest.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The number that the kernel and the system know a group by, from its name or as text.
pub fn group_number(name: &str) -> Option<u32> {
    let from_file = |text: String| {
        text.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
        })
    };
    fs::read_to_string("/etc/group").ok().and_then(from_file).or_else(|| name.parse().ok())
}

/// Warns in the log of kernel settings that make the server slow or let it fail. `disables_huge_pages` takes the
/// process out of the worst of them.
pub fn check(disables_huge_pages: bool) {
    if fs::read_to_string(OVERCOMMIT).is_ok_and(|text| text.trim() == "2") {
        logging::warning!(
            "WARNING Memory overcommit is switched off: the kernel may refuse memory while there is plenty. To fix \
             this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the command \
             'sysctl vm.overcommit_memory=1' for this to take effect."
        );
    }
    if !fs::read_to_string(HUGE_PAGES).is_ok_and(|text| text.contains("[always]")) {
        return;
    }
    if !(disables_huge_pages && switch_huge_pages(false).is_ok()) {
        logging::warning!(
            "WARNING You have Transparent Huge Pages (THP) support enabled in your kernel. This will create latency \
             and memory usage issues with Ochre. To fix this issue run the command 'echo madvise > {HUGE_PAGES}' as \
             root, and add it to your /etc/rc.local in order to retain the setting after a reboot. Ochre must be \
             restarted after THP is disabled (set to 'madvise' or 'never')."
        );
    }
}

/// Does work that fills much memory at once. Huge pages are left for later: to find room for them the kernel moves other
/// pages about, which can take longer than the work itself.
pub fn without_huge_pages<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: takes integers only.
    let was_off = unsafe { libc::prctl(libc::PR_GET_THP_DISABLE, 0, 0, 0, 0) } == 1;
    let switched = !was_off && switch_huge_pages(false).is_ok();
    let outcome = work();
    if switched && let Err(error) = switch_huge_pages(true) {
        logging::warning!("Huge pages stay off: {error}");
    }
    outcome
}

/// Lets the kernel back this process's memory with huge pages, or keeps it from doing so.
fn switch_huge_pages(on: bool) -> io::Result<()> {
    // SAFETY: takes integers only.
    match unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, libc::c_ulong::from(!on), 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_pages_are_as_before_afterwards() {
        // SAFETY: takes integers only.
        let is_off = || unsafe { libc::prctl(libc::PR_GET_THP_DISABLE, 0, 0, 0, 0) };
        let before = is_off();
        assert_eq!(without_huge_pages(is_off), 1);
        assert_eq!(is_off(), before);
    }

    #[test]
    fn the_machine_says_what_it_is() {
        assert!(os().starts_with("Linux ") && os().ends_with(std::env::consts::ARCH), "{}", os());
        assert!(memory_bytes() > 1 << 24);
        assert_eq!(total_memory_kib("MemTotal:       16318484 kB\nMemFree: 1 kB\n"), Some(16_318_484));
        assert_eq!(total_memory_kib("MemTotal: much"), None);
    }

    #[test]
    fn groups_are_found_by_name_and_number() {
        assert_eq!(group_number("root"), Some(0));
        assert_eq!(group_number("1234567"), Some(1_234_567));
        assert_eq!(group_number("no such group"), None);
    }
}
