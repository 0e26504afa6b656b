//! The disk behind a trait: the real one, a simulated one that can lose power, and one that fails on demand.

mod failing;
mod memory;
mod real;

pub use failing::{FailingVfs, Fault, FaultKind, Operation};
pub use memory::MemoryVfs;
pub use real::RealVfs;

use std::io;
use std::path::Path;

/// A file system, as far as the log needs one. Every error is the operating system's.
pub trait Vfs: Send + Sync {
    /// Creates a file for writing, or empties the one that is there.
    ///
    /// # Errors
    /// As the operating system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn VfsFile>>;

    /// Opens a file that is there for writing at its end.
    ///
    /// # Errors
    /// As the operating system says.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn VfsFile>>;

    /// Opens a file that is there for reading from its beginning.
    ///
    /// # Errors
    /// As the operating system says.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn VfsFile>>;

    /// Gives a file another name, replacing what had it. Survives a crash only after [`Vfs::sync_dir`].
    ///
    /// # Errors
    /// As the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Forces the names in a directory to disk.
    ///
    /// # Errors
    /// As the operating system says.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and its parents, unless it is there.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Whether there is a file or directory of that name.
    ///
    /// # Errors
    /// As the operating system says.
    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// The names of the files in a directory, sorted; names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
}

/// An open file: `Read` goes on from where reading stopped, `Write` appends at the end.
pub trait VfsFile: io::Read + io::Write + Send {
    /// Forces the bytes (and the length) to disk.
    ///
    /// # Errors
    /// As the operating system says. After an error nobody knows which of the bytes written since the last
    /// success are on disk, and a later success says nothing about them.
    fn sync_data(&mut self) -> io::Result<()>;

    /// Reads at a place of the file, whatever was read or written before. Returns the number of bytes: 0 at the end.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize>;

    /// Cuts the file to `length_bytes`; writing goes on from there.
    ///
    /// # Errors
    /// As the operating system says.
    fn truncate(&mut self, length_bytes: u64) -> io::Result<()>;

    /// Bytes in the file.
    ///
    /// # Errors
    /// As the operating system says.
    fn length_bytes(&self) -> io::Result<u64>;

    /// For simulations: a sync is about to be reported as failed, so what it would have written may be lost
    /// although later syncs succeed.
    fn lose_unsynced(&mut self) {}
}

/// Replaces a file so that a crash leaves either the old or the new content: writes `temporary`, forces it
/// to disk, renames it to `path` and forces the directory to disk.
///
/// # Errors
/// The first that occurs; `temporary` may be left behind, `path` has its old content until the rename.
pub fn replace_file(vfs: &dyn Vfs, temporary: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = vfs.create(temporary)?;
    file.write_all(content)?;
    file.sync_data()?;
    drop(file);
    vfs.rename(temporary, path)?;
    vfs.sync_dir(path.parent().unwrap_or(Path::new(".")))
}

#[cfg(test)]
mod tests;
