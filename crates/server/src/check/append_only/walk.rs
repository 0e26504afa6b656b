//! The walk over a file's records: what was passed, and why it ends.

use super::super::{SHOWN_BYTES_MAX, shown};
use log::annotation::Annotation;
use log::offset::Offset;
use log::scan::{Arguments, End, Position, Record, Report};
use std::fmt;

/// Why a file is not whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// It ends within something, or there is damage.
    End(End),
    /// MULTI within a transaction.
    Multi,
    /// EXEC outside of a transaction.
    Exec,
    /// It does not begin where the file before it ends.
    Gap {
        /// Where that one ends.
        before: Offset,
        /// Where this one begins.
        stated: Offset,
    },
    /// What follows was written after the second that was asked for.
    TooLate,
}

/// What a walk has shown.
#[derive(Debug)]
pub(super) struct Findings {
    /// What is wrong; none when the file is whole.
    pub fault: Option<Fault>,
    /// Where that is.
    pub fault_at: u64,
    /// Cut here, the file is whole.
    pub good_bytes: u64,
    /// The line, of a text that has a command's numbers and arguments in lines of their own, behind the good bytes.
    pub good_lines: u64,
    /// The end of the last whole record outside of a transaction, to which `good_lines` belongs.
    pub whole_bytes: u64,
    /// Whole commands.
    pub commands: u64,
    /// The last of them, its first words.
    pub last_command: Option<String>,
    /// The database that they have selected.
    pub database: String,
    /// Checksums cover the bytes up to here.
    pub confirmed_bytes: Option<u64>,
    /// Where the file ends in the stream.
    pub position: Option<Position>,
    /// The end of the last whole record, in a transaction or not.
    passed_bytes: u64,
}

impl Findings {
    /// The fault in words.
    pub fn fault_text(&self, name: &str, size: u64) -> impl fmt::Display {
        match self.fault {
            None => String::new(),
            Some(Fault::Multi) => format!("Unexpected MULTI in AOF {name}"),
            Some(Fault::Exec) => format!("Unexpected EXEC in AOF {name}"),
            Some(Fault::Gap { before, stated }) => {
                format!("The file begins at offset {stated}, but the one before it ends at offset {before}")
            }
            Some(Fault::TooLate) => "Written too late".to_owned(),
            Some(Fault::End(End::Corrupt { reason, .. })) => format!("Damaged: {reason}"),
            Some(Fault::End(_)) if self.passed_bytes == size => {
                "Reached EOF before reading EXEC for MULTI".to_owned()
            }
            Some(Fault::End(_)) => "Reached EOF within the record that begins here".to_owned(),
        }
    }
}

/// A walk over a file.
pub(super) struct Walk {
    last_second: Option<u64>,
    before: Option<Position>,
    start: u64,
    bytes: u64,
    lines: u64,
    /// Where the transaction begins in which the walk is, in bytes and lines.
    transaction: Option<(u64, u64)>,
    commands: u64,
    last_name: Vec<u8>,
    last_argument: Vec<u8>,
    database: String,
    has_position: bool,
}

impl Walk {
    /// Begins at byte `start`. Commands of later seconds than `last_second` end it; `before` is where the file before
    /// has ended.
    pub fn new(start: u64, last_second: Option<u64>, before: Option<Position>) -> Walk {
        Walk {
            last_second,
            before,
            start,
            bytes: start,
            lines: 1,
            transaction: None,
            commands: 0,
            last_name: Vec::new(),
            last_argument: Vec::new(),
            database: "0".to_owned(),
            has_position: false,
        }
    }

    /// The line at which the walk is.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Takes the next record.
    pub fn pass(&mut self, record: Record<'_>) -> Result<(), Fault> {
        match record {
            Record::Command { arguments, file_offset, .. } => {
                self.pass_command(arguments, file_offset)?;
                self.bytes = file_offset + arguments.as_bytes().len() as u64;
            }
            Record::Annotation { annotation, file_offset, length } => {
                self.pass_annotation(&annotation)?;
                self.lines += 1;
                self.bytes = file_offset + length as u64;
            }
        }
        Ok(())
    }

    fn pass_command(&mut self, arguments: Arguments<'_>, file_offset: u64) -> Result<(), Fault> {
        let name = arguments.get(0).unwrap_or_default();
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        let first = arguments.get(1).unwrap_or_default();
        if is(b"MULTI") {
            if self.transaction.is_some() {
                return Err(Fault::Multi);
            }
            self.transaction = Some((file_offset, self.lines));
        } else if is(b"EXEC") && self.transaction.take().is_none() {
            return Err(Fault::Exec);
        } else if is(b"SELECT") {
            self.database = shown(first);
        }
        self.lines += 1 + 2 * arguments.len() as u64;
        self.commands += 1;
        remember(&mut self.last_name, name);
        remember(&mut self.last_argument, first);
        Ok(())
    }

    fn pass_annotation(&mut self, annotation: &Annotation) -> Result<(), Fault> {
        match annotation {
            Annotation::Timestamp(seconds) if self.last_second.is_some_and(|last| *seconds > last) => {
                Err(Fault::TooLate)
            }
            Annotation::Position { offset, .. } if !std::mem::replace(&mut self.has_position, true) => {
                let before = self.before.map(|position| position.offset).filter(|before| before != offset);
                before.map_or(Ok(()), |before| Err(Fault::Gap { before, stated: *offset }))
            }
            _ => Ok(()),
        }
    }

    /// The end of the scan.
    pub fn finish(self, report: &Report) -> Findings {
        let (fault, at) = match report.end {
            End::Clean => (None, self.bytes),
            End::Corrupt { at, .. } => (Some(Fault::End(report.end)), at),
            End::Truncated | End::RdbPreamble => (Some(Fault::End(report.end)), self.bytes),
        };
        let confirmed_bytes = Some(report.verified_bytes).filter(|bytes| *bytes > self.start);
        let position = report.position;
        Findings { good_bytes: report.good_bytes, confirmed_bytes, position, ..self.findings(fault, at) }
    }

    /// The walk has stopped by itself.
    pub fn stopped(self, fault: Fault) -> Findings {
        let at = self.bytes;
        self.findings(Some(fault), at)
    }

    fn findings(self, fault: Option<Fault>, fault_at: u64) -> Findings {
        let last_command = format!("{} {}", shown(&self.last_name), shown(&self.last_argument));
        let (whole_bytes, good_lines) = self.transaction.unwrap_or((self.bytes, self.lines));
        Findings {
            fault,
            fault_at,
            good_bytes: whole_bytes,
            good_lines,
            whole_bytes,
            commands: self.commands,
            last_command: (self.commands > 0).then(|| last_command.trim_end().to_owned()),
            database: self.database,
            confirmed_bytes: None,
            position: None,
            passed_bytes: self.bytes,
        }
    }
}

/// Keeps the beginning of an argument: as much as can be shown, and one byte more, which tells that it goes on.
fn remember(kept: &mut Vec<u8>, argument: &[u8]) {
    kept.clear();
    kept.extend_from_slice(argument.get(..=SHOWN_BYTES_MAX).unwrap_or(argument));
}
