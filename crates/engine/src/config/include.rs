//! Which files an `include` line names.
#![expect(
    clippy::disallowed_methods,
    reason = "a configuration is read and rewritten as its user sees it, not in the data directory"
)]

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use stdx::glob;

/// The files of a path, in alphabetical order: the path itself, or, for a pattern, whatever matches, which may be none.
/// As in a shell, a pattern does not match names with a leading dot unless it begins with one.
pub(super) fn expand(path: &Path, max_files: usize) -> io::Result<Vec<PathBuf>> {
    if !is_pattern(path.as_os_str().as_bytes()) {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = vec![PathBuf::new()];
    for component in path.components() {
        found = match component {
            Component::Normal(name) if is_pattern(name.as_bytes()) => {
                matching(&found, name.as_bytes(), max_files)?
            }
            fixed => found.into_iter().map(|path| path.join(fixed)).filter(|path| path.exists()).collect(),
        };
    }
    found.sort();
    Ok(found)
}

fn is_pattern(name: &[u8]) -> bool {
    name.iter().any(|byte| b"*?[".contains(byte))
}

/// The entries of the directories whose names match. A directory that cannot be read has none.
fn matching(directories: &[PathBuf], pattern: &[u8], max_files: usize) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for directory in directories {
        let readable = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        for entry in fs::read_dir(readable).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_offered = !name.as_bytes().starts_with(b".") || pattern.starts_with(b".");
            if is_offered && glob::matches(pattern, name.as_bytes(), false) {
                found.push(directory.join(name));
            }
            if found.len() > max_files {
                return Err(io::Error::other(format!("more than {max_files} files match")));
            }
        }
    }
    Ok(found)
}
