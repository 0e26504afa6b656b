//! The random comparison with real servers: how long it goes on beyond its first seed, and with which seeds.

use std::ffi::OsString;
use std::process::Command;

/// How long further seeds are tried for each real server, in seconds, both numbers of workers together.
const SECONDS: (&str, &str) = ("OCHRE_DIFFERENTIAL_SECONDS", "180");

/// The first of the further seeds.
const NEXT: &str = "OCHRE_DIFFERENTIAL_NEXT";

/// The variables that tell the tests, where they are not set already. The seeds follow from the commit: every commit
/// tries others, and the same commit the same.
pub fn variables() -> Vec<(&'static str, OsString)> {
    let seed = commit().and_then(|commit| seed_of(&commit)).unwrap_or(2);
    let wanted = [(SECONDS.0, SECONDS.1.to_owned()), (NEXT, seed.to_string())];
    wanted
        .into_iter()
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .map(|(name, value)| (name, value.into()))
        .collect()
}

fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// The number that a commit's first seven digits are.
fn seed_of(commit: &str) -> Option<u64> {
    u64::from_str_radix(commit.get(..7)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::seed_of;

    #[test]
    fn a_commit_is_a_seed() {
        assert_eq!(seed_of("47f3d94c0ffee"), Some(0x47f_3d94));
        assert_eq!((seed_of("fatal: not a repository"), seed_of("")), (None, None));
    }
}
