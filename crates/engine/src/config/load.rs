//! Loading the configuration at the start: a file, standard input and the command line, line by line.
#![expect(
    clippy::disallowed_methods,
    reason = "a configuration is read and rewritten as its user sees it, not in the data directory"
)]

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use stdx::bytes::split_arguments;

use super::command_line::CommandLine;
use super::option::{Refusal, Source};
use super::options::Config;
use super::text::system_error;
use super::{VERSION, include, not_yet, table};

/// All files together may not be larger than this.
const MAX_BYTES: u64 = 8 << 20;
/// Includes within includes.
const MAX_DEPTH: usize = 16;
/// Files read in all.
const MAX_FILES: usize = 1000;

/// Why the server cannot start with this configuration.
///
/// `Unreadable` is a line for the log, as in Redis. The others are texts of several lines for standard error, where
/// Redis puts an empty line before them; they do not end with a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// A file, or standard input, could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line was refused.
    Line {
        /// Number of the line in its file, from 1; options of the command line follow the last line.
        number: usize,
        /// The line without the blanks around it; the value of a password is left out.
        line: Vec<u8>,
        /// Why.
        reason: Refusal,
    },
    /// The log file cannot be written.
    LogFile {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, reason } => {
                write!(f, "Fatal error, can't open config file '{}': {reason}", path.display())
            }
            Self::Line { number, line, reason } => {
                writeln!(f, "*** FATAL CONFIG FILE ERROR (Ochre {VERSION}) ***")?;
                writeln!(f, "Reading the configuration file, at line {number}")?;
                writeln!(f, ">>> '{}'", String::from_utf8_lossy(line))?;
                write!(f, "{reason}")
            }
            Self::LogFile { reason } => {
                writeln!(f, "*** FATAL CONFIG FILE ERROR (Ochre {VERSION}) ***")?;
                write!(f, "Can't open the log file: {reason}")
            }
        }
    }
}

impl std::error::Error for StartError {}

impl Config {
    /// Reads the configuration that the arguments ask for, the program's name not among them:
    /// `[FILE | -] [--option value ...]`.
    ///
    /// `dir` comes out absolute; changing to it is up to the caller, and relative paths of other options mean it.
    pub fn load(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, StartError> {
        let arguments: Vec<Vec<u8>> = arguments.into_iter().map(OsString::into_vec).collect();
        let directory = std::env::current_dir().map_err(|error| unreadable(Path::new("."), &error))?;
        load_from(&arguments, &mut io::stdin(), &directory)
    }
}

/// Reads the configuration of a command line given in `directory`.
pub(super) fn load_from(
    arguments: &[Vec<u8>],
    stdin: &mut dyn Read,
    directory: &Path,
) -> Result<Config, StartError> {
    let command_line = CommandLine::parse(arguments);
    let mut loader = Loader::new(directory);
    let mut text = Vec::new();
    if let Some(file) = &command_line.file {
        let path = directory.join(std::ffi::OsStr::from_bytes(file));
        text = loader.read_file(&path)?;
        loader.config.file_path = Some(path);
    }
    if command_line.reads_stdin {
        if text.last().is_some_and(|&byte| byte != b'\n') {
            text.push(b'\n');
        }
        text.extend(loader.read(stdin, Path::new("standard input"))?);
    }
    if !command_line.lines.is_empty() {
        text.push(b'\n');
        text.extend(command_line.lines);
    }
    loader.apply(&text, 0)?;
    check_log_file(&loader.config)?;
    Ok(loader.config)
}

/// The state of loading: what was read so far, and how much of the limits is used.
struct Loader {
    config: Config,
    seen: Vec<&'static str>,
    bytes_left: u64,
    files_left: usize,
}

/// Why a line stops the start.
enum Stop {
    /// The line itself was refused.
    Line(Refusal),
    /// A file that the line includes was refused, or one of its lines.
    Included(StartError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Line(refusal)
    }
}

impl Loader {
    fn new(directory: &Path) -> Self {
        let mut config = Config::default();
        config.snapshotting.dir = directory.to_owned();
        Self { config, seen: Vec::new(), bytes_left: MAX_BYTES, files_left: MAX_FILES }
    }

