//! A simulated disk that can lose power: what was not forced to it may be lost, cut or torn, from a seed.
#![expect(
    clippy::disallowed_types,
    reason = "stands in for a disk; the log lies below the engine, which names the lock type"
)]

use super::{Vfs, VfsFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that a disk writes as one: within a lost range, each such part is there or not.
const SECTOR_BYTES: usize = 512;

/// A file system in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryVfs(Arc<Mutex<Disk>>);

/// One file: what readers see, what the disk holds, and from where on they differ.
#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    dirty_from: usize,
}

/// A change of names that the disk may not hold yet.
#[derive(Clone, Debug)]
enum NameChange {
    Link(PathBuf, usize),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf),
}

#[derive(Clone, Debug, Default)]
struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    pending: Vec<NameChange>,
    directories: BTreeSet<PathBuf>,
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: &NameChange) {
    match change {
        NameChange::Link(path, inode) => {
            names.insert(path.clone(), *inode);
        }
        NameChange::Unlink(path) => {
            names.remove(path);
        }
        NameChange::Rename(from, to) => {
            if let Some(inode) = names.remove(from) {
                names.insert(to.clone(), inode);
            }
        }
    }
}

impl NameChange {
    fn is_in(&self, directory: &Path) -> bool {
        let (Self::Link(path, _) | Self::Unlink(path) | Self::Rename(_, path)) = self;
        path.parent() == Some(directory)
    }
}

/// A small generator, so that a crash is the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }
}

impl Inode {
    fn sync(&mut self) {
        self.durable.resize(self.bytes.len(), 0);
        self.durable[self.dirty_from..].copy_from_slice(&self.bytes[self.dirty_from..]);
        self.dirty_from = self.bytes.len();
    }

    /// What the disk holds after power was lost: of the bytes not forced, a part, with holes.
    fn after_crash(&self, dice: &mut Dice) -> Vec<u8> {
        let same = self.durable.len().min(self.dirty_from);
        let mut left = self.durable.clone();
        if self.dirty_from < self.durable.len() && dice.below(2) == 0 {
            return left;
        }
        left.truncate(same.max(self.dirty_from.min(left.len())));
        let lost = self.bytes.len().saturating_sub(left.len());
        let kept_end = left.len() + dice.below(lost + 1);
        while left.len() < kept_end {
            let sector_end = ((left.len() / SECTOR_BYTES + 1) * SECTOR_BYTES).min(kept_end);
            if dice.below(8) == 0 || left.len() < self.dirty_from {
                left.resize(sector_end, 0);
            } else {
                left.extend_from_slice(&self.bytes[left.len()..sector_end]);
            }
        }
        left
    }
}

impl Disk {
    fn inode(&mut self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn change(&mut self, change: NameChange) {
        apply(&mut self.names, &change);
        self.pending.push(change);
    }
}

impl MemoryVfs {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("no holder of the simulated disk panics")
    }

    /// What a reboot finds after power was lost now. The same seed loses the same. This disk goes on.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        let disk = self.disk();
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut names = disk.durable_names.clone();
        let kept = dice.below(disk.pending.len() + 1);
        disk.pending.iter().take(kept).for_each(|change| apply(&mut names, change));
        let mut after = Disk { directories: disk.directories.clone(), ..Disk::default() };
        for (path, inode) in names {
            let bytes = disk.inodes[inode].after_crash(&mut dice);
            after.names.insert(path, after.inodes.len());
            after.inodes.push(Inode { dirty_from: bytes.len(), durable: bytes.clone(), bytes });
        }
        after.durable_names = after.names.clone();
        Self(Arc::new(Mutex::new(after)))
    }

    /// A copy of everything, as another process would see it: nothing is lost (the process was killed).
    #[must_use]
    pub fn fork(&self) -> Self {
        Self(Arc::new(Mutex::new(self.disk().clone())))
    }

    /// The bytes of a file; `None` when there is none.
    #[must_use]
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let mut disk = self.disk();
        let inode = disk.inode(path).ok()?;
        Some(disk.inodes[inode].bytes.clone())
    }
}

impl Vfs for MemoryVfs {
    fn create(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        let mut disk = self.disk();
        if !disk.directories.contains(path.parent().unwrap_or(Path::new(""))) {
            return Err(ErrorKind::NotFound.into());
        }
        let inode = match disk.inode(path) {
            Ok(inode) => inode,
            Err(_) => {
                disk.inodes.push(Inode::default());
                let inode = disk.inodes.len() - 1;
                disk.change(NameChange::Link(path.to_owned(), inode));
                inode
            }
        };
        disk.inodes[inode].bytes.clear();
        disk.inodes[inode].dirty_from = 0;
        Ok(Box::new(MemoryFile { disk: self.clone(), inode, at: 0 }))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        self.open_read(path)
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        let inode = self.disk().inode(path)?;
        Ok(Box::new(MemoryFile { disk: self.clone(), inode, at: 0 }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.inode(from)?;
        disk.change(NameChange::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.inode(path)?;
        disk.change(NameChange::Unlink(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        let (here, elsewhere) = std::mem::take(&mut disk.pending).into_iter().partition(|c| c.is_in(path));
        let here: Vec<NameChange> = here;
        here.iter().for_each(|change| apply(&mut disk.durable_names, change));
        disk.pending = elsewhere;
        Ok(())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.disk().directories.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let disk = self.disk();
        Ok(disk.names.contains_key(path) || disk.directories.contains(path))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let disk = self.disk();
        if !disk.directories.contains(path) {
            return Err(ErrorKind::NotFound.into());
        }
        let inside = disk.names.keys().filter(|file| file.parent() == Some(path));
        Ok(inside.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect())
    }
}

struct MemoryFile {
    disk: MemoryVfs,
    inode: usize,
    at: usize,
}

impl MemoryFile {
    fn with<T>(&self, work: impl FnOnce(&mut Inode) -> T) -> T {
        work(&mut self.disk.disk().inodes[self.inode])
    }
}

impl Read for MemoryFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(buffer, self.at as u64)?;
        self.at += count;
        Ok(count)
    }
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|inode| inode.bytes.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl VfsFile for MemoryFile {
    fn sync_data(&mut self) -> io::Result<()> {
        self.with(Inode::sync);
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        Ok(self.with(|inode| {
            let rest = inode.bytes.get(place..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            count
        }))
    }

    fn truncate(&mut self, length_bytes: u64) -> io::Result<()> {
        let length = usize::try_from(length_bytes).map_err(|_| ErrorKind::InvalidInput)?;
        self.with(|inode| {
            inode.bytes.resize(length, 0);
            inode.dirty_from = inode.dirty_from.min(length);
        });
        Ok(())
    }

    fn length_bytes(&self) -> io::Result<u64> {
        Ok(self.with(|inode| inode.bytes.len()) as u64)
    }

    fn lose_unsynced(&mut self) {
        self.with(|inode| inode.dirty_from = inode.bytes.len());
    }
}
