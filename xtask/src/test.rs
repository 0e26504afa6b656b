//! `cargo xtask test`: installs what the tests need, builds the programs, runs every test, counts.

use std::ffi::OsString;
use std::num::NonZero;
use std::thread;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::workspace::{build_programs, release_program};

mod differential;
mod install;
mod libraries;
mod runner;
mod skipped;
mod tally;

use runner::cargo_test;

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
    let began = Instant::now();
    install::missing_packages()?;
    libraries::install()?;
    build_programs()?;
    let built = Instant::now();
    let mut variables: Vec<(&str, OsString)> = PROGRAMS
        .iter()
        .filter(|(variable, _)| std::env::var_os(variable).is_none())
        .map(|(variable, program)| (*variable, release_program(program).into()))
        .collect();
    let [skipped, remarks] = [skipped::FILE, skipped::REMARKS_FILE].map(skipped::empty_file);
    variables.push((skipped::VARIABLE, skipped.clone().into()));
    variables.push((skipped::REMARKS_VARIABLE, remarks.clone().into()));
    variables.extend(differential::variable());
    let filter = arguments.value("--filter");
    let mut total = cargo_test(&["--workspace", "--exclude=tests"], None, filter, &variables)?;
    let units_done = Instant::now();
    total += cargo_test(&["--package=tests"], Some(end_to_end_threads()), filter, &variables)?;
    let times = [built - began, units_done - built, units_done.elapsed()].map(|time| time.as_secs());
    println!(
        "programs built in {} s, tests of crates {} s, end-to-end tests {} s",
        times[0], times[1], times[2]
    );
    print!("{}", skipped::remarks(&remarks));
    print!("{}", skipped::summary(&skipped));
    println!("{total}");
    if total.failed == 0 { Ok(()) } else { Err("not every test passed".to_owned()) }
}

/// End-to-end tests mostly wait for their servers: twice as many as cores keep the cores busy.
fn end_to_end_threads() -> usize {
    2 * thread::available_parallelism().map_or(1, NonZero::get)
}
