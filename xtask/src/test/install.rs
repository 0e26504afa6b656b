//! What the tests need of Debian's packages: the other vendor's programs to compare with, the languages of client
//! libraries, and what makes networks and calls to the operating system fail.

use std::fs;
use std::process::{Command, Stdio};

use crate::workspace::{find_on_path, run_step};

/// How one sees that a package is there.
enum Sign {
    /// A program on PATH.
    Program(&'static str),
    /// A module of Python.
    Module(&'static str),
}

/// Each sign with the package that has it.
const NEEDED: &[(Sign, &str)] = &[
    (Sign::Program("redis-server"), "redis-server"),
    (Sign::Program("redis-cli"), "redis-tools"),
    (Sign::Program("ip"), "iproute2"),
    (Sign::Program("nft"), "nftables"),
    (Sign::Program("python3"), "python3"),
    (Sign::Module("ensurepip"), "python3-venv"),
    (Sign::Program("node"), "nodejs"),
    (Sign::Program("npm"), "npm"),
    (Sign::Program("strace"), "strace"),
];

impl Sign {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => find_on_path(name).is_some(),
            Self::Module(name) => {
                let quiet = Command::new("python3").args(["-c", &format!("import {name}")]).output();
                quiet.is_ok_and(|output| output.status.success())
            }
        }
    }
}

/// Installs the packages that are not there.
///
/// # Errors
///
/// A sentence that says what to install, when this process may not or cannot.
pub fn missing_packages() -> Result<(), String> {
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(sign, _)| !sign.is_there()).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if find_on_path("apt-get").is_none() || !is_root() {
        return Err(format!(
            "the tests need {packages}: install them (Debian: `sudo apt-get install {packages}`) and run again"
        ));
    }
    println!("Installing {packages}, which the tests need.");
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
