//! One `cargo test`: its output passed on line by line, and counted.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};

use super::tally::{Counter, Tally};
use crate::workspace::{cargo, words};

/// Runs the tests of some packages, with all that fail, and counts them. Without `threads`, as many run at once as there
/// are cores.
///
/// # Errors
///
/// A sentence, when cargo cannot be started.
pub fn cargo_test(
    packages: &[&str],
    threads: Option<usize>,
    filter: Option<&str>,
    variables: &[(&str, OsString)],
) -> Result<Tally, String> {
    let mut command = cargo(&["test", "--no-fail-fast"]);
    command.args(packages).args(filter).envs(variables.iter().map(|(name, value)| (name, value)));
    if let Some(threads) = threads {
        command.env("RUST_TEST_THREADS", threads.to_string());
    }
    println!("$ {}", words(&command));
    // One pipe for both streams keeps their lines in order: the counter must see which program a line belongs to.
    let tally = (|| {
        let (reader, writer) = io::pipe()?;
        let mut child = command.stdout(writer.try_clone()?).stderr(writer).spawn()?;
        drop(command);
        let counter = pass_on(BufReader::new(reader))?;
        Ok(counter.finish(child.wait()?.success()))
    })();
    tally.map_err(|error: io::Error| format!("cargo test cannot be run: {error}"))
}

fn pass_on(mut lines: impl BufRead) -> io::Result<Counter> {
    let mut counter = Counter::default();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        counter.take(&String::from_utf8_lossy(&line));
        line.clear();
    }
    io::stdout().flush()?;
    Ok(counter)
}
