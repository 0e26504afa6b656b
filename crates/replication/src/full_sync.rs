//! The thread that makes one snapshot and sends it to every replica that waits for a full copy.

use crate::copy_version;
use crate::follower::copy_end::MARK_LEN;
use crate::spill::Spill;
use crate::stream_start::{Kept, StreamStart, memory_limit_bytes};
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::facts::replication::ReplicaState;
use engine::facts::replication_events::Cause;
use engine::shared::Shared;
use log::tail::ReaderId;
use log::vfs::Vfs;
use net::stream::Stream;
use persistence::snapshot::{SnapshotWalk, encoder_with_header};
use rdb::encoder::Encoder;
use rdb::version::Reader;
use std::io::{self, Write};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How many bytes are gathered before they are sent.
const CHUNK_BYTES: usize = 256 * 1024;

/// What a replica takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which versions of the RDB format it reads.
    pub reads: Reader,
    /// A copy whose end is told by a mark; by its length otherwise.
    pub takes_eof_mark: bool,
    /// It sent SYNC: no line tells it the history.
    pub is_old: bool,
    /// A primary that serves nobody until it has the copy: others that may want it too are not waited for.
    pub is_urgent: bool,
    /// It only wants the copy.
    pub rdb_only: bool,
}

/// A copy that was sent, or not.
pub struct Finished {
    /// The replica.
    pub client: ClientId,
    /// Its worker.
    pub worker: u16,
    /// Bytes of the copy.
    pub bytes: u64,
    /// Where its stream begins; otherwise why it cannot.
    pub outcome: Result<StreamStart, (Cause, String)>,
}

/// Tells a worker that a copy is finished.
pub type Report = Box<dyn Fn(Finished) + Send + Sync>;

/// A replica that waits.
struct Waiting {
    client: ClientId,
    worker: u16,
    stream: Stream,
    wanted: Wanted,
    since_ms: u64,
}

/// Replicas that wait for a full copy, and the thread that serves them.
pub struct FullSyncs {
    shared: Arc<Shared<Node>>,
    vfs: Arc<dyn Vfs>,
    report: Arc<Report>,
    waiting: Shared<Vec<Waiting>>,
    spills: Shared<Vec<Spilling>>,
}

/// What keeps the stream for copies that are under way.
struct Spilling {
    reader: ReaderId,
    spill: Weak<Spill>,
    has_begun: bool,
}

impl FullSyncs {
    /// Nobody waits. Copies whose length must be told go through a file of `vfs`.
    pub fn new(shared: Arc<Shared<Node>>, vfs: Arc<dyn Vfs>, report: Report) -> FullSyncs {
        FullSyncs {
            shared,
            vfs,
            report: Arc::new(report),
            waiting: Shared::default(),
            spills: Shared::default(),
        }
    }

    /// A replica waits from now on.
    pub fn enqueue(&self, client: ClientId, worker: u16, stream: Stream, wanted: Wanted) {
        let since_ms = stdx::clock::monotonic_us() / 1000;
        self.waiting.lock().push(Waiting { client, worker, stream, wanted, since_ms });
    }

    /// The replica is gone.
    pub fn forget(&self, client: ClientId) {
        self.waiting.lock().retain(|waiting| waiting.client != client);
    }

    /// What is kept in memory for copies that are under way goes to a file when it gets too much, and is let go of when
    /// nobody needs it any more.
    fn tend_spills(&self, node: &mut Node) {
        let mut spills = self.spills.lock();
        let limit_bytes = memory_limit_bytes(&node.engine);
        let directory = node.engine.config.snapshotting.dir.clone();
        let tail = &mut node.engine.propagation.tail;
        spills.retain_mut(|spilling| {
            let Some(spill) = spilling.spill.upgrade() else {
                tail.unpin(spilling.reader);
                return false;
            };
            if !spilling.has_begun && tail.bytes_behind(spilling.reader) > limit_bytes {
                spilling.has_begun = true;
                if let Err(error) = Spill::begin(&spill, &self.shared, &*self.vfs, &directory) {
                    stdx::logging::warning!("Can't write the stream to a temporary file: {error}");
                }
            }
            true
        });
    }

    /// Where the streams begin that follow a snapshot of this moment.
    fn stream_starts(&self, node: &mut Node, count: usize) -> Vec<StreamStart> {
        let propagation = &mut node.engine.propagation;
        let from = propagation.end();
        if let Some(files) = propagation.held_files() {
            let start = || StreamStart { from, kept: Kept::in_files(files, files.hold(from)) };
            return std::iter::repeat_with(start).take(count).collect();
        }
        let reader = propagation.tail.pin(from).expect("the log's end can always be read");
        let spill = Spill::new(from, reader);
        self.spills.lock().push(Spilling { reader, spill: Arc::downgrade(&spill), has_begun: false });
        let start = || StreamStart { from, kept: Kept::Spill(Arc::clone(&spill)) };
        std::iter::repeat_with(start).take(count).collect()
    }

