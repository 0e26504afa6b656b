//! Where the workspace lies, and how its tools are run.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder that holds the workspace.
///
/// # Panics
///
/// Never: this crate lies in a folder of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// The folder that cargo builds into: this program lies in TARGET/PROFILE.
///
/// # Panics
///
/// When this program was moved out of the target folder.
#[must_use]
pub fn target() -> PathBuf {
    let running = env::current_exe().expect("a process knows its program");
    running.ancestors().nth(2).expect("xtask lies in TARGET/PROFILE").to_path_buf()
}

/// A program of the release profile.
#[must_use]
pub fn release_program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// The cargo that started this program, at the root of the workspace, without a terminal to ask at.
#[must_use]
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Builds the server, the client and the load generator as users run them.
///
/// # Errors
///
/// A sentence, when they do not build.
pub fn build_programs() -> Result<(), String> {
    run_step(&mut cargo(&[
        "build",
        "--release",
        "--package=server",
        "--package=ochre-cli",
        "--package=ochre-benchmark",
    ]))
}

/// Says what it runs, runs it and waits for it.
///
/// # Errors
///
/// A sentence, when it cannot be started or fails.
pub fn run_step(command: &mut Command) -> Result<(), String> {
    let line = words(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}")),
        Err(error) => Err(format!("`{line}` cannot be run: {error}")),
    }
}

/// A command as one would type it.
#[must_use]
pub fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let parts = std::iter::once(program).chain(command.get_args());
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Looks a program up on PATH.
#[must_use]
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
