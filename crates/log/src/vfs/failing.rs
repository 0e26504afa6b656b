//! A file system that fails on demand: the n-th call of a kind, once or from then on.
#![expect(
    clippy::disallowed_types,
    reason = "stands in for a disk; the log lies below the engine, which names the lock type"
)]

use super::{Vfs, VfsFile};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The kinds of calls that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Creating a file.
    Create,
    /// Opening one.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Forcing a file to disk.
    Sync,
    /// Forcing a directory to disk.
    SyncDir,
    /// Renaming.
    Rename,
    /// Removing.
    Remove,
    /// Truncating.
    Truncate,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// With this error number of the operating system (28: no space left, 5: input/output error).
    Errno(i32),
    /// A write takes half of the bytes and succeeds; the next write fails with this error number. Other
    /// calls fail at once.
    Short(i32),
}

/// A failure to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which calls count; `None`: all that change or force something, but no reads and opens.
    pub operation: Option<Operation>,
    /// The first call that fails, counted from 1.
    pub nth: u64,
    /// How many calls fail: 1 for a passing fault, `u64::MAX` for a broken disk or a dead process.
    pub calls: u64,
    /// How they fail.
    pub kind: FaultKind,
}

#[derive(Debug, Default)]
struct Plan {
    fault: Option<Fault>,
    seen: u64,
    half_written: bool,
}

enum Verdict {
    Pass,
    Half,
    Fail(i32),
}

impl Plan {
    fn judge(&mut self, operation: Operation) -> Verdict {
        let Some(fault) = self.fault else { return Verdict::Pass };
        let counted = match fault.operation {
            Some(only) => only == operation,
            None => !matches!(operation, Operation::Read | Operation::Open),
        };
        if !counted {
            return Verdict::Pass;
        }
        self.seen += 1;
        if self.seen < fault.nth || self.seen - fault.nth >= fault.calls {
            return Verdict::Pass;
        }
        match fault.kind {
            FaultKind::Short(_) if operation == Operation::Write && !self.half_written => {
                self.half_written = true;
                self.seen -= 1;
                Verdict::Half
            }
            FaultKind::Short(errno) | FaultKind::Errno(errno) => Verdict::Fail(errno),
        }
    }

    fn check(&mut self, operation: Operation) -> io::Result<()> {
        match self.judge(operation) {
            Verdict::Fail(errno) => Err(io::Error::from_raw_os_error(errno)),
            Verdict::Pass | Verdict::Half => Ok(()),
        }
    }
}

/// Passes calls on to another file system, except those that a [`Fault`] names. Clones share the plan.
#[derive(Clone)]
pub struct FailingVfs {
    inner: Arc<dyn Vfs>,
    plan: Arc<Mutex<Plan>>,
}

struct FailingFile {
    inner: Box<dyn VfsFile>,
    plan: Arc<Mutex<Plan>>,
}

fn check(plan: &Mutex<Plan>, operation: Operation) -> io::Result<()> {
    plan.lock().expect("no holder of the fault plan panics").check(operation)
}

impl FailingVfs {
    /// A file system without faults so far.
    #[must_use]
    pub fn new(inner: Arc<dyn Vfs>) -> Self {
        Self { inner, plan: Arc::default() }
    }

    /// Plans a fault and counts calls from here; `None` heals.
    pub fn set_fault(&self, fault: Option<Fault>) {
        let plan = Plan { fault, seen: 0, half_written: false };
        *self.plan.lock().expect("no holder of the fault plan panics") = plan;
    }

    /// Whether the planned fault has occurred: loops over `nth` end when it no longer does.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let plan = self.plan.lock().expect("no holder of the fault plan panics");
        plan.half_written || plan.fault.is_some_and(|fault| plan.seen >= fault.nth)
    }

    fn wrap(&self, file: io::Result<Box<dyn VfsFile>>) -> io::Result<Box<dyn VfsFile>> {
        Ok(Box::new(FailingFile { inner: file?, plan: Arc::clone(&self.plan) }))
    }
}

impl Vfs for FailingVfs {
    fn create(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        check(&self.plan, Operation::Create)?;
        self.wrap(self.inner.create(path))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        check(&self.plan, Operation::Open)?;
        self.wrap(self.inner.open_append(path))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        check(&self.plan, Operation::Open)?;
        self.wrap(self.inner.open_read(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        check(&self.plan, Operation::Rename)?;
        self.inner.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        check(&self.plan, Operation::Remove)?;
        self.inner.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        check(&self.plan, Operation::SyncDir)?;
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

impl Read for FailingFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        check(&self.plan, Operation::Read)?;
        self.inner.read(buffer)
    }
}

impl Write for FailingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let verdict = self.plan.lock().expect("no holder of the fault plan panics").judge(Operation::Write);
        match verdict {
            Verdict::Fail(errno) => Err(io::Error::from_raw_os_error(errno)),
            Verdict::Half => self.inner.write(&bytes[..bytes.len().div_ceil(2)]),
            Verdict::Pass => self.inner.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl VfsFile for FailingFile {
    fn sync_data(&mut self) -> io::Result<()> {
        check(&self.plan, Operation::Sync).inspect_err(|_| self.inner.lose_unsynced())?;
        self.inner.sync_data()
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        check(&self.plan, Operation::Read)?;
        self.inner.read_at(buffer, place)
    }

    fn truncate(&mut self, length_bytes: u64) -> io::Result<()> {
        check(&self.plan, Operation::Truncate)?;
        self.inner.truncate(length_bytes)
    }

    fn length_bytes(&self) -> io::Result<u64> {
        self.inner.length_bytes()
    }

    fn lose_unsynced(&mut self) {
        self.inner.lose_unsynced();
    }
}
