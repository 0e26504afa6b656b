//! Where the manifest lies, and how it is replaced without a moment in which there is none.

use super::{FileEntry, Manifest, ManifestError};
use crate::vfs::{Vfs, replace_file};
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A manifest larger than this is refused: it would name hundreds of thousands of files.
const MANIFEST_BYTES_MAX: u64 = 16 << 20;

/// Why a manifest could not be read.
#[derive(Debug)]
pub enum LoadManifestError {
    /// The file could not be read.
    Io(io::Error),
    /// The file is larger than 16 MiB.
    TooLarge,
    /// Its text was refused.
    Refused(ManifestError),
}

impl fmt::Display for LoadManifestError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(out, "cannot read the AOF manifest: {error}"),
            Self::TooLarge => out.write_str("the AOF manifest is larger than 16 MiB"),
            Self::Refused(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for LoadManifestError {}

/// The manifest's path: `<appendfilename>.manifest` in the append-only directory.
#[must_use]
pub fn manifest_path(directory: &Path, stem: &str) -> PathBuf {
    directory.join(format!("{stem}.manifest"))
}

/// Reads the manifest; `None` when there is none.
///
/// # Errors
/// When it cannot be read or is malformed.
pub fn load(vfs: &dyn Vfs, directory: &Path, stem: &str) -> Result<Option<Manifest>, LoadManifestError> {
    let path = manifest_path(directory, stem);
    if !vfs.exists(&path).map_err(LoadManifestError::Io)? {
        return Ok(None);
    }
    let file = vfs.open_read(&path).map_err(LoadManifestError::Io)?;
    let mut text = Vec::new();
    file.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut text).map_err(LoadManifestError::Io)?;
    if text.len() as u64 > MANIFEST_BYTES_MAX {
        return Err(LoadManifestError::TooLarge);
    }
    Manifest::parse(&text).map(Some).map_err(LoadManifestError::Refused)
}

/// Replaces the manifest: after success a crash finds the new one, before it the old one.
///
/// # Errors
/// The first of the operating system's; the old manifest may or may not have been replaced. And when a name is too
/// long for a line; then nothing was written.
pub fn store(vfs: &dyn Vfs, directory: &Path, stem: &str, manifest: &Manifest) -> io::Result<()> {
    if !manifest.entries().all(FileEntry::fits_line) {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "a file's name is too long for the AOF manifest",
        ));
    }
    let temporary = directory.join(format!("temp-{stem}.manifest"));
    replace_file(vfs, &temporary, &manifest_path(directory, stem), manifest.print().as_bytes())
}