    fn read_file(&mut self, path: &Path) -> Result<Vec<u8>, StartError> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        self.read(&mut file, path)
    }

    /// Reads to the end, within what is left of the limits.
    fn read(&mut self, source: &mut dyn Read, path: &Path) -> Result<Vec<u8>, StartError> {
        let mut text = Vec::new();
        let read = source.take(self.bytes_left + 1).read_to_end(&mut text);
        let bytes = read.map_err(|error| unreadable(path, &error))?;
        self.bytes_left =
            self.bytes_left.checked_sub(bytes as u64).ok_or_else(|| StartError::Unreadable {
                path: path.to_owned(),
                reason: format!("the configuration is larger than {MAX_BYTES} bytes"),
            })?;
        Ok(text)
    }

    fn apply(&mut self, text: &[u8], depth: usize) -> Result<(), StartError> {
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            self.apply_line(line, depth).map_err(|stop| match stop {
                Stop::Included(error) => error,
                Stop::Line(reason) => StartError::Line { number: index + 1, line: presentable(line), reason },
            })?;
        }
        Ok(())
    }

    fn apply_line(&mut self, line: &[u8], depth: usize) -> Result<(), Stop> {
        let words =
            split_arguments(line).map_err(|_| Refusal::new("Unbalanced quotes in configuration line"))?;
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let [name, values @ ..] = words.as_slice() else { return Ok(()) };
        if let Some((row, _)) = table::find(name) {
            let is_first = !self.seen.contains(&row.name);
            let source = if is_first { Source::FirstLine } else { Source::LaterLine };
            row.assign_words(&mut self.config, values, source)?;
            self.seen.push(row.name);
            return Ok(());
        }
        match values {
            [path] if name.eq_ignore_ascii_case(b"include") => self.include(path, depth + 1),
            _ if not_yet::is_so_anyway(name, values) => Ok(()),
            _ => Err(unknown_directive(name).into()),
        }
    }

    /// Reads the files of an `include` line; a relative path is taken from `dir` as it stands now.
    fn include(&mut self, path: &[u8], depth: usize) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Refusal::new(format!("files include each other more than {MAX_DEPTH} deep")).into());
        }
        let path = self.config.snapshotting.dir.join(std::ffi::OsStr::from_bytes(path));
        let files = include::expand(&path, MAX_FILES).map_err(|error| Refusal::new(error.to_string()))?;
        for file in files {
            self.files_left = self
                .files_left
                .checked_sub(1)
                .ok_or_else(|| Refusal::new(format!("more than {MAX_FILES} files are included")))?;
            let text = self.read_file(&file).map_err(Stop::Included)?;
            self.apply(&text, depth).map_err(Stop::Included)?;
        }
        Ok(())
    }
}

fn unknown_directive(name: &[u8]) -> Refusal {
    match not_yet::refusal(name) {
        Some(refusal) => refusal,
        None => Refusal::new("Bad directive or wrong number of arguments"),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> StartError {
    StartError::Unreadable { path: path.to_owned(), reason: system_error(error) }
}

/// The line as it may be shown: without the password that it sets.
fn presentable(line: &[u8]) -> Vec<u8> {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let name = &line[..end];
    let unquoted: Vec<u8> = name.iter().copied().filter(|byte| !b"\"'".contains(byte)).collect();
    let is_secret = table::is_secret(&unquoted);
    if is_secret && end < line.len() { [name, b" (redacted)"].concat() } else { line.to_vec() }
}

/// Opens the log file once, so that a server that would go to the background still fails in front of its user.
fn check_log_file(config: &Config) -> Result<(), StartError> {
    let logfile = &config.logging.logfile;
    if logfile.as_os_str().is_empty() {
        return Ok(());
    }
    let opened = fs::OpenOptions::new().append(true).create(true).open(config.snapshotting.dir.join(logfile));
    opened.map(drop).map_err(|error| StartError::LogFile { reason: system_error(&error) })
}

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(test)]
pub(super) mod tests;
