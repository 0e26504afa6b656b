//! `ochre-check-aof`: checks append-only files, cuts what a crash left at their end, or what was written too late.

use super::{Console, shown};
use file::{Check, Outcome, Place};
use kind::{Kind, kind_of};
use log::manifest::{FileEntry, Manifest, ManifestError};
use log::scan::Position;
use net::listener::os_text;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

mod cut;
mod file;
mod kind;
mod walk;

const USAGE: &str =
    "Usage: ochre-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>";

/// What to do beside looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Nothing.
    Look,
    /// Cut a damaged end off, after asking.
    Fix,
    /// Cut off what was written after this second since 1970.
    CutAfter(u64),
}

/// Why checking ends.
#[derive(Debug)]
enum Stop {
    /// The files are not in order, or not to be read; has been said.
    Told,
    /// The console is gone.
    Console(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Console(error)
    }
}

/// Checks the files that `arguments` name. The error is that of the console.
pub fn run(arguments: &[OsString], console: &mut Console<'_>) -> io::Result<ExitCode> {
    if let Some(code) = console.version("ochre-check-aof", arguments)? {
        return Ok(code);
    }
    match check(arguments, console) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Stop::Told) => Ok(ExitCode::FAILURE),
        Err(Stop::Console(error)) => Err(error),
    }
}

fn check(arguments: &[OsString], console: &mut Console<'_>) -> Result<(), Stop> {
    let (purpose, path) = match arguments {
        [path] => (Purpose::Look, path),
        [option, path] if option == "--fix" => (Purpose::Fix, path),
        [option, seconds, path] if option == "--truncate-to-timestamp" => {
            let Some(seconds) = seconds.to_str().and_then(|text| text.parse().ok()) else {
                return fail(console, "Invalid timestamp, aborting...");
            };
            (Purpose::CutAfter(seconds), path)
        }
        _ => return fail(console, USAGE),
    };
    let path = Path::new(path);
    match kind_of(path) {
        Ok(Kind::Manifest) => check_manifest(path, purpose, console),
        Ok(Kind::Rdb | Kind::Commands) => check_single(path, purpose, console),
        Err(error) => fail(console, &error.to_string()),
    }
}

fn fail<T>(console: &mut Console<'_>, text: &str) -> Result<T, Stop> {
    writeln!(console.out, "{text}")?;
    Err(Stop::Told)
}

/// A single file, as Redis 6 and older kept it, or one of several looked at alone.
fn check_single(path: &Path, purpose: Purpose, console: &mut Console<'_>) -> Result<(), Stop> {
    writeln!(console.out, "Start checking Old-Style AOF")?;
    let name = path.to_string_lossy();
    let place = Place { path, name: &name, title: "", is_last: true };
    Check { place, purpose, before: None }.run(console).map(|_| ())
}

/// All files that the manifest at `path` names.
fn check_manifest(path: &Path, purpose: Purpose, console: &mut Console<'_>) -> Result<(), Stop> {
    writeln!(console.out, "Start checking Multi Part AOF")?;
    let manifest = match kind::read_manifest(path) {
        Ok(Ok(manifest)) => manifest,
        Ok(Err(refused)) => return refuse_manifest(&refused, console),
        Err(error) => {
            return fail(console, &format!("Cannot read file {}: {}", path.display(), os_text(&error)));
        }
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    check_base(folder, &manifest, purpose, console)?;
    if !manifest.increments.is_empty() {
        writeln!(console.out, "Start to check INCR files.")?;
    }
    let mut before: Option<Position> = None;
    for (index, entry) in manifest.increments.iter().enumerate() {
        let is_last = index + 1 == manifest.increments.len();
        if let Outcome::Read { position } =
            check_part(folder, entry, "INCR ", is_last, purpose, before, console)?
        {
            before = position;
        }
    }
    Ok(writeln!(console.out, "All AOF files and manifest are valid")?)
}

fn check_base(
    folder: &Path,
    manifest: &Manifest,
    purpose: Purpose,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let Some(base) = &manifest.base else { return Ok(()) };
    let format = match kind_of(&folder.join(&base.name)) {
        Ok(Kind::Rdb) => "RDB",
        Ok(Kind::Commands | Kind::Manifest) => "RESP",
        Err(error) => return fail(console, &error.to_string()),
    };
    writeln!(console.out, "Start to check BASE AOF ({format} format).")?;
    check_part(folder, base, "BASE ", manifest.increments.is_empty(), purpose, None, console).map(|_| ())
}

fn check_part(
    folder: &Path,
    entry: &FileEntry,
    title: &str,
    is_last: bool,
    purpose: Purpose,
    before: Option<Position>,
    console: &mut Console<'_>,
) -> Result<Outcome, Stop> {
    let path = folder.join(&entry.name);
    let place = Place { path: &path, name: &entry.name, title, is_last };
    Check { place, purpose, before }.run(console)
}

fn refuse_manifest(refused: &ManifestError, console: &mut Console<'_>) -> Result<(), Stop> {
    writeln!(console.out, "*** FATAL AOF MANIFEST FILE ERROR ***")?;
    if refused.line > 0 {
        writeln!(console.out, "Reading the manifest file, at line {}", refused.line)?;
        writeln!(console.out, ">>> '{}'", shown(refused.text.as_bytes()))?;
    }
    fail(console, &refused.reason.to_string())
}

#[cfg(test)]
mod tests;
