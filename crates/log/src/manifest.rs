//! The manifest of the append-only files, as Redis 7 lays it out: which files make up the data, in which order.

mod parse;
mod print;
mod store;

pub use parse::{ManifestError, Reason};
pub use store::{LoadManifestError, load, manifest_path, store};

use crate::offset::Offset;

/// What a file is in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `b`: the whole data set at one moment. At most one.
    Base,
    /// `h`: replaced, waiting to be removed.
    History,
    /// `i`: what was written after the base, in the order of the sequence numbers.
    Increment,
}

impl FileKind {
    /// The letter in the manifest.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Base => 'b',
            Self::History => 'h',
            Self::Increment => 'i',
        }
    }
}

/// How a base is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseFormat {
    /// As an RDB file (`aof-use-rdb-preamble yes`).
    Rdb,
    /// As commands.
    Commands,
}

/// One line of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// A name without directories, in the directory of the manifest.
    pub name: String,
    /// Counted apart for bases and increments, from 1.
    pub sequence: u64,
    /// What the file is.
    pub kind: FileKind,
    /// Where in the stream an increment begins (Redis 8 writes and reads it, others skip it).
    pub start_offset: Option<Offset>,
    /// Where in the stream an increment ends, once it is closed (Redis 8 likewise).
    pub end_offset: Option<Offset>,
}

impl FileEntry {
    /// Whether its line, in which a strange byte of the name takes four, is short enough to be read again.
    fn fits_line(&self) -> bool {
        let mut line = String::new();
        print::entry(&mut line, self);
        line.len() <= parse::LINE_BYTES_MAX
    }
}

/// The files of one append-only directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The base; `None` when everything is in the increments.
    pub base: Option<FileEntry>,
    /// Files to be removed.
    pub history: Vec<FileEntry>,
    /// The increments, in order; the last one is being written.
    pub increments: Vec<FileEntry>,
    /// The highest sequence number of a base so far.
    pub base_sequence: u64,
    /// The highest sequence number of an increment so far.
    pub increment_sequence: u64,
}

impl Manifest {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The manifest for a single append-only file as Redis 6 and older kept it, which becomes the base.
    #[must_use]
    pub fn from_single_file(name: &str) -> Self {
        let base = FileEntry {
            name: name.to_owned(),
            sequence: 1,
            kind: FileKind::Base,
            start_offset: None,
            end_offset: None,
        };
        Self { base: Some(base), base_sequence: 1, ..Self::new() }
    }

    /// Whether no file is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.increments.is_empty() && self.history.is_empty()
    }

    /// Adds the next increment, which begins at `start`, and returns its name. `stem` is the option
    /// `appendfilename`.
    pub fn add_increment(&mut self, stem: &str, start: Option<Offset>) -> String {
        self.increment_sequence += 1;
        let name = increment_name(stem, self.increment_sequence);
        self.increments.push(FileEntry {
            name: name.clone(),
            sequence: self.increment_sequence,
            kind: FileKind::Increment,
            start_offset: start,
            end_offset: None,
        });
        name
    }

    /// Puts a new base in the place of the old one and of all increments before the sequence number
    /// `first_kept`; those become history. Returns the new base's name.
    pub fn replace_base(&mut self, stem: &str, format: BaseFormat, first_kept: u64) -> String {
        self.base_sequence += 1;
        let name = base_name(stem, self.base_sequence, format);
        let base = FileEntry {
            name: name.clone(),
            sequence: self.base_sequence,
            kind: FileKind::Base,
            start_offset: None,
            end_offset: None,
        };
        let old_base = self.base.replace(base);
        let (kept, replaced) =
            std::mem::take(&mut self.increments).into_iter().partition(|entry| entry.sequence >= first_kept);
        self.increments = kept;
        let replaced: Vec<FileEntry> = replaced;
        let to_history = |entry| FileEntry { kind: FileKind::History, ..entry };
        self.history.extend(old_base.into_iter().chain(replaced).map(to_history));
        name
    }

    /// Takes the files that are to be removed off the list and returns their names.
    pub fn take_history(&mut self) -> Vec<String> {
        std::mem::take(&mut self.history).into_iter().map(|entry| entry.name).collect()
    }

    /// All entries in the order in which they are written: base, history, increments.
    pub fn entries(&self) -> impl Iterator<Item = &FileEntry> {
        self.base.iter().chain(&self.history).chain(&self.increments)
    }

    /// The manifest as it stands in its file.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        self.entries().for_each(|entry| print::entry(&mut text, entry));
        text
    }

    /// Reads the text of a manifest.
    ///
    /// # Errors
    /// With the line, its text and the reason in Redis's words.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        parse::manifest(text)
    }
}

/// The name of the increment number `sequence`.
#[must_use]
pub fn increment_name(stem: &str, sequence: u64) -> String {
    format!("{stem}.{sequence}.incr.aof")
}

/// The name of the base number `sequence`.
#[must_use]
pub fn base_name(stem: &str, sequence: u64, format: BaseFormat) -> String {
    match format {
        BaseFormat::Rdb => format!("{stem}.{sequence}.base.rdb"),
        BaseFormat::Commands => format!("{stem}.{sequence}.base.aof"),
    }
}

#[cfg(test)]
mod tests;
