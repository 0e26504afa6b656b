//! What passing tests have to say, in files, for the runner hides what they print: that they checked nothing because
//! something was missing, or how much they checked.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::target;

/// The variable by which tests find the file for what they left out.
pub const VARIABLE: &str = "OCHRE_SKIPPED_FILE";
/// The variable by which tests find the file for what else they note.
pub const REMARKS_VARIABLE: &str = "OCHRE_REMARKS_FILE";
/// The file for what was left out.
pub const FILE: &str = "skipped-tests.txt";
/// The file for other notes.
pub const REMARKS_FILE: &str = "remarks-of-tests.txt";

/// Where a file is, empty as yet.
pub fn empty_file(name: &str) -> PathBuf {
    let path = target().join(name);
    // What is not there need not be removed.
    let _ = fs::remove_file(&path);
    path
}

/// What the tests noted, a line each.
pub fn remarks(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
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
