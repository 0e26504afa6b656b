//! The walk through a file: one record after the other, and what is known after each.

use super::window::Window;
use super::{Arguments, Corruption, End, Options, Position, Record, Report, ScanError};
use crate::annotation::{Annotation, ForcedEvidence, LINE_BYTES_MAX, LINE_BYTES_READ_MAX, contains_check};
use crate::checksum::Checksum;
use crate::history::{Branch, Chain};
use crate::multibulk::{Framing, Limits, frame};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;

/// Branch lines remembered with their places; older ones than a chain holds are not needed.
const BRANCHES_MAX: usize = 64;

/// What is known at one place of the file.
#[derive(Clone)]
struct State {
    bytes: u64,
    position: Option<Position>,
    sum: Checksum,
    unchecked_bytes: u64,
    is_closed: bool,
    has_foreign_end: bool,
    timestamp_s: Option<u64>,
}

pub(super) struct Scanner<R> {
    window: Window<R>,
    limits: Limits,
    places: Vec<Range<usize>>,
    now: State,
    /// The state before the MULTI of a transaction whose EXEC has not come yet.
    before_transaction: Option<State>,
    /// The state at the last check outside of a transaction; at the beginning as long as there was none.
    verified: State,
    has_checks: bool,
    verified_bytes: u64,
    first: Option<Position>,
    branches: VecDeque<(u64, Branch)>,
    commands: u64,
}

/// What stands at the place where the scan is.
enum Next {
    Command(usize),
    Line(usize),
    End(End),
}

impl<R: Read> Scanner<R> {
    pub fn new(reader: R, options: &Options) -> Self {
        let now = State {
            bytes: options.file_offset,
            position: None,
            sum: Checksum::new(),
            unchecked_bytes: 0,
            is_closed: false,
            has_foreign_end: false,
            timestamp_s: None,
        };
        Self {
            window: Window::new(reader, options.file_offset),
            limits: options.limits,
            places: Vec::new(),
            verified: now.clone(),
            now,
            before_transaction: None,
            has_checks: false,
            verified_bytes: options.file_offset,
            first: None,
            branches: VecDeque::new(),
            commands: 0,
        }
    }

