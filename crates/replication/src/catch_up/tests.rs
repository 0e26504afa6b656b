//! A replica far behind is fed from files, and handed over to memory without a byte missing or twice.

use super::{CatchUps, CaughtUp, Failed, Replica};
use crate::continuation::{self, Place};
use engine::command::index::Table;
use engine::config::Config;
use engine::engine::Node;
use engine::facts::replication::{ReplicaFact, ReplicaState};
use engine::facts::replication_events::Cause;
use engine::propagation::DiskLog;
use engine::shared::Shared;
use log::held_files::{HeldFiles, Retention};
use log::history::Chain;
use log::manifest::Manifest;
use log::vfs::MemoryVfs;
use log::writer::{LogWriter, Start, WriterOptions};
use log::writer_thread::{LogThread, SlowestWork, Submission, ThreadOptions};
use log::{FsyncPolicy, History, Moment, Offset};
use net::stream::Stream;
use resp::request::append_multibulk;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The engine's end of a log on a simulated disk.
struct Disk(Submission);

impl DiskLog for Disk {
    fn append(&mut self, parts: &[&[u8]], end: Offset) {
        self.0.append_parts(parts, end);
    }
    fn wake(&mut self) {
        self.0.wake();
    }
    fn branch(&mut self, _: &History) {}
    fn restart(&mut self, _: &History, _: Offset) {}
    fn durable(&self) -> Offset {
        self.0.durable_offset()
    }
    fn take_slowest(&self) -> SlowestWork {
        self.0.take_slowest()
    }
    fn delay_writes(&self, _: Duration) {}
    fn held_files(&self) -> Option<&Arc<HeldFiles>> {
        Some(self.0.held_files())
    }
    fn failure(&self) -> Option<String> {
        None
    }
}

struct Bench {
    shared: Arc<Shared<Node>>,
    _thread: LogThread,
    stream: Vec<u8>,
}

impl Bench {
    fn new() -> Bench {
        let table: &'static Table = Box::leak(Box::new(Table::new(&[])));
        let mut node = Node::new(Config::default(), table);
        let propagation = &mut node.engine.propagation;
        propagation.tail.set_backlog_bytes(64 << 10);
        propagation.tail.activate_backlog();
        let options = WriterOptions {
            directory: "/d".into(),
            stem: "a".to_string(),
            policy: FsyncPolicy::No,
            timestamps: false,
            retention: Retention::NONE,
        };
        let id = propagation.history.id;
        let start = Start { id, chain: Chain::new(), offset: Offset::ZERO, resume: None, held: Vec::new() };
        let vfs = Arc::new(MemoryVfs::new());
        let writer = LogWriter::open(vfs, options, Manifest::new(), start, Moment::default());
        let options = ThreadOptions {
            clock: Box::new(Moment::default),
            notify: Box::new(|| {}),
            queue_bytes_max: 1 << 20,
        };
        let thread = LogThread::spawn(writer.expect("opened"), options).expect("started");
        propagation.attach_file(Box::new(Disk(thread.submission())));
        Bench { shared: Arc::new(Shared::new(node)), _thread: thread, stream: Vec::new() }
    }

    /// A turn in which much is written.
    fn turn(&mut self, number: usize) {
        let mut command = Vec::new();
        append_multibulk(&mut command, [b"SET".as_slice(), &vec![number as u8; 20_000]]);
        self.stream.extend_from_slice(&command);
        let mut node = self.shared.lock();
        node.engine.propagation.append_stream(&command);
        node.engine.propagation.submit();
        node.engine.propagation.tail.trim();
    }

    fn feed(&self, stream: Stream, timeout: Duration) -> Receiver<Result<CaughtUp, Failed>> {
        let mut node = self.shared.lock();
        let id = *node.engine.propagation.history.id.as_bytes();
        node.engine.replication.replicas.push(ReplicaFact {
            client: 7,
            address: String::new(),
            port: 0,
            state: ReplicaState::Online,
            acknowledged: Offset::ZERO,
            acknowledged_on_disk: Offset::ZERO,
            acknowledged_at_ms: 0,
            online_since_ms: 0,
            rdb_only: false,
        });
        let (from, place) = continuation::find(&mut node.engine, &id, Offset(1)).expect("held");
        let Place::Files(start) = place else { panic!("memory reaches back to the beginning") };
        assert_eq!(from, Offset::ZERO);
        drop(node);
        let (sender, outcome) = channel();
        let report = move |finished: super::Finished| drop(sender.send(finished.outcome));
        let catch_ups = CatchUps::new(Arc::clone(&self.shared), Box::new(report));
        stream.set_nonblocking(true).expect("set");
        let before = b"+CONTINUE\r\n".to_vec();
        catch_ups.start(Replica { client: 7, worker: 0, stream, before, start }, timeout).expect("started");
        outcome
    }
}

