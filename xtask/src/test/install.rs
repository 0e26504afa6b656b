//! The other vendor's programs that tests compare with, from Debian's packages.

use std::fs;
use std::process::{Command, Stdio};

use crate::workspace::{find_on_path, run_step};

/// The programs, each with the package that has it.
const NEEDED: &[(&str, &str)] = &[("redis-server", "redis-server"), ("redis-cli", "redis-tools")];

/// Installs the packages whose program is not on PATH.
///
/// # Errors
///
/// A sentence that says what to install, when this process may not or cannot.
pub fn missing_peers() -> Result<(), String> {
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(program, _)| find_on_path(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if find_on_path("apt-get").is_none() || !is_root() {
        return Err(format!(
            "the tests need {packages}: install them (Debian: `sudo apt-get install {packages}`) and run again"
        ));
    }
    println!("Installing {packages}, which the tests compare with.");
    run_step(&mut apt_get(&["update"]))?;
    let options = ["install", "--yes", "--no-install-recommends"];
    run_step(apt_get(&options).args(missing))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

/// Whether this process may install packages.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    ids.is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}
