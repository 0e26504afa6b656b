//! Checks one file and says what was found.

use super::super::{Console, snapshot};
use super::kind::{Kind, kind_of};
use super::walk::{Fault, Findings, Walk};
use super::{Purpose, Stop, cut, fail};
use log::multibulk::FramingError;
use log::scan::{Corruption, End, Options, Position, ScanError, scan};
use net::listener::os_text;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A file, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// How it is called in what is said.
    pub name: &'a str,
    /// What it is among several: `BASE `, `INCR ` or nothing.
    pub title: &'a str,
    /// No other file follows it: only such a one may be cut.
    pub is_last: bool,
}

/// A file to be checked.
pub(super) struct Check<'a> {
    /// The file.
    pub place: Place<'a>,
    /// What to do with it.
    pub purpose: Purpose,
    /// Where the file before it ends in the stream.
    pub before: Option<Position>,
}

/// What became of a file that may stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It tells nothing.
    Empty,
    /// It is whole.
    Read {
        /// Where it ends in the stream, if it says so.
        position: Option<Position>,
    },
    /// It was cut.
    Cut,
}

impl Check<'_> {
    /// Checks the file and says what was found; what is left to do then is done.
    pub fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Stop> {
        let Place { name, title, .. } = self.place;
        let opened = File::open(self.place.path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size, file) = opened.or_else(|error| self.fail_to_read(&error, console))?;
        if size == 0 {
            writeln!(console.out, "{title}AOF {name} is empty")?;
            return Ok(Outcome::Empty);
        }
        let start = self.preamble(console)?;
        let findings = self.walk(&file, start).or_else(|error| self.fail_to_read(&error, console))?;
        match (findings.fault, self.purpose) {
            (Some(Fault::TooLate), Purpose::CutAfter(seconds)) => {
                cut::at_timestamp(&self.place, seconds, findings.good_bytes, console)?;
                return Ok(Outcome::Cut);
            }
            (None, Purpose::CutAfter(seconds)) => {
                writeln!(console.out, "Truncate nothing in AOF {name} to timestamp {seconds}")?;
            }
            _ => self.analyze(size, &findings, console)?,
        }
        if findings.fault.is_none() {
            writeln!(console.out, "{title}AOF {name} is valid")?;
            return Ok(Outcome::Read { position: findings.position });
        }
        self.mend(size, &findings, console)
    }

    fn fail_to_read<T>(&self, error: &io::Error, console: &mut Console<'_>) -> Result<T, Stop> {
        let path = self.place.path.display();
        fail(console, &format!("Cannot open file {path}: {}, aborting...", os_text(error)))
    }

    /// Checks an RDB at the file's beginning. Where it ends.
    fn preamble(&self, console: &mut Console<'_>) -> Result<u64, Stop> {
        if !matches!(kind_of(self.place.path), Ok(Kind::Rdb)) {
            return Ok(0);
        }
        let Some(end) = snapshot::check_file(self.place.path, console.out)? else {
            return fail(console, "RDB preamble of AOF file is not sane, aborting.");
        };
        writeln!(console.out, "RDB preamble is OK, proceeding with AOF tail...")?;
        Ok(end)
    }

    fn walk(&self, file: &File, start: u64) -> io::Result<Findings> {
        let last_second = match self.purpose {
            Purpose::CutAfter(seconds) => Some(seconds),
            Purpose::Look | Purpose::Fix => None,
        };
        let mut walk = Walk::new(start, last_second, self.before);
        let mut file = file;
        file.seek(SeekFrom::Start(start))?;
        let options = Options { file_offset: start, ..Options::default() };
        match scan(file, &options, |record| walk.pass(record)) {
            Ok(report) => {
                let mut findings = walk.finish(&report);
                if let Some(lines) = self.recount(file, start, &findings)? {
                    findings.good_lines = lines;
                }
                Ok(findings)
            }
            Err(ScanError::Sink(fault)) => Ok(walk.stopped(fault)),
            Err(ScanError::Io(error)) => Err(error),
        }
    }

    /// The good lines, when the good bytes end before the last whole record: a checksum reaches back.
    fn recount(&self, mut file: &File, start: u64, findings: &Findings) -> io::Result<Option<u64>> {
        if findings.good_bytes == findings.whole_bytes {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(start))?;
        let mut walk = Walk::new(start, None, None);
        let options = Options { file_offset: start, ..Options::default() };
        let good = file.take(findings.good_bytes - start);
        // What was good is good again, but for a transaction's end that lies beyond.
        let _ = scan(good, &options, |record| walk.pass(record));
        Ok(Some(walk.lines()))
    }

    /// What the walk has shown, and where the damage is.
    fn analyze(&self, size: u64, findings: &Findings, console: &mut Console<'_>) -> Result<(), Stop> {
        let name = self.place.name;
        if let Some(fault) = &findings.fault {
            if let Fault::End(End::Corrupt {
                reason: Corruption::Framing(FramingError::Expected('*')), ..
            }) = fault
            {
                writeln!(console.out, "AOF {name} format error")?;
            }
            let at = findings.fault_at;
            writeln!(console.out, "0x{at:>16x}: {}", findings.fault_text(name, size))?;
            self.surroundings(findings, console)?;
        }
        let good = findings.good_bytes;
        writeln!(
            console.out,
            "AOF analyzed: filename={name}, size={size}, ok_up_to={good}, ok_up_to_line={}, diff={}",
            findings.good_lines,
            size - good
        )?;
        if let Some(position) = findings.position.filter(|_| findings.fault.is_none()) {
            let Position { id, offset } = position;
            writeln!(
                console.out,
                "[info] {} commands, up to offset {offset} of history {id}",
                findings.commands
            )?;
        }
        Ok(())
    }

    /// What lies around the damage.
    fn surroundings(&self, findings: &Findings, console: &mut Console<'_>) -> Result<(), Stop> {
        if let Some(command) = &findings.last_command {
            writeln!(console.out, "[additional info] In database {}, after {command}", findings.database)?;
        }
        if let Some(bytes) = findings.confirmed_bytes {
            writeln!(console.out, "[additional info] Checksums confirm what stands before byte {bytes}")?;
        }
        if let Some(Fault::End(End::Corrupt { is_followed: true, .. })) = findings.fault {
            let text = "Checksummed records follow the damage: cutting the file loses them. Make a backup";
            writeln!(console.out, "[additional info] {text}")?;
        }
        Ok(())
    }

    fn mend(&self, size: u64, findings: &Findings, console: &mut Console<'_>) -> Result<Outcome, Stop> {
        let name = self.place.name;
        let can_be_cut = !matches!(findings.fault, Some(Fault::Gap { .. }));
        match self.purpose {
            Purpose::Fix if can_be_cut => {
                cut::after_asking(&self.place, size, findings.good_bytes, console)?;
                Ok(Outcome::Cut)
            }
            _ if can_be_cut => {
                fail(console, &format!("AOF {name} is not valid. Use the --fix option to try fixing it."))
            }
            _ => fail(console, &format!("AOF {name} is not valid: a file before it is missing.")),
        }
    }
}
