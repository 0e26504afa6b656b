//! `ochre-check-rdb`: walks over an RDB file and says what is in it, or where it is damaged.

use super::{Console, shown};
use net::listener::os_text;
use rdb::check::{Damage, DatabaseReport, Landmark, Report, check};
use rdb::decoder::{DecoderOptions, Stage};
use rdb::error::Reason;
use rdb::format::type_name;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "Usage: ochre-check-rdb <rdb-file-name>";

/// Checks the file that `arguments` name. The error is that of the console.
pub fn run(arguments: &[OsString], console: &mut Console<'_>) -> io::Result<ExitCode> {
    if let Some(code) = console.version("ochre-check-rdb", arguments)? {
        return Ok(code);
    }
    let [path] = arguments else {
        writeln!(console.out, "{USAGE}")?;
        return Ok(ExitCode::FAILURE);
    };
    let end = check_file(Path::new(path), console.out)?;
    Ok(if end.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says what is in the file at `path`. Where the RDB ends, if it is whole: there may be more behind it.
pub fn check_file(path: &Path, out: &mut dyn Write) -> io::Result<Option<u64>> {
    writeln!(out, "[offset 0] Checking RDB file {}", path.display())?;
    match File::open(path) {
        Ok(file) => describe(&walk(file), out),
        Err(error) => {
            writeln!(out, "Cannot open file {}: {}", path.display(), os_text(&error))?;
            Ok(None)
        }
    }
}

fn walk(reader: impl Read) -> Report {
    // As long as they come: the file's own server may have had a larger proto-max-bulk-len.
    let options = DecoderOptions { string_len_max: u64::MAX, ..DecoderOptions::default() };
    check(reader, options, stdx::clock::wall_ms())
}

fn describe(report: &Report, out: &mut dyn Write) -> io::Result<Option<u64>> {
    for (offset, landmark) in &report.landmarks {
        match landmark {
            Landmark::Fact { name, value } => {
                writeln!(out, "[offset {offset}] AUX FIELD {} = '{}'", shown(name), shown(value))?;
            }
            Landmark::Database(number) => writeln!(out, "[offset {offset}] Selecting DB ID {number}")?,
        }
    }
    let offset = report.offset;
    if let Some(damage) = &report.damage {
        describe_damage(offset, damage, out)?;
    } else {
        let checksum = match report.has_checksum {
            true => "Checksum OK",
            false => "RDB file was saved with checksum disabled: no check performed.",
        };
        writeln!(out, "[offset {offset}] {checksum}\n[offset {offset}] \\o/ RDB looks OK! \\o/")?;
    }
    describe_contents(report, out)?;
    Ok(report.damage.is_none().then_some(offset))
}

fn describe_damage(offset: u64, damage: &Damage, out: &mut dyn Write) -> io::Result<()> {
    let error = &damage.error;
    let text = match &error.reason {
        Reason::WrongMagic => "Wrong signature trying to load DB from file".to_owned(),
        Reason::VersionNotSupported { header } => {
            let digits = header.iter().skip_while(|byte| !byte.is_ascii_digit()).copied().collect::<Vec<_>>();
            let version = String::from_utf8_lossy(&digits).into_owned();
            format!("Can't handle RDB format version {}", version.trim_start_matches('0'))
        }
        Reason::Truncated => "Unexpected EOF reading RDB file".to_owned(),
        Reason::UnknownOpcode(code) => format!("Invalid object type: {code}"),
        Reason::WrongChecksum { .. } => "RDB CRC error".to_owned(),
        Reason::Io(error) => format!("Reading the RDB file failed: {}", os_text(error)),
        reason => reason.to_string(),
    };
    writeln!(out, "--- RDB ERROR DETECTED ---\n[offset {offset}] {text}")?;
    writeln!(out, "[additional info] While doing: {}", occupation(damage.stage))?;
    let key = shown(&damage.last_key);
    match damage.stage {
        Stage::Value(_) => writeln!(out, "[additional info] Reading key '{key}'")?,
        _ if key.is_empty() => {}
        _ => writeln!(out, "[additional info] After key '{key}'")?,
    }
    if let Stage::Key(code) | Stage::Value(code) = damage.stage
        && let Some(name) = type_name(code)
    {
        writeln!(out, "[additional info] Reading type {code} ({})", name.trim_start_matches("a "))?;
    }
    writeln!(
        out,
        "[additional info] In database {}, at byte {}: {}",
        damage.database, error.offset, error.reason
    )
}

/// What a decoder does there, in Redis's words.
fn occupation(stage: Stage) -> &'static str {
    match stage {
        Stage::Header => "start",
        Stage::Opcode => "read-type",
        Stage::Attribute => "read-expire",
        Stage::Key(_) => "read-key",
        Stage::Value(_) => "read-object-value",
        Stage::Aux => "read-aux",
        Stage::Number => "read-len",
        Stage::Foreign => "read-module-aux",
        Stage::Function => "read-function",
        Stage::Checksum => "check-sum",
    }
}

fn describe_contents(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sum = |count: fn(&DatabaseReport) -> u64| report.databases.values().map(count).sum::<u64>();
    writeln!(out, "[info] {} keys read", sum(DatabaseReport::entries))?;
    writeln!(out, "[info] {} expires", sum(|database| database.expires))?;
    writeln!(out, "[info] {} already expired", sum(|database| database.expired))
}

#[cfg(test)]
mod tests;