    pub fn run<E>(
        mut self,
        mut sink: impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<Report, ScanError<E>> {
        loop {
            match self.next().map_err(ScanError::Io)? {
                Next::Command(length) => self.take_command(length, &mut sink).map_err(ScanError::Sink)?,
                Next::Line(length) => match self.take_line(length) {
                    Ok(annotation) => {
                        let file_offset = self.now.bytes - length as u64;
                        let record = Record::Annotation { annotation, file_offset, length };
                        sink(record).map_err(ScanError::Sink)?;
                    }
                    Err(reason) => {
                        let at = self.damage_in_line(length);
                        let end = self.corrupt(at, reason).map_err(ScanError::Io)?;
                        return Ok(self.report(end));
                    }
                },
                Next::End(end) => return Ok(self.report(end)),
            }
        }
    }

    fn next(&mut self) -> io::Result<Next> {
        if self.window.bytes().is_empty() && !self.fill()? {
            let is_whole = self.before_transaction.is_none();
            return Ok(Next::End(if is_whole { End::Clean } else { End::Truncated }));
        }
        match self.window.bytes().first().copied() {
            Some(b'#') => self.next_line(),
            Some(b'R' | b'V') if self.window.file_offset == 0 && self.is_rdb()? => {
                Ok(Next::End(End::RdbPreamble))
            }
            _ => self.next_command(),
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        self.sum_up();
        self.window.fill()
    }

    fn sum_up(&mut self) {
        self.now.sum.update(self.window.take_unsummed());
    }

    fn is_rdb(&mut self) -> io::Result<bool> {
        while self.window.bytes().len() < b"VALKEY".len() && self.fill()? {}
        let bytes = self.window.bytes();
        Ok(bytes.starts_with(b"REDIS") || bytes.starts_with(b"VALKEY"))
    }

    fn next_command(&mut self) -> io::Result<Next> {
        loop {
            match frame(self.window.bytes(), &self.limits, &mut self.places) {
                Framing::Complete(length) => return Ok(Next::Command(length)),
                Framing::Malformed(at, error) => {
                    return Ok(Next::End(self.corrupt(at, Corruption::Framing(error))?));
                }
                Framing::Incomplete if self.fill()? => {}
                Framing::Incomplete => return Ok(Next::End(self.cut_short())),
            }
        }
    }

    fn next_line(&mut self) -> io::Result<Next> {
        loop {
            let bytes = self.window.bytes();
            let searched = bytes.get(..LINE_BYTES_READ_MAX).unwrap_or(bytes);
            if let Some(feed) = searched.iter().position(|byte| *byte == b'\n') {
                return Ok(Next::Line(feed + 1));
            }
            if searched.len() == LINE_BYTES_READ_MAX {
                let at = self.damage_in_line(LINE_BYTES_READ_MAX);
                return Ok(Next::End(self.corrupt(at, Corruption::LineTooLong)?));
            }
            if !self.fill()? {
                return Ok(Next::End(self.cut_short()));
            }
        }
    }

    /// The file ends within a record. If a check lies in what should be that record, a length was damaged.
    fn cut_short(&self) -> End {
        let rest = self.window.bytes().get(1..).unwrap_or_default();
        if contains_check(rest) {
            let reason = Corruption::Framing(crate::multibulk::FramingError::Number);
            let at = self.window.file_offset;
            let mut evidence = ForcedEvidence::default();
            evidence.look_at(self.window.bytes(), at);
            return End::Corrupt { at, reason, is_followed: true, was_forced: evidence.is_given() };
        }
        End::Truncated
    }

    fn damage_in_line(&self, length: usize) -> usize {
        let line = self.window.bytes().get(..length).unwrap_or_default();
        line.iter().position(|byte| *byte == 0).unwrap_or(0)
    }

    /// Something wrong at offset `at` of the window: zeros to the end of the file are a torn end, everything
    /// else is corruption.
    fn corrupt(&mut self, at: usize, reason: Corruption) -> io::Result<End> {
        let place = self.window.file_offset + at as u64;
        self.sum_up();
        let sum = self.now.sum;
        self.window.consume(at);
        let mut only_zeros = true;
        let mut is_followed = false;
        let mut evidence = ForcedEvidence::default();
        loop {
            let bytes = self.window.bytes();
            evidence.look_at(bytes, self.window.file_offset);
            only_zeros &= bytes.iter().all(|byte| *byte == 0);
            is_followed |= contains_check(bytes.get(1..).unwrap_or_default());
            let (done, kept) = (bytes.len(), bytes.len().min(LINE_BYTES_MAX));
            self.window.consume(done - kept);
            if !self.fill()? {
                break;
            }
        }
        self.sum_up();
        self.now.sum = sum;
        let is_torn = only_zeros && reason != Corruption::Checksum;
        let was_forced = evidence.is_given();
        Ok(if is_torn { End::Truncated } else { End::Corrupt { at: place, reason, is_followed, was_forced } })
    }

    fn take_command<E>(
        &mut self,
        length: usize,
        sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.follow_transaction(length);
        let command = self.window.bytes().get(..length).unwrap_or_default();
        let arguments = Arguments { command, places: &self.places };
        let file_offset = self.now.bytes;
        self.now.pass(length);
        self.now.count_command(length);
        self.commands += 1;
        let end = self.now.position.map(|position| position.offset);
        let result = sink(Record::Command { arguments, file_offset, end });
        self.window.consume(length);
        result
    }

    /// Remembers the state before a MULTI until its EXEC or DISCARD.
    fn follow_transaction(&mut self, length: usize) {
        let command = self.window.bytes().get(..length).unwrap_or_default();
        let name = Arguments { command, places: &self.places }.get(0).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"MULTI") && self.before_transaction.is_none() {
            self.sum_up();
            self.before_transaction = Some(self.now.clone());
        } else if name.eq_ignore_ascii_case(b"EXEC") || name.eq_ignore_ascii_case(b"DISCARD") {
            self.before_transaction = None;
        }
    }

    fn take_line(&mut self, length: usize) -> Result<Annotation, Corruption> {
        self.sum_up();
        let line = self.window.bytes().get(..length).unwrap_or_default();
        let annotation = Annotation::parse(line).map_err(|_| Corruption::Annotation)?;
        let sum = match annotation {
            Annotation::Position { sum, .. } | Annotation::Sum(sum) => Some(sum),
            _ => None,
        };
        if let Some(sum) = sum {
            let covered = line.get(..Annotation::covered_bytes(line)).unwrap_or_default();
            self.now.check(covered, sum)?;
            self.now.bytes += length as u64;
        } else {
            self.now.pass(length);
        }
        self.note(&annotation)?;
        self.window.consume(length);
        if sum.is_some() {
            self.window.take_unsummed();
        }
        Ok(annotation)
    }

    fn note(&mut self, annotation: &Annotation) -> Result<(), Corruption> {
        match annotation {
            Annotation::Position { id, offset, is_closing, .. } => {
                let position = Position { id: *id, offset: *offset };
                self.now.reach(position, *is_closing)?;
                self.first.get_or_insert(position);
                self.note_check();
            }
            Annotation::Sum(_) => self.note_check(),
            Annotation::Branch(branch) => {
                if self.branches.len() >= BRANCHES_MAX {
                    self.branches.pop_front();
                }
                self.branches.push_back((self.now.bytes, *branch));
            }
            Annotation::Timestamp(seconds) => self.now.timestamp_s = Some(*seconds),
            Annotation::Other => {}
        }
        Ok(())
    }

    fn note_check(&mut self) {
        self.has_checks = true;
        self.verified_bytes = self.now.bytes;
        if self.before_transaction.is_none() {
            self.verified = self.now.clone();
        }
    }

    /// Whether the damage may lie before the place where it was noticed, and a check tells how far back.
    fn must_go_back(&self, end: End) -> bool {
        match end {
            End::Corrupt {
                reason: Corruption::Framing(_) | Corruption::LineTooLong, is_followed, ..
            } => self.has_checks || is_followed,
            End::Corrupt { .. } => true,
            End::Clean | End::Truncated | End::RdbPreamble => false,
        }
    }

    fn report(mut self, end: End) -> Report {
        self.sum_up();
        let good =
            if self.must_go_back(end) { self.verified } else { self.before_transaction.unwrap_or(self.now) };
        let mut chain = Chain::new();
        let named = self.branches.iter().filter(|(bytes, _)| *bytes <= good.bytes);
        named.for_each(|(_, branch)| chain.push(*branch));
        Report {
            end,
            good_bytes: good.bytes,
            verified_bytes: self.verified_bytes,
            first: self.first,
            position: good.position,
            has_foreign_end: good.has_foreign_end,
            is_closed: good.is_closed,
            chain,
            commands: self.commands,
            timestamp_s: good.timestamp_s,
            sum: good.sum,
            unchecked_bytes: good.unchecked_bytes,
        }
    }
}

impl State {
    fn pass(&mut self, length: usize) {
        self.unchecked_bytes += length as u64;
        self.bytes += length as u64;
    }

    fn count_command(&mut self, length: usize) {
        if self.is_closed {
            self.position = None;
            self.has_foreign_end = true;
            self.is_closed = false;
        }
        if let Some(position) = &mut self.position {
            position.offset = position.offset.plus(length);
        }
    }

    fn check(&mut self, covered: &[u8], stated: u64) -> Result<(), Corruption> {
        self.sum.update(covered);
        if self.sum.value() != stated {
            return Err(Corruption::Checksum);
        }
        self.sum = Checksum::new();
        self.unchecked_bytes = 0;
        Ok(())
    }

    fn reach(&mut self, stated: Position, is_closing: bool) -> Result<(), Corruption> {
        let counted = self.position.map_or(stated.offset, |position| position.offset);
        if counted != stated.offset {
            return Err(Corruption::Offset { counted, stated: stated.offset });
        }
        self.position = Some(stated);
        self.has_foreign_end = false;
        self.is_closed = is_closing;
        Ok(())
    }
}
