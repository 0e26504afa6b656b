//! `cargo xtask fuzz`: runs coverage-guided fuzzing on the functions that the tests run on mutations.
//!
//! LLVM's fuzzer needs counters in the code, which the stable compiler can put there: what `cargo fuzz` does, without
//! having to install it. No sanitizer: `unsafe` is what Miri and the tests of `keyspace` look after.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Arguments;
use crate::workspace::{cargo, root, run_step, target};

/// Puts the counters in, and sets what the crates' fuzz functions are compiled under.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// How long each target runs unless it is said.
const SECONDS: u64 = 60;

/// Runs the target that is named, or each in turn.
///
/// # Errors
///
/// A sentence, when a target found something or could not be run.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let mut words: Vec<String> = words.collect();
    let named = words.first().is_some_and(|word| !word.starts_with("--")).then(|| words.remove(0));
    let arguments = Arguments::parse(words.into_iter(), &["--seconds"], &[])?;
    let seconds = arguments.number("--seconds")?.unwrap_or(SECONDS);
    let known = targets()?;
    if let Some(name) = named.as_ref().filter(|name| !known.contains(name)) {
        return Err(format!("no target {name}; there are: {}", known.join(", ")));
    }
    let host = host()?;
    build(&host)?;
    let chosen: Vec<String> = named.map_or(known, |name| vec![name]);
    let failed: Vec<String> =
        chosen.into_iter().filter(|name| run_step(&mut fuzzer(name, &host, seconds)).is_err()).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "found something: {}. Mend it, and keep the input in fuzz/corpus/TARGET under a name that says what it is",
            failed.join(", ")
        )),
    }
}

/// The targets, by the files that hold them.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| stem(entry.path())).collect();
    names.sort();
    Ok(names)
}

/// The machine's own target: naming it keeps the counters out of build scripts.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not say its host".to_owned())
}

/// Where the fuzzer's builds and findings lie.
fn folder() -> PathBuf {
    target().join("fuzz")
}

fn build(host: &str) -> Result<(), String> {
    let folder = folder();
    let target_folder = folder.to_string_lossy();
    let words = [
        "build",
        "--release",
        "--manifest-path=fuzz/Cargo.toml",
        "--target",
        host,
        "--target-dir",
        &target_folder,
    ];
    run_step(cargo(&words).env("RUSTFLAGS", FLAGS.join(" ")))
}

/// The fuzzer of a target. It begins with the kept inputs and what earlier runs have learnt.
fn fuzzer(name: &str, host: &str, seconds: u64) -> Command {
    let folder = folder();
    let learnt = folder.join("corpus").join(name);
    let findings = folder.join("findings");
    for made in [&learnt, &findings] {
        // If it cannot be made, the fuzzer says so.
        let _ = fs::create_dir_all(made);
    }
    let mut command = Command::new(folder.join(host).join("release").join(name));
    command.current_dir(root());
    command.args([learnt.as_path(), Path::new("fuzz/corpus").join(name).as_path()]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/{name}-", findings.display()));
    // A short input that takes ten seconds, or two gigabytes, is a finding too.
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_inputs_to_begin_with_and_a_program() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("there");
        let names = targets().expect("there");
        assert!(!names.is_empty());
        for name in names {
            let corpus = root().join("fuzz/corpus").join(&name);
            assert!(fs::read_dir(&corpus).expect("a folder of inputs").next().is_some(), "{name}");
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }

    #[test]
    fn an_unknown_target_is_refused() {
        let words = ["nothing".to_owned()].into_iter();
        assert!(run(words).expect_err("unknown").starts_with("no target nothing; there are: "));
    }
}
