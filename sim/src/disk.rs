//! A host's disk as one process sees it: calls fail, room runs out, and at a given call the process dies in the middle.

use engine::shared::Shared;
use log::vfs::{MemoryVfs, Vfs, VfsFile};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use stdx::random::Random;

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// It is killed: what it has written stays with the system.
    Kill,
    /// Power is lost: what was not forced may be gone, in part or with holes.
    Power,
}

/// The disk's mood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mood {
    /// Of a thousand calls that change or force something, so many fail.
    pub failing: u64,
    /// Nothing more can be written.
    pub is_full: bool,
}

struct State {
    dice: Random,
    mood: Mood,
    /// Calls until the process dies in the middle of one, and how.
    dies_after: Option<(u64, Death)>,
    /// What the next life finds.
    left: Option<(MemoryVfs, Death)>,
    /// A call has failed in this life.
    has_failed: bool,
}

/// The disk for one life of a process. Clones share it.
#[derive(Clone)]
pub struct Disk {
    inner: MemoryVfs,
    state: Arc<Shared<State>>,
}

const IO_ERROR: i32 = 5;
const NO_SPACE: i32 = 28;

impl Disk {
    /// What an earlier life left, for the next.
    pub fn new(inner: MemoryVfs, seed: u64) -> Disk {
        let dice = Random::from_seed(seed);
        let state = State { dice, mood: Mood::default(), dies_after: None, left: None, has_failed: false };
        Disk { inner, state: Arc::new(Shared::new(state)) }
    }

    /// How the disk behaves from now on.
    pub fn set_mood(&self, mood: Mood) {
        self.state.lock().mood = mood;
    }

    /// The process dies in the middle of the call after so many.
    pub fn die_after(&self, calls: u64, death: Death) {
        self.state.lock().dies_after = Some((calls, death));
    }

    /// It dies of no call to come.
    pub fn live_on(&self) {
        self.state.lock().dies_after = None;
    }

    /// Whether the process is dead.
    pub fn is_dead(&self) -> bool {
        self.state.lock().left.is_some()
    }

    /// Whether a call has failed.
    pub fn has_failed(&self) -> bool {
        self.state.lock().has_failed
    }

    /// The process dies now, unless it has. Returns what it leaves, and how it died.
    pub fn die(&self, death: Death) -> (MemoryVfs, Death) {
        let mut state = self.state.lock();
        self.leave(&mut state, death);
        state.left.clone().expect("just left")
    }

    fn leave(&self, state: &mut State, death: Death) {
        if state.left.is_none() {
            let left = match death {
                Death::Kill => self.inner.fork(),
                Death::Power => self.inner.crash(state.dice.bits()),
            };
            state.left = Some((left, death));
        }
    }

    /// Before a call: whether it fails.
    fn check(&self, writes: bool) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Some((calls, death)) = state.dies_after {
            state.dies_after = calls.checked_sub(1).map(|calls| (calls, death));
            if calls == 0 {
                self.leave(&mut state, death);
            }
        }
        if state.left.is_some() {
            return Err(io::Error::from_raw_os_error(IO_ERROR));
        }
        let failing = state.mood.failing;
        let fails = failing > 0 && state.dice.below(1000) < failing;
        if fails || (writes && state.mood.is_full) {
            state.has_failed = true;
            return Err(io::Error::from_raw_os_error(if fails { IO_ERROR } else { NO_SPACE }));
        }
        Ok(())
    }

    fn wrap(&self, file: Box<dyn VfsFile>) -> Box<dyn VfsFile> {
        Box::new(OpenFile { disk: self.clone(), inner: file })
    }
}

impl Vfs for Disk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        self.check(true)?;
        Ok(self.wrap(self.inner.create(path)?))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        Ok(self.wrap(self.inner.open_append(path)?))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        Ok(self.wrap(self.inner.open_read(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check(false)?;
        self.inner.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.check(false)?;
        self.inner.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.check(false)?;
        self.inner.sync_dir(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir(path)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.inner.exists(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.inner.list(path)
    }
}

struct OpenFile {
    disk: Disk,
    inner: Box<dyn VfsFile>,
}

impl Read for OpenFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl Write for OpenFile {
    /// A write in whose middle the process dies, or that fails, may have left a part.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_last = self.disk.state.lock().dies_after.is_some_and(|(calls, _)| calls == 0);
        if is_last && !self.disk.is_dead() {
            self.inner.write_all(&bytes[..bytes.len() / 2])?;
        }
        self.disk.check(true)?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl VfsFile for OpenFile {
    fn sync_data(&mut self) -> io::Result<()> {
        self.disk.check(false).inspect_err(|_| self.inner.lose_unsynced())?;
        self.inner.sync_data()
    }

    fn truncate(&mut self, length_bytes: u64) -> io::Result<()> {
        self.disk.check(false)?;
        self.inner.truncate(length_bytes)
    }

    fn length_bytes(&self) -> io::Result<u64> {
        self.inner.length_bytes()
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, place)
    }

    fn lose_unsynced(&mut self) {
        self.inner.lose_unsynced();
    }
}
