//! The writer against a disk that fails at every call in turn and loses power after every step.
//!
//! The data set of these tests is a count: the n-th write says `W n`, a base says `BASE n` for "the first n
//! writes". What is loaded must be the first so many writes without a hole, at least those declared durable.

use super::{Continuity, FailedCall, LogWriter, Resume, Start, WriterOptions};
use crate::annotation::Annotation;
use crate::held_files::Retention;
use crate::history::{Branch, Chain, ReplicationId};
use crate::manifest::{self, BaseFormat, Manifest};
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::scan::{End, Options, Position, Record, Report, scan, verify};
use crate::vfs::{FailingVfs, Fault, FaultKind, MemoryVfs, Operation, Vfs};
use std::convert::Infallible;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

const DIRECTORY: &str = "/data/appendonlydir";
const STEM: &str = "appendonly.aof";
const KEPT: Retention = Retention { bytes: 1 << 20, seconds: 0 };
const PROLOGUE: &[u8] = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";

fn id(byte: u8) -> ReplicationId {
    ReplicationId::from_random([byte; 20])
}

fn options(policy: FsyncPolicy) -> WriterOptions {
    WriterOptions {
        directory: DIRECTORY.into(),
        stem: STEM.into(),
        policy,
        timestamps: true,
        retention: KEPT,
    }
}

fn command(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    words.iter().for_each(|word| text.push_str(&format!("${}\r\n{word}\r\n", word.len())));
    text.into_bytes()
}

/// What a loader finds in the directory.
#[derive(Debug)]
struct Loaded {
    writes: u64,
    last: Option<Report>,
    manifest: Manifest,
    position: Option<Position>,
}

fn content(vfs: &dyn Vfs, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = vfs.open_read(&Path::new(DIRECTORY).join(name)).expect("a listed file is there");
    file.read_to_end(&mut bytes).expect("readable");
    bytes
}

/// Applies the commands of a file to the count; a hole or a repetition is a failure of the test.
fn apply(bytes: &[u8], writes: &mut u64) {
    let result = scan(bytes, &Options::default(), |record| {
        if let Record::Command { arguments, .. } = record {
            let number = || std::str::from_utf8(arguments.get(1).expect("number")).expect("text").parse();
            match arguments.get(0).expect("a name") {
                b"W" => {
                    assert_eq!(number(), Ok(*writes), "a hole in the log");
                    *writes += 1;
                }
                b"BASE" => *writes = number().expect("number"),
                b"SELECT" => {}
                other => panic!("unknown command {}", other.escape_ascii()),
            }
        }
        Ok::<(), Infallible>(())
    });
    result.expect("readable");
}

fn load(vfs: &dyn Vfs) -> Loaded {
    let manifest = manifest::load(vfs, Path::new(DIRECTORY), STEM).expect("readable").unwrap_or_default();
    let (mut writes, mut last, mut position) = (0, None, None);
    if let Some(base) = &manifest.base {
        apply(&content(vfs, &base.name), &mut writes);
    }
    for (index, entry) in manifest.increments.iter().enumerate() {
        let bytes = content(vfs, &entry.name);
        let report = verify(bytes.as_slice(), &Options::default()).expect("readable");
        let is_last = index + 1 == manifest.increments.len();
        assert!(report.end == End::Clean || is_last, "{}: {report:?}", entry.name);
        if let (Some(before), Some(first)) = (position, report.first) {
            assert_eq!(before, first, "positions of {} do not follow", entry.name);
        }
        let good = usize::try_from(report.good_bytes).expect("small");
        apply(&bytes[..good], &mut writes);
        position = report.position.or(position);
        last = Some(report);
    }
    Loaded { writes, last, manifest, position }
}

/// The caller of a writer: knows at which offset the n-th write ended.
struct Caller {
    writer: LogWriter,
    vfs: Arc<FailingVfs>,
    memory: MemoryVfs,
    ends: Vec<Offset>,
    now: Moment,
    policy: FsyncPolicy,
    /// Writes at the rotation of the rewrite in progress.
    rewriting_at: Option<u64>,
}

impl Caller {
    fn new(policy: FsyncPolicy) -> Self {
        let memory = MemoryVfs::new();
        let vfs = Arc::new(FailingVfs::new(Arc::new(memory.clone())));
        let start =
            Start { id: id(1), chain: Chain::new(), offset: Offset(1000), resume: None, held: Vec::new() };
        let now = Moment { monotonic_ms: 5000, unix_s: 1_700_000_000 };
        let writer = LogWriter::open(vfs.clone(), options(policy), Manifest::new(), start, now);
        let writer = writer.expect("nothing fails yet");
        Self { writer, vfs, memory, ends: vec![Offset(1000)], now, policy, rewriting_at: None }
    }

