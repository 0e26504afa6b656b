//! How many tests passed and failed, from what `cargo test` prints.

use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;

/// The outcome of any number of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u64,
    /// How many failed, or could not be run.
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Display for Tally {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads the lines of one `cargo test`.
#[derive(Debug, Default)]
pub struct Counter {
    tally: Tally,
    /// A test program was started and has not told its outcome yet.
    is_open: bool,
    /// Its tests that have ended so far: all that is known of it when it crashes.
    so_far: Tally,
}

impl Counter {
    /// Takes the next line.
    pub fn take(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            self.tally.passed += count_before(result, " passed");
            self.tally.failed += count_before(result, " failed");
            self.is_open = false;
        } else if line.starts_with("test ") {
            self.so_far.passed += u64::from(line.ends_with(" ... ok"));
            self.so_far.failed += u64::from(line.ends_with(" ... FAILED"));
        } else if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            self.close(true);
            self.is_open = true;
            self.so_far = Tally::default();
        } else if line.starts_with("error: test failed") || line.starts_with("error: doctest failed") {
            self.close(false);
        }
    }

    /// A program that told no counts is one test, beside those that ended: it has a `main` of its own, or it crashed.
    fn close(&mut self, succeeded: bool) {
        if self.is_open {
            self.is_open = false;
            self.tally += Tally { passed: u64::from(succeeded), failed: u64::from(!succeeded) };
            self.tally += self.so_far;
        }
    }

    /// The counts, when cargo ended. A failure that no test accounts for, as of the build, counts as one.
    #[must_use]
    pub fn finish(mut self, succeeded: bool) -> Tally {
        self.close(succeeded);
        if !succeeded && self.tally.failed == 0 {
            self.tally.failed = 1;
        }
        self.tally
    }
}

/// The number before `word`, as in `12 passed`.
fn count_before(text: &str, word: &str) -> u64 {
    let number = text.find(word).and_then(|end| text[..end].rsplit(' ').next());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(output: &str, succeeded: bool) -> Tally {
        let mut counter = Counter::default();
        output.lines().for_each(|line| counter.take(line));
        counter.finish(succeeded)
    }

    #[test]
    fn sums_over_programs() {
        let output = "     Running unittests src/lib.rs (target/debug/deps/a)\n\
            test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            error: test failed, to rerun pass `-p a --lib`\n   Doc-tests a\n\
            test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(tally(output, false), Tally { passed: 16, failed: 3 });
    }

    #[test]
    fn a_program_without_counts_is_one_test() {
        let running = "     Running tests/process.rs (target/debug/deps/process)\n";
        assert_eq!(tally(running, true), Tally { passed: 1, failed: 0 });
        let crashed = format!("{running}error: test failed, to rerun pass `-p a`\n{running}   Doc-tests a\n");
        assert_eq!(tally(&crashed, false), Tally { passed: 1, failed: 2 });
    }

    #[test]
    fn tests_before_a_crash_count() {
        let output = "     Running main.rs (target/debug/deps/main)\ntest a::b ... ok\ntest c ... FAILED\n\
            test d ... ok\ntest e has been running for over 60 seconds\nerror: test failed, to rerun pass `-p a`\n";
        assert_eq!(tally(output, false), Tally { passed: 2, failed: 2 });
    }

    #[test]
    fn a_failed_build_is_a_failure() {
        assert_eq!(tally("error: could not compile `a`", false), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally { passed: 1, failed: 0 }.to_string(), "1 passed, 0 failed");
    }
}
