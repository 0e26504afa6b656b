//! The thread: order, group commit, back-pressure, faults and the end.

use super::{Clock, LogThread, Request, Submission, ThreadOptions};
use crate::history::{Chain, ReplicationId};
use crate::manifest::Manifest;
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::scan::{End, Options, Record, scan};
use crate::vfs::{FailingVfs, Fault, FaultKind, MemoryVfs, Operation, Vfs, VfsFile};
use crate::writer::{LogWriter, Start, WriterOptions};
use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

const DIRECTORY: &str = "/log";

/// Lets a test sleep until something holds, re-examined whenever the thread notifies.
#[derive(Clone, Default)]
struct Signal(Arc<(Mutex<u64>, Condvar)>);

impl Signal {
    fn raise(&self) {
        *self.0.0.lock().expect("test") += 1;
        self.0.1.notify_all();
    }

    fn wait_until(&self, condition: impl Fn() -> bool) {
        let mut count = self.0.0.lock().expect("test");
        while !condition() {
            count = self.0.1.wait(count).expect("test");
        }
    }
}

/// A disk on which forcing waits until the gate is open.
#[derive(Clone)]
struct GatedVfs {
    inner: MemoryVfs,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

struct GatedFile(Box<dyn VfsFile>, Arc<(Mutex<bool>, Condvar)>);

impl GatedVfs {
    fn new() -> Self {
        Self { inner: MemoryVfs::new(), gate: Arc::new((Mutex::new(true), Condvar::new())) }
    }

    fn set_open(&self, is_open: bool) {
        *self.gate.0.lock().expect("test") = is_open;
        self.gate.1.notify_all();
    }

