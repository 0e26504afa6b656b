//! What is read from the files, from any offset, is the stream: across files, branches, rewrites and restarts.

use super::{LogReader, ReadError, StreamSource};
use crate::held_files::{HeldFile, Marks, Retention};
use crate::history::{Branch, Chain, ReplicationId};
use crate::manifest::{self, BaseFormat, Manifest};
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::scan::{Options, Record, scan};
use crate::vfs::{MemoryVfs, Vfs};
use crate::writer::{LogWriter, Resume, Start, WriterOptions};
use std::convert::Infallible;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use stdx::random::Random;

const DIRECTORY: &str = "/data/appendonlydir";
const STEM: &str = "appendonly.aof";
const BEGIN: u64 = 5000;
const PROLOGUE: &[u8] = b"*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n";
const ALL: Retention = Retention { bytes: u64::MAX, seconds: 0 };

fn id(byte: u8) -> ReplicationId {
    ReplicationId::from_random([byte; 20])
}

fn options(retention: Retention) -> WriterOptions {
    let policy = FsyncPolicy::EverySecond;
    WriterOptions { directory: DIRECTORY.into(), stem: STEM.into(), policy, timestamps: true, retention }
}

/// A log, and the plain stream beside it.
struct Bench {
    memory: MemoryVfs,
    writer: LogWriter,
    stream: Vec<u8>,
    now: Moment,
    random: Random,
}

impl Bench {
    fn new(seed: u64, retention: Retention) -> Self {
        let memory = MemoryVfs::new();
        let vfs = Arc::new(memory.clone());
        let start =
            Start { id: id(1), chain: Chain::new(), offset: Offset(BEGIN), resume: None, held: Vec::new() };
        let now = Moment { monotonic_ms: 5000, unix_s: 1_700_000_000 };
        let writer = LogWriter::open(vfs, options(retention), Manifest::new(), start, now).expect("opened");
        Self { memory, writer, stream: Vec::new(), now, random: Random::from_seed(seed) }
    }

    fn end(&self) -> Offset {
        Offset(BEGIN).plus(self.stream.len())
    }

    /// Writes a command with a value that looks like what stands between commands.
    fn write(&mut self, bytes_max: usize) {
        let length = self.random.index(bytes_max);
        let mut value: Vec<u8> =
            b"\r\n#LOG:0101 7 0000000000000000\r\n*1\r\n$4\r\nPING\r\n".repeat(length / 20 + 1);
        value.truncate(length);
        let mut command = format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${length}\r\n").into_bytes();
        command.extend_from_slice(&value);
        command.extend_from_slice(b"\r\n");
        self.stream.extend_from_slice(&command);
        let end = self.end();
        self.now.monotonic_ms += 10;
        self.writer.write(&command, end, self.now).expect("written");
    }

    fn rewrite(&mut self) {
        self.writer.rotate(PROLOGUE, self.now).expect("rotated");
        self.memory.create(&Path::new(DIRECTORY).join("base")).expect("created").write_all(b"x").expect("w");
        for _ in 0..self.random.index(5) {
            self.write(300);
        }
        self.writer.finish_rewrite("base", BaseFormat::Commands).expect("finished");
    }

    fn step(&mut self) {
        match self.random.index(40) {
            0 => self.rewrite(),
            1 => {
                self.writer.rotate(PROLOGUE, self.now).expect("rotated");
                self.writer.abandon_rewrite(None);
            }
            2 => {
                let new = id(u8::try_from(self.random.index(200)).expect("small") + 2);
                let branch = Branch { id: new, parent: None, at: self.end(), keys: 1 };
                self.writer.branch(branch, self.now).expect("written");
            }
            3 => self.writer.sync(self.now).expect("synced"),
            4 => self.write(100_000),
            _ => self.write(600),
        }
    }

    fn read(&mut self, from: Offset) -> Result<Vec<u8>, ReadError> {
        let mut reader = LogReader::new(&self.writer.held_files(), from)?;
        let mut out = Vec::new();
        while reader.read(&mut out, 1 + self.random.index(5000))? > 0 {}
        assert_eq!(reader.position(), from.plus(out.len()));
        Ok(out)
    }

    fn stream_from(&self, from: Offset) -> &[u8] {
        &self.stream[usize::try_from(from.bytes_since(Offset(BEGIN))).expect("small")..]
    }

    fn must_read_from_anywhere(&mut self) {
        let range = self.writer.held_files().range().expect("something is held");
        assert_eq!(*range.end(), self.end());
        for attempt in 0..8 {
            let held = range.end().bytes_since(*range.start());
            let from = if attempt == 0 { 0 } else { self.random.below(held + 1) };
            let from = Offset(range.start().0 + from);
            let read = self.read(from).expect("readable");
            assert!(read == self.stream_from(from), "from {from}");
        }
        let before = Offset(range.start().0 - 1);
        assert!(matches!(self.read(before), Err(ReadError::Gone(_))));
        assert!(matches!(self.read(self.end().plus(1)), Err(ReadError::Gone(_))));
    }