    fn writes(&self) -> u64 {
        self.ends.len() as u64 - 1
    }

    fn write(&mut self, padding: usize) {
        let bytes = command(&["W", &self.writes().to_string(), &"x".repeat(padding)]);
        let end = self.writer.end().plus(bytes.len());
        self.ends.push(end);
        let written = self.writer.write(&bytes, end, self.now);
        if self.policy == FsyncPolicy::Always && written.is_ok() {
            let _ = self.writer.sync(self.now);
        }
        self.pass(30);
    }

    fn pass(&mut self, ms: u64) {
        self.now.monotonic_ms += ms;
        self.now.unix_s = 1_700_000_000 + self.now.monotonic_ms / 1000;
        let _ = self.writer.tick(self.now);
    }

    fn rotate(&mut self) {
        if self.writer.rotate(PROLOGUE, self.now).is_ok() {
            self.rewriting_at = Some(self.writes());
        }
    }

    fn finish(&mut self) {
        let Some(writes) = self.rewriting_at.take() else { return };
        let result = self
            .write_base(writes)
            .map_err(drop)
            .and_then(|()| self.writer.finish_rewrite("temp-base", BaseFormat::Commands).map_err(drop));
        if result.is_err() {
            self.writer.abandon_rewrite(Some("temp-base"));
        }
    }

    fn write_base(&self, writes: u64) -> std::io::Result<()> {
        let mut file = self.vfs.create(&Path::new(DIRECTORY).join("temp-base"))?;
        file.write_all(&command(&["BASE", &writes.to_string()]))?;
        file.sync_data()
    }

    /// Power is lost now: everything declared durable must be found, in order and without a hole.
    fn check_crash(&self, seeds: std::ops::Range<u64>) {
        let durable = self.writer.durable_offset();
        let promised = self.ends.iter().filter(|end| **end <= durable).count() as u64 - 1;
        for seed in seeds {
            let loaded = load(&self.memory.crash(seed));
            assert!(loaded.writes >= promised, "seed {seed}: {} < {promised}: {loaded:?}", loaded.writes);
            assert!(loaded.writes <= self.writes());
            if let Some(position) = loaded.position {
                let end = self.ends[usize::try_from(loaded.writes).expect("small")];
                assert_eq!(position, Position { id: id(1), offset: end });
            }
        }
        let killed = load(&self.memory.fork());
        assert!(killed.writes >= promised && killed.writes <= self.writes());
    }
}

/// A life: writes small and large, a rewrite that ends, one that is given up, and another that ends.
fn live(caller: &mut Caller, mut after_step: impl FnMut(&Caller)) {
    for step in 0..30 {
        match step {
            8 | 15 | 20 => caller.rotate(),
            11 | 24 => caller.finish(),
            17 => {
                caller.rewriting_at = None;
                caller.writer.abandon_rewrite(None);
            }
            13 => caller.pass(1500),
            _ => caller.write(if step % 7 == 3 { 4500 } else { 10 }),
        }
        after_step(caller);
    }
}

/// The disk works again: after at most one rewrite everything is durable.
fn recover(caller: &mut Caller) {
    caller.vfs.set_fault(None);
    caller.pass(2000);
    if caller.writer.sync(caller.now).is_err() {
        assert_ne!(caller.writer.status().continuity, Continuity::Whole);
        caller.rotate();
        caller.write(5);
        caller.finish();
        caller.writer.sync(caller.now).expect("healed");
    } else if caller.writer.status().continuity == Continuity::Bridging {
        caller.rewriting_at.get_or_insert(caller.writes());
        caller.rotate();
        caller.finish();
        caller.writer.sync(caller.now).expect("healed");
    }
    assert!(caller.writer.status().is_ok(), "{:?}", caller.writer.status());
    assert_eq!(caller.writer.durable_offset(), caller.writer.end());
    caller.check_crash(0..10);
    caller.writer.close(caller.now).expect("healed");
    let loaded = load(&caller.memory.crash(1));
    assert_eq!(loaded.writes, caller.writes());
    assert!(loaded.last.expect("an increment").is_closed);
}

