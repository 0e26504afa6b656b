//! `cargo xtask verify`: every check that is not a test. It writes nothing but the target folder.

use crate::tidy;
use crate::workspace::{cargo, run_step};

mod licences;

/// The fuzzer's programs are a workspace of their own.
const FUZZ: &str = "--manifest-path=fuzz/Cargo.toml";

/// A check: what it found, as a sentence.
type Check = fn() -> Result<(), String>;

/// Runs all checks, also after one failed, and says which did.
///
/// # Errors
///
/// A sentence that names the checks that failed.
pub fn run() -> Result<(), String> {
    let checks: [(&str, Check); 4] =
        [("formatting", formatting), ("lints", lints), ("tidy", tidy::run), ("licences", licences::run)];
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(reason) = check() {
            eprintln!("{name}: {reason}");
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("verified: {}", checks.map(|(name, _)| name).join(", "));
        Ok(())
    } else {
        Err(format!("not in order: {}", failed.join(", ")))
    }
}

fn formatting() -> Result<(), String> {
    run_step(&mut cargo(&["fmt", "--all", "--check"]))?;
    run_step(&mut cargo(&["fmt", FUZZ, "--check"]))
}

fn lints() -> Result<(), String> {
    run_step(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}
