//! The file that lines go to, and its replacement when it is moved away.
#![expect(clippy::disallowed_methods, reason = "the log must be written whatever is tested")]

use super::{Settings, syslog};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use stdx::logging::Level;

/// Where lines go.
pub struct Target {
    file: Option<LogFile>,
    uses_syslog: bool,
}

struct LogFile {
    path: PathBuf,
    file: File,
    /// Device and number of the file that is open.
    identity: (u64, u64),
}

impl Target {
    /// Standard output alone.
    pub const STANDARD_OUTPUT: Target = Target { file: None, uses_syslog: false };

    /// Opens what `settings` name.
    pub fn open(settings: &Settings) -> io::Result<Target> {
        let file = match settings.file.as_path() {
            path if path.as_os_str().is_empty() => None,
            path => Some(LogFile::open(path)?),
        };
        if let Some(settings) = &settings.syslog {
            syslog::open(settings);
        }
        Ok(Target { file, uses_syslog: settings.syslog.is_some() })
    }

    /// Opens the file anew; keeps the old one if that fails.
    pub fn reopen(&mut self) {
        if let Some(file) = &mut self.file
            && let Ok(opened) = LogFile::open(&file.path)
        {
            *file = opened;
        }
    }

    /// Writes whole lines in one call, so that they never mix with another process's.
    pub fn write(&mut self, lines: &[u8]) {
        if self.file.as_ref().is_some_and(LogFile::is_moved) {
            self.reopen();
        }
        // Nobody can be told that the log cannot be written.
        let _ = match &mut self.file {
            Some(file) => file.file.write_all(lines),
            None => io::stdout().lock().write_all(lines).and_then(|()| io::stdout().lock().flush()),
        };
    }

    /// Writes a message to the system log, if it is wanted there.
    pub fn write_syslog(&self, level: Level, message: fmt::Arguments<'_>) {
        if self.uses_syslog {
            syslog::write(level, message);
        }
    }

    /// The descriptor behind it.
    pub fn descriptor(&self) -> RawFd {
        self.file.as_ref().map_or(libc::STDOUT_FILENO, |file| file.file.as_raw_fd())
    }
}

impl LogFile {
    fn open(path: &Path) -> io::Result<LogFile> {
        let file = OpenOptions::new().append(true).create(true).mode(0o644).open(path)?;
        let opened = file.metadata()?;
        Ok(LogFile { path: path.to_owned(), file, identity: (opened.dev(), opened.ino()) })
    }

    /// Whether the path no longer names the open file. Log rotation as it is set up for Redis renames the file and
    /// tells nobody, because Redis opens it for every line; a look at the path costs a tenth of that.
    fn is_moved(&self) -> bool {
        !self.path.metadata().is_ok_and(|found| (found.dev(), found.ino()) == self.identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn temporary(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ochre-log-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("created");
        folder
    }

    fn open(path: &Path) -> Target {
        Target::open(&Settings { file: path.to_owned(), syslog: None }).expect("opened")
    }

    #[test]
    fn appends_and_follows_rotation() {
        let folder = temporary("rotated");
        let (path, old) = (folder.join("log"), folder.join("log.1"));
        fs::write(&path, "before\n").expect("written");
        let mut target = open(&path);
        target.write(b"one\n");
        fs::rename(&path, &old).expect("renamed");
        target.write(b"two\n");
        let first = target.descriptor();
        assert!(first > 2);
        target.reopen();
        target.write(b"three\n");
        assert_eq!(fs::read_to_string(&old).expect("there"), "before\none\n");
        assert_eq!(fs::read_to_string(&path).expect("there"), "two\nthree\n");
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_lost_folder_loses_no_line_before_it() {
        let folder = temporary("lost");
        let mut target = open(&folder.join("log"));
        fs::remove_dir_all(&folder).expect("removed");
        target.write(b"nobody reads this\n");
        target.reopen();
        fs::create_dir_all(&folder).expect("created");
        target.write(b"found again\n");
        assert_eq!(fs::read_to_string(folder.join("log")).expect("there"), "found again\n");
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn an_impossible_file_is_an_error() {
        let settings = Settings { file: PathBuf::from("/no such folder/log"), syslog: None };
        let error = Target::open(&settings).err().expect("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(Target::STANDARD_OUTPUT.descriptor(), 1);
    }
}