#[test]
fn without_faults_everything_is_found_again_after_every_step() {
    for policy in [FsyncPolicy::Always, FsyncPolicy::EverySecond, FsyncPolicy::No] {
        let mut caller = Caller::new(policy);
        live(&mut caller, |caller| {
            caller.check_crash(0..30);
            assert_eq!(load(&caller.memory.fork()).writes, caller.writes());
            if policy == FsyncPolicy::Always {
                assert_eq!(caller.writer.durable_offset(), caller.writer.end());
            }
        });
        recover(&mut caller);
        let mut files = caller.memory.list(Path::new(DIRECTORY)).expect("list");
        let is_kept = |name: &str| name.ends_with(".kept.aof") || name.ends_with(".kept");
        let kept = files.iter().filter(|name| is_kept(name)).count();
        assert_eq!(kept as u64, caller.writer.held_files().facts().kept_files + 1, "and their list");
        files.retain(|name| !name.ends_with(".manifest") && !is_kept(name));
        assert_eq!(files, ["appendonly.aof.2.base.aof", "appendonly.aof.4.incr.aof"], "{policy:?}");
    }
}

fn every_fault(policy: FsyncPolicy, operation: Option<Operation>, calls: u64, kind: FaultKind) {
    for nth in 1.. {
        let mut caller = Caller::new(policy);
        caller.vfs.set_fault(Some(Fault { operation, nth, calls, kind }));
        live(&mut caller, |caller| {
            if caller.vfs.has_failed() {
                caller.check_crash(nth..nth + 1);
            }
        });
        let has_failed = caller.vfs.has_failed();
        recover(&mut caller);
        if !has_failed {
            break;
        }
    }
}

#[test]
fn every_call_failing_once_loses_nothing_durable() {
    for policy in [FsyncPolicy::Always, FsyncPolicy::EverySecond, FsyncPolicy::No] {
        every_fault(policy, None, 1, FaultKind::Errno(5));
        every_fault(policy, None, 1, FaultKind::Short(28));
    }
}

#[test]
fn every_call_failing_for_a_while_loses_nothing_durable() {
    for policy in [FsyncPolicy::Always, FsyncPolicy::EverySecond] {
        every_fault(policy, None, 7, FaultKind::Errno(28));
        every_fault(policy, Some(Operation::Sync), 3, FaultKind::Errno(5));
        every_fault(policy, Some(Operation::Write), 5, FaultKind::Short(28));
        every_fault(policy, Some(Operation::Truncate), 2, FaultKind::Errno(5));
        every_fault(policy, Some(Operation::SyncDir), 2, FaultKind::Errno(5));
    }
}

#[test]
fn a_disk_that_dies_at_any_call_keeps_what_was_durable() {
    for policy in [FsyncPolicy::Always, FsyncPolicy::EverySecond] {
        every_fault(policy, None, u64::MAX, FaultKind::Errno(5));
        every_fault(policy, None, u64::MAX, FaultKind::Short(28));
    }
}

#[test]
fn a_full_disk_is_reported_in_its_words_and_forgotten_when_it_has_room() {
    let mut caller = Caller::new(FsyncPolicy::EverySecond);
    let fault = Fault { operation: Some(Operation::Write), nth: 1, calls: 2, kind: FaultKind::Short(28) };
    caller.vfs.set_fault(Some(fault));
    caller.write(100);
    let status = caller.writer.status();
    let failure = status.failure.clone().expect("failing");
    assert_eq!((failure.call, failure.errno), (FailedCall::Write, Some(28)));
    assert_eq!((failure.message.as_str(), status.is_ok()), ("No space left on device", false));
    assert!(status.waiting_bytes > 100);
    let whole = load(&caller.memory.fork()).last.expect("increment").end;
    assert_eq!(whole, End::Clean, "the short write was cut back");
    caller.pass(200);
    assert!(!caller.writer.status().is_ok());
    caller.pass(200);
    assert!(caller.writer.status().is_ok());
    assert_eq!(load(&caller.memory.fork()).writes, 1);
}

#[test]
fn on_a_full_disk_what_is_only_kept_goes_first() {
    let mut caller = Caller::new(FsyncPolicy::EverySecond);
    for _ in 0..2 {
        caller.write(100);
        caller.rotate();
        caller.finish();
    }
    let held = caller.writer.held_files();
    assert_eq!(held.facts().kept_files, 2);
    let fault = Fault { operation: Some(Operation::Write), nth: 1, calls: 1, kind: FaultKind::Errno(28) };
    caller.vfs.set_fault(Some(fault));
    caller.write(100);
    assert!(caller.vfs.has_failed() && caller.writer.status().is_ok(), "nothing was refused");
    assert_eq!(
        (held.facts().kept_files, held.range().map(|range| *range.start())),
        (1, Some(caller.ends[1]))
    );
    let names = caller.memory.list(Path::new(DIRECTORY)).expect("list");
    assert_eq!(names.iter().filter(|name| name.ends_with(".kept.aof")).count(), 1);
}