    /// Starts a copy when somebody waits for long enough and no other snapshot is being walked.
    pub fn cron(&self, node: &mut Node) {
        self.tend_spills(node);
        let mut waiting = self.waiting.lock();
        if waiting.is_empty() || node.keyspace.is_snapshot_running() {
            return;
        }
        let config = &node.engine.config.replication;
        let now_ms = stdx::clock::monotonic_us() / 1000;
        let oldest_ms = waiting.iter().map(|waiting| waiting.since_ms).min().unwrap_or(now_ms);
        let delay_ms =
            if config.repl_diskless_sync { u64::from(config.repl_diskless_sync_delay) * 1000 } else { 0 };
        let enough = config.repl_diskless_sync_max_replicas as usize;
        // Those that take no end mark are old, and give up when the answer to PSYNC takes five seconds.
        let hurries = |replica: &Waiting| replica.wanted.is_urgent || !replica.wanted.takes_eof_mark;
        let due = now_ms.saturating_sub(oldest_ms) >= delay_ms
            || (enough != 0 && waiting.len() >= enough)
            || waiting.iter().any(hurries);
        if !due {
            return;
        }
        let diskless = config.repl_diskless_sync;
        let readers: Vec<Reader> = waiting.iter().map(|replica| replica.wanted.reads).collect();
        let (takes_part, common) = copy_version::share(&readers, node.keyspace.has_field_expiries());
        let mut takes_part = takes_part.into_iter();
        let replicas = waiting.extract_if(.., |_| takes_part.next().unwrap_or(false)).collect();
        drop(waiting);
        self.start(node, replicas, common, diskless);
    }

    /// The thread is made first: a walk must not be dropped while the lock is held.
    fn start(&self, node: &mut Node, replicas: Vec<Waiting>, common: Reader, diskless: bool) {
        let (sender, receiver) = std::sync::mpsc::channel::<Job>();
        let run = move || {
            if let Ok(job) = receiver.recv() {
                job.run();
            }
        };
        if let Err(error) = stdx::background::spawn("full-sync", run) {
            stdx::logging::warning!("Can't start the thread of a full copy: {error}");
            self.waiting.lock().extend(replicas);
            return;
        }
        let target = if diskless { "replicas sockets" } else { "disk" };
        stdx::logging::notice!("Starting BGSAVE for SYNC with target: {target}");
        if node.keyspace.has_field_expiries() && !common.holds_field_expiries() {
            stdx::logging::warning!(
                "Fields of hashes expire, which RDB version {} does not hold. The replica gets them without their expiry, and \
                 loses them when they expire here.",
                common.newest_version()
            );
        }
        if !common.holds_streams() {
            stdx::logging::warning!(
                "A replica older than Redis 4.0 gets its copy in RDB version {}, which holds no streams: they are left out.",
                common.newest_version()
            );
        }
        match SnapshotWalk::begin(node, &self.shared) {
            Ok(walk) => {
                let job = Job::prepare(self, node, replicas, walk, common.newest_version(), diskless);
                sender.send(job).expect("the thread waits for its job");
            }
            Err(reason) => {
                stdx::logging::warning!("BGSAVE for replication failed: {reason}");
                self.waiting.lock().extend(replicas);
            }
        }
    }
}

/// One copy on its way to some replicas.
struct Job {
    replicas: Vec<Receiver>,
    walk: SnapshotWalk,
    encoder: Encoder,
    vfs: Arc<dyn Vfs>,
    report: Arc<Report>,
    greeting: String,
    directory: std::path::PathBuf,
    timeout: Duration,
    diskless: bool,
    sent_bytes: u64,
}

/// Why a copy could not be made, and what was seen.
type Failure = (Cause, String);

/// A replica that gets the copy.
struct Receiver {
    waiting: Waiting,
    start: StreamStart,
    failure: Option<String>,
}

impl Job {
    /// Everything that must be of the same instant as the snapshot: the offset, the readers that begin there.
    fn prepare(
        all: &FullSyncs,
        node: &mut Node,
        replicas: Vec<Waiting>,
        walk: SnapshotWalk,
        version: u32,
        diskless: bool,
    ) -> Job {
        let encoder = encoder_with_header(node, version, false);
        let propagation = &mut node.engine.propagation;
        propagation.forget_selected();
        propagation.submit();
        let offset = propagation.end();
        let greeting = format!("+FULLRESYNC {} {offset}\r\n", propagation.history.id);
        let mut receivers = Vec::new();
        let starts = all.stream_starts(node, replicas.len());
        for (waiting, start) in replicas.into_iter().zip(starts) {
            if let Some(replica) = node.engine.replication.replica_mut(waiting.client) {
                replica.state = ReplicaState::SendSnapshot;
                replica.acknowledged = offset;
            }
            let key = log::commit::ReplicaKey(waiting.client);
            node.engine.commit.add_replica(key, offset);
            receivers.push(Receiver { waiting, start, failure: None });
        }
        let timeout = Duration::from_secs(u64::from(node.engine.config.replication.repl_timeout));
        let directory = node.engine.config.snapshotting.dir.clone();
        let (vfs, report) = (Arc::clone(&all.vfs), Arc::clone(&all.report));
        Job {
            replicas: receivers,
            walk,
            encoder,
            vfs,
            report,
            greeting,
            directory,
            timeout,
            diskless,
            sent_bytes: 0,
        }
    }

