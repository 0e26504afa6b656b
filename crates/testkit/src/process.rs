//! What the kernel says of a process: CPU time, memory, threads; and signals to it.

use std::fs;
use std::process::Command;
use std::time::Duration;

/// Clock ticks a second in /proc; fixed on Linux.
const TICKS_PER_SECOND: u64 = 100;

/// User and system time that a process has used so far, in steps of 10 ms.
#[must_use]
pub fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold anything: count the fields from its end. User time is field 14 of the line.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// Bytes of a process that are in memory now.
#[must_use]
pub fn resident_bytes(pid: u32) -> u64 {
    status_kib(pid, "VmRSS:") * 1024
}

/// The most bytes of a process that were in memory at once, since its start or [`reset_peak_resident`].
#[must_use]
pub fn peak_resident_bytes(pid: u32) -> u64 {
    status_kib(pid, "VmHWM:") * 1024
}

/// Starts the peak of [`peak_resident_bytes`] anew. Returns false where the kernel refuses.
pub fn reset_peak_resident(pid: u32) -> bool {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

/// How many threads a process has.
#[must_use]
pub fn thread_count(pid: u32) -> u64 {
    status_kib(pid, "Threads:")
}

/// Sends a signal by its name without `SIG`, such as `TERM`. Returns false if the process is gone.
pub fn signal(pid: u32, name: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("kill -{name} {pid} 2>/dev/null")])
        .status()
        .is_ok_and(|status| status.success())
}

/// The number in a line of /proc/PID/status.
fn status_kib(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_figures() {
        let pid = std::process::id();
        assert!(resident_bytes(pid) > 0);
        assert!(peak_resident_bytes(pid) >= resident_bytes(pid) / 2);
        assert!(thread_count(pid) >= 1);
        let before = cpu_time(pid);
        crate::wait_until("CPU time passes", || cpu_time(pid) > before);
    }

    #[test]
    fn knows_when_nobody_is_there() {
        assert!(!signal(4_000_000_000, "0"));
        assert_eq!(resident_bytes(4_000_000_000), 0);
    }
}