    fn wrap(&self, file: io::Result<Box<dyn VfsFile>>) -> io::Result<Box<dyn VfsFile>> {
        Ok(Box::new(GatedFile(file?, Arc::clone(&self.gate))))
    }
}

impl Vfs for GatedVfs {
    fn create(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        self.wrap(self.inner.create(path))
    }
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        self.wrap(self.inner.open_append(path))
    }
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn VfsFile>> {
        self.inner.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
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

impl Read for GatedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for GatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl VfsFile for GatedFile {
    fn sync_data(&mut self) -> io::Result<()> {
        let is_open = self.1.0.lock().expect("test");
        drop(self.1.1.wait_while(is_open, |is_open| !*is_open).expect("test"));
        self.0.sync_data()
    }
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        self.0.read_at(buffer, place)
    }
    fn truncate(&mut self, length_bytes: u64) -> io::Result<()> {
        self.0.truncate(length_bytes)
    }
    fn length_bytes(&self) -> io::Result<u64> {
        self.0.length_bytes()
    }
}

fn real_clock() -> Clock {
    let started = Instant::now();
    Box::new(move || Moment {
        monotonic_ms: u64::try_from(started.elapsed().as_millis()).expect("short test"),
        unix_s: 1_700_000_000,
    })
}

fn start(vfs: Arc<dyn Vfs>, policy: FsyncPolicy, clock: Clock, signal: &Signal) -> LogThread {
    let id = ReplicationId::from_random([9; 20]);
    let start = Start { id, chain: Chain::new(), offset: Offset::ZERO, resume: None, held: Vec::new() };
    let options = WriterOptions {
        directory: DIRECTORY.into(),
        stem: "appendonly.aof".into(),
        policy,
        timestamps: false,
        retention: crate::held_files::Retention::NONE,
    };
    let writer = LogWriter::open(vfs, options, Manifest::new(), start, Moment::default());
    let signal = signal.clone();
    let notify = Box::new(move || signal.raise());
    let options = ThreadOptions { clock, notify, queue_bytes_max: 4096 };
    LogThread::spawn(writer.expect("healthy"), options).expect("a thread")
}

fn command(number: u64) -> Vec<u8> {
    let digits = format!("{number:06}");
    format!("*2\r\n$1\r\nW\r\n${}\r\n{digits}\r\n", digits.len()).into_bytes()
}

fn append(submission: &Submission, end: &mut Offset, number: u64) {
    let bytes = command(number);
    *end = end.plus(bytes.len());
    submission.append(&bytes, *end);
}

fn numbers(vfs: &dyn Vfs, sequence: u64) -> Vec<u64> {
    let path = Path::new(DIRECTORY).join(format!("appendonly.aof.{sequence}.incr.aof"));
    let mut numbers = Vec::new();
    let report = scan(vfs.open_read(&path).expect("there"), &Options::default(), |record| {
        if let Record::Command { arguments, .. } = record {
            let digits = std::str::from_utf8(arguments.get(1).expect("number")).expect("digits");
            numbers.push(digits.parse().expect("number"));
        }
        Ok::<(), Infallible>(())
    });
    assert_eq!(report.expect("readable").end, End::Clean);
    numbers
}

#[test]
fn many_turns_arrive_in_order_and_become_durable() {
    let memory = MemoryVfs::new();
    let signal = Signal::default();
    let thread = start(Arc::new(memory.clone()), FsyncPolicy::Always, real_clock(), &signal);
    let submission = thread.submission();
    let mut end = Offset::ZERO;
    for number in 0..3000 {
        append(&submission, &mut end, number);
        if number % 7 == 0 {
            submission.wake();
        }
    }
    submission.wake();
    signal.wait_until(|| submission.durable_offset() == end);
    assert_eq!(numbers(&memory.crash(4), 1), (0..3000).collect::<Vec<_>>());
    append(&submission, &mut end, 3000);
    thread.close().expect("healthy");
    assert_eq!(submission.durable_offset(), end);
    assert_eq!(numbers(&memory.crash(5), 1).len(), 3001);
    append(&submission, &mut end, 3001);
    assert_eq!(submission.queued_bytes(), 0, "nobody would take it");
}

#[test]
fn every_second_forces_without_being_woken_again() {
    let memory = MemoryVfs::new();
    let signal = Signal::default();
    let thread = start(Arc::new(memory.clone()), FsyncPolicy::EverySecond, real_clock(), &signal);
    let submission = thread.submission();
    let mut end = Offset::ZERO;
    append(&submission, &mut end, 0);
    submission.wake();
    signal.wait_until(|| submission.durable_offset() == end);
    assert_eq!(numbers(&memory.crash(1), 1), [0]);
    drop(thread);
}

#[test]
fn a_slow_disk_makes_the_caller_wait_only_over_the_limit() {
    let vfs = GatedVfs::new();
    let signal = Signal::default();
    let thread = start(Arc::new(vfs.clone()), FsyncPolicy::Always, real_clock(), &signal);
    let submission = thread.submission();
    vfs.set_open(false);
    let mut end = Offset::ZERO;
    append(&submission, &mut end, 0);
    submission.wake();
    while !submission.is_syncing() {
        std::thread::yield_now();
    }
    (1..100).for_each(|number| append(&submission, &mut end, number));
    assert_eq!((submission.delays(), submission.durable_offset()), (0, Offset::ZERO));
    let caller = std::thread::spawn({
        let submission = submission.clone();
        move || {
            (100..1000).for_each(|number| append(&submission, &mut end, number));
            submission.wake();
            end
        }
    });
    while submission.delays() == 0 {
        std::thread::yield_now();
    }
    assert!(submission.queued_bytes() <= 4096);
    vfs.set_open(true);
    let end = caller.join().expect("no panic");
    signal.wait_until(|| submission.durable_offset() == end);
    thread.close().expect("healthy");
    assert_eq!(numbers(&vfs.inner, 1).len(), 1000);
}

#[test]
fn requests_keep_their_place_in_the_stream() {
    let memory = MemoryVfs::new();
    let signal = Signal::default();
    let thread = start(Arc::new(memory.clone()), FsyncPolicy::No, real_clock(), &signal);
    let submission = thread.submission();
    let (sender, receiver) = channel();
    let mut end = Offset::ZERO;
    (0..10).for_each(|number| append(&submission, &mut end, number));
    let at = end;
    let rotated = sender.clone();
    let done = Box::new(move |result: Result<Offset, _>| rotated.send(result.ok()).expect("waiting"));
    submission.request(Request::Rotate { prologue: Vec::new(), done });
    (10..20).for_each(|number| append(&submission, &mut end, number));
    let done =
        Box::new(move |result: Result<(), _>| sender.send(result.ok().map(|()| Offset::MAX)).expect(""));
    submission.request(Request::Sync(done));
    assert_eq!(receiver.recv().expect("answered"), Some(at));
    assert_eq!(receiver.recv().expect("answered"), Some(Offset::MAX));
    assert_eq!(submission.durable_offset(), end);
    assert_eq!(numbers(&memory, 1), (0..10).collect::<Vec<_>>());
    assert_eq!(numbers(&memory, 2), (10..20).collect::<Vec<_>>());
    let id = ReplicationId::from_random([8; 20]);
    submission.request(Request::Restart { id, chain: Chain::new(), offset: Offset(5000) });
    submission.wake();
    signal.wait_until(|| !submission.is_ok());
    assert_eq!(submission.durable_offset(), Offset::ZERO);
}

#[test]
fn a_failing_disk_is_told_and_its_recovery_too() {
    let memory = MemoryVfs::new();
    let vfs = FailingVfs::new(Arc::new(memory.clone()));
    let signal = Signal::default();
    let thread = start(Arc::new(vfs.clone()), FsyncPolicy::Always, real_clock(), &signal);
    let submission = thread.submission();
    let fault =
        Fault { operation: Some(Operation::Sync), nth: 1, calls: u64::MAX, kind: FaultKind::Errno(5) };
    vfs.set_fault(Some(fault));
    let mut end = Offset::ZERO;
    append(&submission, &mut end, 0);
    submission.wake();
    signal.wait_until(|| vfs.has_failed() && !submission.is_ok());
    assert_eq!(submission.durable_offset(), Offset::ZERO);
    assert!(submission.status().failure.is_some());
    vfs.set_fault(None);
    signal.wait_until(|| submission.is_ok() && submission.durable_offset() == end);
    assert_eq!(numbers(&memory.crash(2), 1), [0]);
    drop(thread);
}

#[test]
fn nobody_waits_for_a_thread_that_died() {
    let signal = Signal::default();
    let calls = Arc::new(AtomicU64::new(0));
    let clock: Clock = Box::new(move || {
        assert!(calls.fetch_add(1, Ordering::Relaxed) < 3, "the test's clock breaks");
        Moment::default()
    });
    let thread = start(Arc::new(MemoryVfs::new()), FsyncPolicy::Always, clock, &signal);
    let submission = thread.submission();
    let mut end = Offset::ZERO;
    for number in 0..10_000 {
        append(&submission, &mut end, number);
        submission.wake();
    }
    while submission.is_ok() {
        std::thread::yield_now();
    }
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| thread.close())).is_err());
}
