//! What the kernel tells of a process.

use std::fs;

/// The kernel counts processor time in hundredths of a second, whatever its own clock.
const TICK_US: f64 = 10_000.0;

/// User and system time of a process in microseconds, 0 if it is gone.
pub fn cpu_us(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ticks(&stat) as f64 * TICK_US
}

/// Fields 14 and 15. The second field, the name in parentheses, may hold blanks.
fn ticks(stat: &str) -> u64 {
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = behind_name.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The time that the living threads of a process have run, in microseconds: the scheduler counts it in nanoseconds, where the
/// ticks of [`cpu_us`] miss what is shorter than they are.
pub fn running_us(pid: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let ran_ns = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    ran_ns.sum::<f64>() / 1000.0
}

/// Resident memory of a process in bytes, 0 if it is gone.
pub fn rss_bytes(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    kib(&status, "VmRSS:") * 1024.0
}

/// Memory of a process and its children in bytes: a page that several hold counts once.
pub fn family_bytes(pid: u32) -> f64 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    let proportional = |pid: u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        kib(&rollup, "Pss:") * 1024.0
    };
    children.chain([pid]).map(proportional).sum()
}

/// The number of a line such as `VmRSS:   1234 kB`.
fn kib(text: &str, name: &str) -> f64 {
    let number =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 500 0 0 0 17 5 0 0 20 0 1 0 100 1000 200";
        assert_eq!(ticks(stat), 22);
        assert_eq!(kib("Rss: 7 kB\nPss:      12 kB\n", "Pss:"), 12.0);
        assert!(rss_bytes(std::process::id()) > 0.0 && family_bytes(std::process::id()) > 0.0);
    }
}
