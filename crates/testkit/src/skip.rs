//! Leaving out a test whose surroundings are missing, visibly.

use std::fs;

/// Says on standard error why a test, or a part of it, does nothing here.
#[expect(clippy::print_stderr, reason = "a test that checked nothing must say so")]
pub fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Whether this process is root, as mounting a small file system needs.
#[must_use]
pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}
