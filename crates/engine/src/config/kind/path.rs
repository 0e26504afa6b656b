//! Names and paths of files and directories.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use stdx::bytes::quoted;

use super::{Given, Kind, Line};
use crate::config::Refusal;
use crate::config::text::system_error;

/// A path, relative to `dir`; empty stands for none.
pub enum FilePath {}

impl Kind for FilePath {
    type Value = PathBuf;

    fn parse(given: &Given<'_, PathBuf>) -> Result<PathBuf, Refusal> {
        path(given.word())
    }

    fn print(value: &PathBuf) -> Vec<u8> {
        bytes(value)
    }

    fn write(value: &PathBuf) -> Vec<u8> {
        quoted(&bytes(value)).into_bytes()
    }

    fn accepts() -> String {
        "a path, or \"\" for none".to_owned()
    }
}

/// The name of a file in `dir`, without a slash.
pub enum FileName {}

impl Kind for FileName {
    type Value = PathBuf;

    fn parse(given: &Given<'_, PathBuf>) -> Result<PathBuf, Refusal> {
        plain_name(given, "filename")
    }

    fn print(value: &PathBuf) -> Vec<u8> {
        bytes(value)
    }

    fn write(value: &PathBuf) -> Vec<u8> {
        quoted(&bytes(value)).into_bytes()
    }

    fn accepts() -> String {
        "a file name without a slash".to_owned()
    }
}

/// The name of a directory in `dir`, without a slash.
pub enum DirectoryName {}

impl Kind for DirectoryName {
    type Value = PathBuf;

    fn parse(given: &Given<'_, PathBuf>) -> Result<PathBuf, Refusal> {
        plain_name(given, "dirname")
    }

    fn print(value: &PathBuf) -> Vec<u8> {
        bytes(value)
    }

    fn write(value: &PathBuf) -> Vec<u8> {
        quoted(&bytes(value)).into_bytes()
    }

    fn accepts() -> String {
        "a directory name without a slash".to_owned()
    }
}

/// The working directory: an existing directory, kept as its absolute path. A relative one is taken from the present
/// one, as changing directories step by step would.
pub enum Directory {}

impl Kind for Directory {
    type Value = PathBuf;

    fn parse(given: &Given<'_, PathBuf>) -> Result<PathBuf, Refusal> {
        if given.word().is_empty() {
            return Err(Refusal::new(format!("{} can't be empty", given.name)));
        }
        let entered = given.present.join(path(given.word())?).canonicalize();
        let absolute = entered.map_err(|error| Refusal::new(system_error(&error)))?;
        if absolute.is_dir() { Ok(absolute) } else { Err(Refusal::new("Not a directory")) }
    }

    fn print(value: &PathBuf) -> Vec<u8> {
        bytes(value)
    }

    fn write(value: &PathBuf) -> Vec<u8> {
        quoted(&bytes(value)).into_bytes()
    }

    fn accepts() -> String {
        "an existing directory".to_owned()
    }

    /// Always needed: the default is wherever the server was started.
    fn lines(name: &str, value: &PathBuf, _default: &PathBuf) -> Vec<Line> {
        vec![Line::new(name, &Self::write(value), true)]
    }
}

fn plain_name(given: &Given<'_, PathBuf>, noun: &str) -> Result<PathBuf, Refusal> {
    let (name, word) = (given.name, given.word());
    if word.is_empty() {
        return Err(Refusal::new(format!("{name} can't be empty")));
    }
    if word.contains(&b'/') || word == b"." || word == b".." {
        return Err(Refusal::new(format!("{name} can't be a path, just a {noun}")));
    }
    path(word)
}

fn path(word: &[u8]) -> Result<PathBuf, Refusal> {
    if word.contains(&0) {
        return Err(Refusal::new("a path can't contain a zero byte"));
    }
    Ok(PathBuf::from(OsStr::from_bytes(word)))
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().to_owned().into_vec()
}
