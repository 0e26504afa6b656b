//! `cargo xtask fix`: everything that a tool can put right by itself.

use crate::workspace::{cargo, run_step};

/// Formats, applies the linter's suggestions, writes the derived files anew.
///
/// # Errors
///
/// A sentence about the first tool that failed.
pub fn run() -> Result<(), String> {
    run_step(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--fix",
        "--allow-dirty",
        "--allow-staged",
    ]))?;
    run_step(cargo(&["test", "--package=engine", "--lib", "fresh"]).env("OCHRE_UPDATE", "1"))?;
    run_step(&mut cargo(&["fmt", "--all"]))
}
