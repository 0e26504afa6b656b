//! The client libraries that end-to-end tests use, in the target folder: what pip and npm fetch from the registries that
//! this machine is set up for.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::workspace::{root, run_step, target};

/// Where the programs are that use the libraries, and the lists of what they need.
const PROGRAMS: &str = "tests/libraries";

/// Installs the libraries of the lists, unless it was done before.
///
/// # Errors
///
/// A sentence, when one cannot be fetched: those tests cannot be left out.
pub fn install() -> Result<(), String> {
    install_list("python", "requirements.txt", "bin/python", python_packages)?;
    install_list("node", "package-lock.json", "node_modules", node_packages)
}

/// Installs what a list says into a folder, which then holds `outcome` and a copy of the list.
fn install_list(
    language: &str,
    list: &str,
    outcome: &str,
    install: fn(&Path, &Path) -> Result<(), String>,
) -> Result<(), String> {
    let programs = root().join(PROGRAMS).join(language);
    let folder = target().join("libraries").join(language);
    let wanted = fs::read(programs.join(list)).map_err(|error| format!("{list}: {error}"))?;
    let installed = folder.join("installed");
    if fs::read(&installed).is_ok_and(|there| there == wanted) && folder.join(outcome).exists() {
        return Ok(());
    }
    println!("Installing the libraries of {PROGRAMS}/{language}/{list} into {}.", folder.display());
    let anew = || {
        // What is not there need not be removed.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)
    };
    anew().map_err(|error| format!("{}: {error}", folder.display()))?;
    install(&programs, &folder).map_err(|reason| {
        format!("{reason}\nThe tests of client libraries need what {PROGRAMS}/{language}/{list} names: is a package registry set up and reachable?")
    })?;
    fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))
}

/// A virtual environment with exactly the packages of the list.
fn python_packages(programs: &Path, folder: &Path) -> Result<(), String> {
    run_step(tool("python3", &["-m", "venv"]).arg(folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--disable-pip-version-check"]);
    run_step(pip.arg("--requirement").arg(programs.join("requirements.txt")).stdin(Stdio::null()))
}

/// `node_modules` with exactly the packages of the lock file, none of which runs a program of its own.
fn node_packages(programs: &Path, folder: &Path) -> Result<(), String> {
    for name in ["package.json", "package-lock.json"] {
        fs::copy(programs.join(name), folder.join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
    run_step(tool("npm", &options).current_dir(folder))
}

fn tool(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::null());
    command
}