#[test]
fn a_failed_fsync_of_bytes_no_longer_in_memory_leaves_a_gap_until_a_rewrite() {
    let mut caller = Caller::new(FsyncPolicy::EverySecond);
    caller.write(100);
    caller.writer.sync(caller.now).expect("healthy");
    let before = caller.writer.durable_offset();
    caller.write(super::increment::KEPT_BYTES_MAX + 1);
    let fault = Fault { operation: Some(Operation::Sync), nth: 1, calls: 1, kind: FaultKind::Errno(5) };
    caller.vfs.set_fault(Some(fault));
    caller.pass(2000);
    caller.write(100);
    let status = caller.writer.status();
    assert_eq!((status.continuity, status.is_ok()), (Continuity::Gap, false));
    assert!(caller.writer.sync(caller.now).is_err());
    assert_eq!(caller.writer.durable_offset(), before);
    caller.check_crash(0..20);
    caller.rotate();
    caller.write(100);
    caller.writer.sync(caller.now).expect("into the new increment");
    assert_eq!(caller.writer.durable_offset(), before, "not before the base is there");
    caller.check_crash(0..20);
    caller.finish();
    assert_eq!(caller.writer.durable_offset(), caller.writer.end());
    caller.check_crash(0..20);
    recover(&mut caller);
}

fn reopen(vfs: &MemoryVfs, loaded: Loaded) -> LogWriter {
    let report = loaded.last.expect("an increment");
    let position = report.position.expect("annotated");
    let resume = Resume { file_bytes: report.good_bytes, annotator: report.annotator() };
    let start = Start {
        id: position.id,
        chain: report.chain,
        offset: position.offset,
        resume: Some(resume),
        held: Vec::new(),
    };
    let now = Moment { monotonic_ms: 1, unix_s: 1_700_000_100 };
    LogWriter::open(Arc::new(vfs.clone()), options(FsyncPolicy::Always), loaded.manifest, start, now)
        .expect("nothing fails")
}

#[test]
fn a_restart_goes_on_where_the_file_ends_also_after_a_torn_end() {
    let mut caller = Caller::new(FsyncPolicy::No);
    (0..5).for_each(|_| caller.write(600));
    for seed in 0..100 {
        let disk = caller.memory.crash(seed);
        let loaded = load(&disk);
        let Some(position) = loaded.position else { continue };
        let writes = loaded.writes;
        let mut writer = reopen(&disk, loaded);
        let bytes = command(&["W", &writes.to_string()]);
        let end = position.offset.plus(bytes.len());
        writer.write(&bytes, end, Moment::default()).expect("healthy");
        writer.sync(Moment::default()).expect("healthy");
        let again = load(&disk.crash(seed));
        assert_eq!((again.writes, again.position.expect("known").offset), (writes + 1, end));
        let report = again.last.expect("increment");
        assert_eq!((report.end, report.good_bytes), (End::Clean, report.verified_bytes));
    }
}

#[test]
fn branches_and_a_restart_of_the_stream_are_in_the_files() {
    let mut caller = Caller::new(FsyncPolicy::Always);
    caller.write(10);
    let at = caller.writer.end();
    let branch = Branch { id: id(2), parent: Some(id(1)), at, keys: 1 };
    caller.writer.branch(branch, caller.now).expect("healthy");
    caller.rotate();
    caller.finish();
    let loaded = load(&caller.memory.fork());
    let report = loaded.last.expect("increment");
    assert_eq!(report.history().expect("known").second_id, Some((id(1), at)));

    caller.writer.restart(id(3), Chain::new(), Offset(77));
    assert_eq!(caller.writer.durable_offset(), Offset::ZERO);
    assert!(caller.writer.write(b"lost", Offset(81), caller.now).is_err());
    caller.rotate();
    caller.finish();
    assert_eq!(caller.writer.durable_offset(), Offset(81));
    let position = load(&caller.memory.fork()).position;
    assert_eq!(position, Some(Position { id: id(3), offset: Offset(81) }));
}

#[test]
fn annotations_cost_little() {
    let mut caller = Caller::new(FsyncPolicy::EverySecond);
    (0..2000).for_each(|_| caller.write(100));
    let name = &caller.writer.manifest().increments[0].name;
    let bytes = content(&caller.memory, name);
    let mut lines = (0, 0);
    let result = scan(bytes.as_slice(), &Options::default(), |record| {
        if let Record::Annotation { annotation, .. } = record {
            lines.0 += 1;
            lines.1 += u64::from(matches!(annotation, Annotation::Position { .. }));
        }
        Ok::<(), Infallible>(())
    });
    let report = result.expect("readable");
    let payload = caller.writer.end().0 - 1000;
    let overhead = report.good_bytes - payload;
    assert!(overhead * 25 < payload, "{overhead} of {payload}, {lines:?}");
}