fn pair() -> (Stream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    (Stream::Unix(ours), theirs)
}

#[test]
fn everything_arrives_once_while_writes_go_on() {
    let mut bench = Bench::new();
    (0..300).for_each(|number| bench.turn(number));
    let (ours, mut theirs) = pair();
    let outcome = bench.feed(ours, Duration::from_secs(60));
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        theirs.read_to_end(&mut bytes).expect("readable");
        bytes
    });
    (300..1500).for_each(|number| bench.turn(number));
    let caught_up = outcome.recv().expect("reported").expect("fed");
    let position = bench.shared.lock().engine.propagation.tail.position(caught_up.reader);
    let position = position.expect("pinned");
    assert_eq!(Offset(caught_up.bytes), position);
    let end = usize::try_from(position.0).expect("small");
    let received = reader.join().expect("no panic");
    assert!(received == [b"+CONTINUE\r\n".as_slice(), &bench.stream[..end]].concat());
    let sent = bench.shared.lock().engine.stats.replication_output_bytes;
    assert_eq!(sent, position.0);
}

#[test]
fn a_replica_that_takes_nothing_costs_no_memory_and_is_given_up() {
    let mut bench = Bench::new();
    (0..100).for_each(|number| bench.turn(number));
    let (ours, _theirs) = pair();
    let outcome = bench.feed(ours, Duration::from_millis(300));
    (100..1000).for_each(|number| bench.turn(number));
    let failed = outcome.recv().expect("reported").expect_err("nothing was taken");
    assert_eq!(failed.cause, Cause::Silence);
    let mut node = bench.shared.lock();
    node.engine.propagation.tail.trim();
    assert!(node.engine.propagation.tail.retained_bytes() < 1 << 20);
}

#[test]
fn a_connection_that_ends_ends_the_feeding() {
    let mut bench = Bench::new();
    (0..300).for_each(|number| bench.turn(number));
    let (ours, theirs) = pair();
    let outcome = bench.feed(ours, Duration::from_secs(60));
    drop(theirs);
    let failed = outcome.recv().expect("reported").expect_err("nobody is there");
    assert_eq!(failed.cause, Cause::ConnectionBroken);
}

#[test]
fn who_cannot_go_on_is_told_why() {
    let mut bench = Bench::new();
    (0..50).for_each(|number| bench.turn(number));
    let mut node = bench.shared.lock();
    let engine = &mut node.engine;
    let end = engine.propagation.end();
    let old = engine.propagation.history.id;
    engine.propagation.branch();
    let id = engine.propagation.history.id;
    let mut ask = |id: &[u8], next: Offset| match continuation::find(engine, id, next) {
        Ok((from, Place::Memory(_))) => format!("memory from {from}"),
        Ok((from, Place::Files(_))) => format!("files from {from}"),
        Err(refusal) => format!("{}: {}", refusal.cause.name(), refusal.evidence),
    };
    let next = Offset(end.next_byte());
    assert_eq!(ask(id.as_bytes(), next), format!("memory from {end}"));
    assert_eq!(ask(old.as_bytes(), next), format!("memory from {end}"));
    assert_eq!(ask(old.as_bytes(), Offset(8)), "files from 7");
    let ahead = ask(old.as_bytes(), next.plus(5));
    assert_eq!(
        ahead,
        format!("replica-ahead: has 5 bytes of history {old} behind offset {end}, where it was left")
    );
    assert!(ask(id.as_bytes(), next.plus(1)).starts_with("replica-ahead: asked for offset"));
    let strange = [b'0'; 40];
    assert!(ask(&strange, next).starts_with("unknown-history: asked for offset"));
    assert!(ask(&strange, Offset(1)).starts_with("first-copy: "));
    assert!(ask(b"?", next).starts_with("unknown-history: "));
    engine.propagation.detach_file();
    let oldest = Offset(engine.propagation.tail.start().next_byte());
    let gone = match continuation::find(engine, id.as_bytes(), Offset(8)) {
        Err(refusal) => format!("{}: {}", refusal.cause.name(), refusal.evidence),
        Ok(_) => String::new(),
    };
    let short = oldest.0 - 8;
    assert_eq!(
        gone,
        format!("bytes-gone: asked for byte 8, the oldest held is {oldest}: {short} bytes short")
    );
}
