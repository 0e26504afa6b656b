//! The thread that makes one snapshot and sends it to every replica that waits for a full copy.

use crate::copy_version;
use crate::follower::copy_end::MARK_LEN;
use crate::primary;
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::shared::Shared;
use log::tail::ReaderId;
use log::vfs::Vfs;
use net::stream::Stream;
use persistence::snapshot::{SnapshotWalk, encoder_with_header};
use rdb::encoder::Encoder;
use rdb::version::Reader;
use std::io::{self, Write};
use std::sync::Arc;
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
    /// Where its stream begins.
    pub outcome: Result<ReaderId, String>,
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
}

impl FullSyncs {
    /// Nobody waits. Copies whose length must be told go through a file of `vfs`.
    pub fn new(shared: Arc<Shared<Node>>, vfs: Arc<dyn Vfs>, report: Report) -> FullSyncs {
        FullSyncs { shared, vfs, report: Arc::new(report), waiting: Shared::default() }
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

    /// Starts a copy when somebody waits for long enough and no other snapshot is being walked.
    pub fn cron(&self, node: &mut Node) {
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
        let is_urgent = waiting.iter().any(|replica| replica.wanted.is_urgent);
        let due = is_urgent
            || now_ms.saturating_sub(oldest_ms) >= delay_ms
            || (enough != 0 && waiting.len() >= enough);
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
}

/// A replica that gets the copy.
struct Receiver {
    waiting: Waiting,
    reader: ReaderId,
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
        let offset = propagation.end();
        let greeting = format!("+FULLRESYNC {} {offset}\r\n", propagation.history.id);
        let mut receivers = Vec::new();
        for waiting in replicas {
            let reader = primary::copy_begins(node, waiting.client);
            receivers.push(Receiver { waiting, reader, failure: None });
        }
        let timeout = Duration::from_secs(u64::from(node.engine.config.replication.repl_timeout));
        let directory = node.engine.config.snapshotting.dir.clone();
        let (vfs, report) = (Arc::clone(&all.vfs), Arc::clone(&all.report));
        Job { replicas: receivers, walk, encoder, vfs, report, greeting, directory, timeout, diskless }
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
    fn send_marked(&mut self) -> Result<(), String> {
        let mark: [u8; MARK_LEN] = stdx::random::hex_id();
        self.send(&[b"$EOF:".as_slice(), &mark, b"\r\n"].concat());
        while self.walk.encode_slice(&mut self.encoder).map_err(|error| error.to_string())? {
            if self.encoder.buffered_bytes() >= CHUNK_BYTES {
                let chunk = self.encoder.take();
                self.send(&chunk);
            }
            if self.replicas.iter().all(|receiver| receiver.failure.is_some()) {
                return Err("all replicas are gone".to_string());
            }
        }
        self.encoder.footer();
        let chunk = self.encoder.take();
        self.send(&chunk);
        self.send(&mark);
        Ok(())
    }

    /// Makes the copy in a file first, because its length must be told before it.
    fn send_measured(&mut self) -> Result<(), String> {
        let name = format!("temp-sync-{}.rdb", String::from_utf8_lossy(&stdx::random::hex_id()[..12]));
        let path = self.directory.join(name);
        let outcome = self.write_file(&path).and_then(|bytes| self.send_file(&path, bytes));
        if let Err(error) = self.vfs.remove(&path) {
            stdx::logging::warning!("Removing {}: {error}", path.display());
        }
        outcome.map_err(|error| error.to_string())
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
        for receiver in self.replicas.iter_mut().filter(|receiver| receiver.failure.is_none()) {
            receiver.failure = receiver.waiting.stream.write_all(bytes).err().map(|error| error.to_string());
        }
    }

    fn finish(self, outcome: &Result<(), String>) {
        let Job { replicas, walk, report, .. } = self;
        drop(walk);
        if let Err(reason) = outcome {
            stdx::logging::warning!("Background RDB transfer error: {reason}");
        } else {
            stdx::logging::notice!("Background RDB transfer terminated with success");
        }
        for receiver in replicas {
            let sent = match (outcome, receiver.failure) {
                (Ok(()), None) => {
                    receiver.waiting.stream.set_nonblocking(true).map_err(|error| error.to_string())
                }
                (Ok(()), Some(reason)) => Err(format!("Sending a full copy to a replica: {reason}")),
                (Err(reason), _) => Err(format!("Making a full copy for a replica: {reason}")),
            };
            let Waiting { client, worker, .. } = receiver.waiting;
            report(Finished { client, worker, outcome: sent.map(|()| receiver.reader) });
        }
    }
}
