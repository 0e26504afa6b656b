//! Tests that checked nothing because something was missing: they say so in a file, for the runner hides what passing
//! tests print.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::target;

/// The variable by which tests find the file.
pub const VARIABLE: &str = "OCHRE_SKIPPED_FILE";

/// Where the file is, empty as yet.
pub fn empty_file() -> PathBuf {
    let path = target().join("skipped-tests.txt");
    // What is not there need not be removed.
    let _ = fs::remove_file(&path);
    path
}

/// What the tests wrote: each reason with the tests that gave it; empty when nothing was left out.
pub fn summary(path: &Path) -> String {
    describe(&fs::read_to_string(path).unwrap_or_default())
}

fn describe(lines: &str) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (test, reason) in lines.lines().filter_map(|line| line.split_once(": ")) {
        by_reason.entry(reason).or_default().push(test);
    }
    let mut text = String::new();
    for (reason, mut tests) in by_reason {
        tests.sort_unstable();
        tests.dedup();
        let _ = writeln!(text, "SKIPPED: {reason}\n    {}", tests.join("\n    "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn tests_by_reason() {
        let lines = "a::b: no redis\nc: needs root: really\na::a: no redis\na::b: no redis\n";
        let expected = "SKIPPED: needs root: really\n    c\nSKIPPED: no redis\n    a::a\n    a::b\n";
        assert_eq!(describe(lines), expected);
        assert_eq!(describe(""), "");
    }
}