    fn run(mut self) {
        self.greet();
        let outcome = if self.diskless && self.replicas.iter().all(|one| one.waiting.wanted.takes_eof_mark) {
            self.send_marked()
        } else {
            self.send_measured()
        };
        self.finish(&outcome);
    }

    fn greet(&mut self) {
        for receiver in &mut self.replicas {
            let stream = &mut receiver.waiting.stream;
            let prepared =
                stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(self.timeout)));
            let greeting: &[u8] = if receiver.waiting.wanted.is_old { b"" } else { self.greeting.as_bytes() };
            let sent = prepared.and_then(|()| stream.write_all(greeting));
            receiver.failure = sent.err().map(|error| error.to_string());
        }
    }

    /// Sends the copy as it is made, a mark behind it.
    fn send_marked(&mut self) -> Result<(), Failure> {
        let mark: [u8; MARK_LEN] = stdx::random::hex_id();
        self.send(&[b"$EOF:".as_slice(), &mark, b"\r\n"].concat());
        while self.walk.encode_slice(&mut self.encoder).map_err(|error| (Cause::Other, error.to_string()))? {
            if self.encoder.buffered_bytes() >= CHUNK_BYTES {
                let chunk = self.encoder.take();
                self.send(&chunk);
            }
            if self.replicas.iter().all(|receiver| receiver.failure.is_some()) {
                return Err((Cause::ClosedByPeer, "all replicas are gone".to_string()));
            }
        }
        self.encoder.footer();
        let chunk = self.encoder.take();
        self.send(&chunk);
        self.send(&mark);
        Ok(())
    }

    /// Makes the copy in a file first, because its length must be told before it.
    fn send_measured(&mut self) -> Result<(), Failure> {
        let name = format!("temp-sync-{}.rdb", String::from_utf8_lossy(&stdx::random::hex_id()[..12]));
        let path = self.directory.join(name);
        let outcome = self.write_file(&path).and_then(|bytes| self.send_file(&path, bytes));
        if let Err(error) = self.vfs.remove(&path) {
            stdx::logging::warning!("Removing {}: {error}", path.display());
        }
        outcome.map_err(|error| {
            let is_of_the_file = error.raw_os_error().is_some();
            (if is_of_the_file { Cause::DiskFailed } else { Cause::Other }, error.to_string())
        })
    }

    fn write_file(&mut self, path: &std::path::Path) -> io::Result<u64> {
        let mut file = self.vfs.create(path)?;
        let mut bytes = 0;
        while self.walk.encode_slice(&mut self.encoder).map_err(io::Error::other)? {
            if self.encoder.buffered_bytes() >= CHUNK_BYTES {
                bytes += self.encoder.drain_into(&mut file)? as u64;
            }
        }
        self.encoder.footer();
        bytes += self.encoder.drain_into(&mut file)? as u64;
        Ok(bytes)
    }

    fn send_file(&mut self, path: &std::path::Path, bytes: u64) -> io::Result<()> {
        self.send(format!("${bytes}\r\n").as_bytes());
        let mut file = self.vfs.open_read(path)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                return Ok(());
            }
            self.send(&chunk[..read]);
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.sent_bytes += bytes.len() as u64;
        for receiver in self.replicas.iter_mut().filter(|receiver| receiver.failure.is_none()) {
            receiver.failure = receiver.waiting.stream.write_all(bytes).err().map(|error| error.to_string());
        }
    }

    fn finish(self, outcome: &Result<(), Failure>) {
        let Job { replicas, walk, report, sent_bytes: bytes, .. } = self;
        drop(walk);
        if let Err((_, reason)) = outcome {
            stdx::logging::warning!("Background RDB transfer error: {reason}");
        } else {
            stdx::logging::notice!("Background RDB transfer terminated with success");
        }
        for receiver in replicas {
            let broken = |reason: &dyn std::fmt::Display| {
                (Cause::ConnectionBroken, format!("Sending a full copy to a replica: {reason}"))
            };
            let sent = match (outcome, receiver.failure) {
                (_, Some(reason)) => Err(broken(&reason)),
                (Ok(()), None) => {
                    receiver.waiting.stream.set_nonblocking(true).map_err(|error| broken(&error))
                }
                (Err((cause, reason)), None) => {
                    Err((*cause, format!("Making a full copy for a replica: {reason}")))
                }
            };
            let Waiting { client, worker, .. } = receiver.waiting;
            report(Finished { client, worker, bytes, outcome: sent.map(|()| receiver.start) });
        }
    }
}
