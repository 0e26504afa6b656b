//! `cargo xtask test`: installs what the tests need, builds the programs, runs every test, counts.

use crate::arguments::Arguments;
use crate::workspace::{build_programs, release_program};

mod install;
mod runner;
mod tally;

use runner::cargo_test;
use tally::Tally;

/// The variables by which tests find the programs, each with its program.
const PROGRAMS: &[(&str, &str)] = &[
    ("OCHRE_SERVER", "ochre-server"),
    ("OCHRE_CLI", "ochre-cli"),
    ("OCHRE_TEST_CLI", "ochre-cli"),
    ("OCHRE_BENCHMARK", "ochre-benchmark"),
];

/// Runs all tests, or those whose name holds the word of `--filter`.
///
/// # Errors
///
/// A sentence, when a test failed or could not be run.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    install::missing_peers()?;
    build_programs()?;
    let programs: Vec<_> = PROGRAMS
        .iter()
        .filter(|(variable, _)| std::env::var_os(variable).is_none())
        .map(|(variable, program)| (*variable, release_program(program)))
        .collect();
    let filter = arguments.value("--filter");
    let mut total = Tally::default();
    total += cargo_test(&["--workspace", "--exclude=tests"], filter, &programs)?;
    total += cargo_test(&["--package=tests"], filter, &programs)?;
    println!("{total}");
    if total.failed == 0 { Ok(()) } else { Err("not every test passed".to_owned()) }
}
