//! Leaving out a test whose surroundings are missing, visibly.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::thread;

/// Says on standard error why a test, or a part of it, does nothing here. Test runners hide what passing tests print:
/// the reason also goes to the file named by OCHRE_SKIPPED_FILE, whose lines `cargo xtask test` shows at its end.
#[expect(clippy::print_stderr, reason = "a test that checked nothing must say so")]
pub fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
    append("OCHRE_SKIPPED_FILE", why);
}

/// Adds a line to the file that a variable names, if it does.
fn append(variable: &str, text: &str) {
    if let Some(path) = env::var_os(variable) {
        let file = OpenOptions::new().create(true).append(true).open(path);
        // The runner names each test's thread after the test.
        let test = thread::current().name().unwrap_or("a test").to_owned();
        // Not being able to write it must not fail the test.
        let _ = file.and_then(|mut file| file.write_all(format!("{test}: {text}\n").as_bytes()));
    }
}

/// Notes something about a test that passed, which the runner would hide: a line of the file named by
/// OCHRE_REMARKS_FILE, which `cargo xtask test` shows at its end.
pub fn remark(text: &str) {
    append("OCHRE_REMARKS_FILE", text);
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
