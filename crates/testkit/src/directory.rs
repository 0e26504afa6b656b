//! A folder of a test's own: gone after success, kept and named after failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A temporary folder. Clones share it; the last one to go deletes it, unless the test is failing.
#[derive(Clone)]
pub struct TestDirectory {
    folder: Arc<Folder>,
}

struct Folder {
    path: PathBuf,
}

impl TestDirectory {
    /// Makes an empty folder below the system's temporary directory.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ochre-test-{}-{number}", std::process::id()));
        // Left over from an earlier process with the same number.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary directory can be written to");
        Self { folder: Arc::new(Folder { path }) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder.path
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path.join(name)
    }

    /// The bytes of a file in it.
    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.file(name);
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// The bytes of a file in it; nothing when it cannot be read (the test that failed may not have come so far).
    #[must_use]
    pub fn read_if_there(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_default()
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(name);
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// The names of the files in a folder in it (`""` for the folder itself), sorted; empty if there is none.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.file(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Copies the files and folders named from another directory; what is not there is left out.
    pub fn copy_from(&self, other: &Self, names: &[&str]) {
        for name in names {
            copy(&other.file(name), &self.file(name));
        }
    }
}

impl Default for TestDirectory {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    #[expect(clippy::print_stderr, reason = "a failing test tells where its files are")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the test's files are kept in {}", self.path.display());
        } else {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder can be made in a test's directory");
        for entry in fs::read_dir(from).expect("the folder was there a moment ago").flatten() {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.is_file() {
        fs::copy(from, to)
            .unwrap_or_else(|error| panic!("cannot copy {} to {}: {error}", from.display(), to.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_away_with_its_last_clone() {
        let directory = TestDirectory::new();
        let path = directory.path().to_path_buf();
        directory.write("a", "1");
        drop(directory.clone());
        assert_eq!(directory.read("a"), b"1");
        drop(directory);
        assert!(!path.exists());
    }

    #[test]
    fn copies_folders() {
        let (from, to) = (TestDirectory::new(), TestDirectory::new());
        fs::create_dir(from.file("inner")).expect("empty folder");
        from.write("inner/b", "2");
        to.copy_from(&from, &["inner", "missing"]);
        assert_eq!(to.names("inner"), ["b"]);
    }
}
