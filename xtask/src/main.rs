//! `cargo xtask test | verify | fix | tidy | bench | fuzz`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool talks to whoever runs it")]

use std::env;
use std::process::ExitCode;

use xtask::arguments::Arguments;
use xtask::{bench, fix, fuzz, test, tidy, verify};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  test [--filter WORD]   Install what the tests need, build, run every test (whose name holds WORD)
  verify                 Formatting, lints, tidy, licences; writes nothing
  fix                    Format, apply what the linter can, write the derived files anew
  tidy                   The rules that no other tool knows, and the sizes
  bench [OPTIONS]        Ochre and another server side by side; `bench --help` tells the options
  fuzz [TARGET] [--seconds N]
                         Coverage-guided fuzzing of a target of fuzz/targets, or of each in turn for a minute
";

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let outcome = match command.as_str() {
        "test" => Arguments::parse(words, &["--filter"], &[]).and_then(|given| test::run(&given)),
        "verify" => Arguments::parse(words, &[], &[]).and_then(|_| verify::run()),
        "fix" => Arguments::parse(words, &[], &[]).and_then(|_| fix::run()),
        "tidy" => Arguments::parse(words, &[], &[]).and_then(|_| tidy::run()),
        "bench" => bench::run(words),
        "fuzz" => fuzz::run(words),
        _ => {
            print!("{USAGE}");
            return ExitCode::from(if matches!(command.as_str(), "help" | "--help" | "-h") { 0 } else { 2 });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}
