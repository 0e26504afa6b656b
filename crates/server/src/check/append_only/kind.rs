//! What a file is: told by its first bytes, and by the ending of its name.

use log::manifest::{Manifest, ManifestError};
use net::listener::os_text;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A manifest larger than this is none: it would name hundreds of thousands of files.
const MANIFEST_BYTES_MAX: u64 = 16 << 20;
/// How far a file is read to know what it is: comments may stand at its beginning.
const LOOK_BYTES: u64 = 64 << 10;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It names the files that belong together.
    Manifest,
    /// It begins with an RDB.
    Rdb,
    /// Commands and annotations.
    Commands,
}

/// Why it is not known what a file is.
#[derive(Debug)]
pub(super) enum UnknownKind {
    /// It cannot be opened.
    Open(PathBuf, io::Error),
    /// It is a directory, or not to be read.
    Read(PathBuf, io::Error),
}

impl fmt::Display for UnknownKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(path, error) => write!(out, "Cannot open file {}: {}", path.display(), os_text(error)),
            Self::Read(path, error) => {
                write!(out, "Cannot read file: {}: {}", path.display(), os_text(error))
            }
        }
    }
}

/// Looks at the beginning of the file.
pub(super) fn kind_of(path: &Path) -> Result<Kind, UnknownKind> {
    let file = File::open(path).map_err(|error| UnknownKind::Open(path.to_owned(), error))?;
    let mut reader = BufReader::new(file).take(LOOK_BYTES);
    let mut line = Vec::new();
    let is_named_so = path.extension().is_some_and(|extension| extension == "manifest");
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line);
        if read.map_err(|error| UnknownKind::Read(path.to_owned(), error))? == 0 {
            return Ok(if is_named_so { Kind::Manifest } else { Kind::Commands });
        }
        if !line.starts_with(b"#") {
            break;
        }
    }
    Ok(match line.as_slice() {
        bytes if bytes.starts_with(b"REDIS") || bytes.starts_with(b"VALKEY") => Kind::Rdb,
        bytes if is_named_so || bytes.starts_with(b"file") => Kind::Manifest,
        _ => Kind::Commands,
    })
}

/// Reads a manifest: the outer error is the operating system's.
pub(super) fn read_manifest(path: &Path) -> io::Result<Result<Manifest, ManifestError>> {
    let mut text = Vec::new();
    File::open(path)?.take(MANIFEST_BYTES_MAX).read_to_end(&mut text)?;
    Ok(Manifest::parse(&text))
}