    /// The process ends, in order or not, and another one goes on.
    fn restart(&mut self, in_order: bool) {
        if in_order {
            self.writer.close(self.now).expect("closed");
        }
        let vfs: Arc<dyn Vfs> = Arc::new(self.memory.clone());
        let (manifest, held, report) = load(&*vfs);
        let position = report.position.expect("known");
        assert_eq!(position.offset, self.end());
        let resume = Resume { file_bytes: report.good_bytes, annotator: report.annotator() };
        let resume = Some(resume).filter(|_| self.random.index(2) == 0);
        let start = Start { id: position.id, chain: report.chain, offset: position.offset, resume, held };
        self.writer = LogWriter::open(vfs, options(ALL), manifest, start, self.now).expect("opened");
    }
}

/// What loading finds out of the files that the manifest lists.
fn load(vfs: &dyn Vfs) -> (Manifest, Vec<HeldFile>, crate::scan::Report) {
    let directory = Path::new(DIRECTORY);
    let manifest = manifest::load(vfs, directory, STEM).expect("readable").expect("there");
    let (mut held, mut last) = (Vec::new(), None);
    for entry in &manifest.increments {
        let mut marks = Marks::default();
        let file = vfs.open_read(&directory.join(&entry.name)).expect("there");
        let report = scan(file, &Options::default(), |record| {
            marks.note(&record);
            Ok::<(), Infallible>(())
        });
        let report = report.expect("readable");
        let name = entry.name.clone();
        let (start, end) = (report.first.expect("stated"), report.position.expect("known"));
        held.push(HeldFile::listed(name, start, end, report.good_bytes, marks));
        last = Some(report);
    }
    (manifest, held, last.expect("an increment"))
}

#[test]
fn any_offset_is_found_whatever_happened_to_the_files() {
    for seed in 0..6 {
        let mut bench = Bench::new(seed, ALL);
        for _ in 0..4 {
            for _ in 0..120 {
                bench.step();
            }
            bench.must_read_from_anywhere();
            let in_order = bench.random.index(2) == 0;
            bench.restart(in_order);
            bench.must_read_from_anywhere();
        }
        let held = bench.writer.held_files();
        assert_eq!(held.range().map(|range| *range.start()), Some(Offset(BEGIN)));
        assert!(held.facts().kept_files > 0 && held.facts().kept_bytes > 0);
    }
}

#[test]
fn a_reader_goes_along_with_the_writer() {
    for seed in 10..14 {
        let mut bench = Bench::new(seed, Retention::NONE);
        let mut reader = LogReader::new(&bench.writer.held_files(), Offset(BEGIN)).expect("held");
        let mut read = Vec::new();
        for _ in 0..400 {
            bench.step();
            bench.writer.trim_kept(bench.now);
            if bench.random.index(3) == 0 {
                let most = bench.random.index(20_000) + 1;
                reader.read(&mut read, most).expect("held back by the reader");
            }
        }
        while reader.read(&mut read, 1 << 20).expect("held back") > 0 {}
        assert!(read == bench.stream);
        drop(reader);
        bench.writer.trim_kept(bench.now);
        assert_eq!(bench.writer.held_files().facts().kept_files, 0);
    }
}

#[test]
fn damage_is_noticed_before_it_is_handed_over() {
    let mut bench = Bench::new(20, ALL);
    for _ in 0..150 {
        bench.step();
    }
    bench.writer.close(bench.now).expect("closed");
    let names: Vec<String> = bench.memory.list(Path::new(DIRECTORY)).expect("listed");
    let names: Vec<String> = names.into_iter().filter(|name| name.ends_with(".aof")).collect();
    let (mut refused, whole) = (0, bench.memory.fork());
    for _ in 0..400 {
        let path = Path::new(DIRECTORY).join(&names[bench.random.index(names.len())]);
        let mut content = whole.content(&path).expect("there");
        if content.len() < 2 {
            continue;
        }
        let at = bench.random.index(content.len());
        content[at] ^= 1 << bench.random.index(8);
        bench.memory.create(&path).expect("created").write_all(&content).expect("written");
        let mut reader = LogReader::new(&bench.writer.held_files(), Offset(BEGIN)).expect("opened");
        let mut out = Vec::new();
        let outcome = loop {
            match reader.read(&mut out, 7000) {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        refused += u32::from(outcome.is_err());
        assert!(bench.stream.starts_with(&out), "{}: byte {at}: {outcome:?}", path.display());
        bench
            .memory
            .create(&path)
            .expect("created")
            .write_all(&whole.content(&path).expect("there"))
            .expect("w");
    }
    assert!(refused > 200, "{refused}");
    assert!(bench.read(Offset(BEGIN)).expect("mended") == bench.stream);
}

#[test]
fn scans_note_the_same_marks_as_the_writer() {
    let mut bench = Bench::new(30, ALL);
    for _ in 0..60 {
        bench.write(200_000);
    }
    bench.writer.sync(bench.now).expect("synced");
    let (_, held, _) = load(&bench.memory);
    let marks = held.first().expect("one file").marks.as_slice();
    assert!(marks.len() > 3, "{marks:?}");
    let from = bench.end();
    assert_eq!(bench.writer.held_files().find(from).and_then(|place| place.mark), marks.last().copied());
    let record =
        Record::Annotation { annotation: crate::annotation::Annotation::Other, file_offset: 0, length: 2 };
    let mut none = Marks::default();
    none.note(&record);
    assert_eq!(none, Marks::default());
}
