//! Takes a full copy from the primary into a data set of its own; the old one is served until the new one is whole.

use crate::follower::copy_end::Extent;
use crate::follower::ended::Ended;
use engine::config::options::DisklessLoad;
use engine::engine::Node;
use engine::facts::health::Loading;
use engine::facts::replication_events::Cause;
use engine::shared::Shared;
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use persistence::Persistence;
use persistence::load_delay::LoadDelay;
use persistence::load_rdb::{LoadError, LoadOptions, Loaded, load_rdb};
use rdb::error::Reason;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the primary hears that a copy is still being loaded.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// How many bytes come between two looks at the order to follow.
const TELL_EVERY_BYTES: u64 = 1 << 20;
/// How much of a copy is written to its file at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// Empty lines to a primary that hears nothing else while its copy is loaded, and would give the link up.
pub struct SignOfLife {
    to: Box<dyn Write + Send>,
    last: Option<Instant>,
}

impl SignOfLife {
    /// Signs that go `to` the primary.
    pub fn new(to: impl Write + Send + 'static) -> SignOfLife {
        SignOfLife { to: Box::new(to), last: None }
    }

    /// Sends one if the last was long enough ago.
    pub fn give_if_due(&mut self) {
        if self.last.is_none_or(|last| last.elapsed() >= SIGN_EVERY) {
            self.last = Some(Instant::now());
            // That the link is broken is seen where it is read.
            let _ = self.to.write_all(b"\n");
        }
    }
}

/// A copy that was taken.
pub struct Copy {
    /// The data set.
    pub keyspace: Keyspace,
    /// What was loaded.
    pub loaded: Loaded,
    /// The file that it went through.
    pub file: Option<PathBuf>,
}

/// Takes one copy.
pub struct Taker<'a> {
    shared: &'a Arc<Shared<Node>>,
    persistence: &'a Persistence,
    order: u64,
    sign: SignOfLife,
    options: LoadOptions,
    delay: LoadDelay,
    told_bytes: u64,
}

impl<'a> Taker<'a> {
    /// Takes a copy for the link of this order.
    pub fn new(
        shared: &'a Arc<Shared<Node>>,
        persistence: &'a Persistence,
        order: u64,
        sign: SignOfLife,
    ) -> Taker<'a> {
        let node = shared.lock();
        let options = LoadOptions {
            now_ms: node.engine.clock.wall_ms,
            keep_expired: true,
            verify_checksum: node.engine.config.snapshotting.rdbchecksum && !node.engine.debug.skip_checksums,
            max_bulk_bytes: node.engine.config.clients.proto_max_bulk_len,
        };
        let delay = LoadDelay::of(&node);
        drop(node);
        Taker { shared, persistence, order, sign, options, delay, told_bytes: 0 }
    }

    /// Takes the copy that `reader` gives: it ends where the copy ends.
    pub fn receive<R: Read>(mut self, reader: &mut R, extent: &Extent) -> Result<Copy, Ended> {
        let file = self.begin(extent);
        announce(extent, file.is_some());
        let Some(path) = file else {
            let (keyspace, loaded) = self.load(|taker, keyspace| taker.decode(reader, keyspace))?;
            return Ok(Copy { keyspace, loaded, file: None });
        };
        let outcome = self
            .store(reader, &path)
            .and_then(|()| self.load(|taker, keyspace| taker.fill_from_file(&path, keyspace)));
        let (keyspace, loaded) = outcome.inspect_err(|_| drop(self.persistence.vfs().remove(&path)))?;
        Ok(Copy { keyspace, loaded, file: Some(path) })
    }

    /// Notes that the transfer begins; returns the file that it goes through, if it does.
    fn begin(&self, extent: &Extent) -> Option<PathBuf> {
        let mut node = self.shared.lock();
        if let Some(link) = &mut node.engine.replication.primary {
            link.sync_total_bytes = if let Extent::Length(bytes) = extent { *bytes } else { 0 };
            link.sync_read_bytes = 0;
        }
        let goes_through_file = match node.engine.config.replication.repl_diskless_load {
            DisklessLoad::Never => true,
            DisklessLoad::OnEmptyDataSet => !node.keyspace.is_empty(),
            DisklessLoad::Beside => false,
        };
        goes_through_file.then(|| self.persistence.copy_path(&node))
    }

    /// Writes the copy to a file and forces it to disk.
    fn store<R: Read>(&mut self, reader: &mut R, path: &Path) -> Result<(), Ended> {
        let disk_failed = |error: io::Error| {
            let words = "Opening or writing the temp file needed for MASTER <-> REPLICA synchronization";
            Ended::new(Cause::DiskFailed, format!("{words}: {error}"))
        };
        let mut file = self.persistence.vfs().create(path).map_err(disk_failed)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut written = 0;
        loop {
            let read = reader.read(&mut chunk);
            let read = read.map_err(|error| Ended::of_io(&error, "I/O error trying to sync with MASTER"))?;
            if read == 0 {
                return file.sync_data().map_err(disk_failed);
            }
            file.write_all(&chunk[..read]).map_err(disk_failed)?;
            written += read as u64;
            if !self.tell(written, 0) {
                return Err(Ended::withdrawn());
            }
        }
    }

    /// Fills a data set while the node shows that it is loading.
    fn load(
        &mut self,
        fill: impl FnOnce(&mut Self, &mut Keyspace) -> Result<Loaded, Ended>,
    ) -> Result<(Keyspace, Loaded), Ended> {
        let before;
        let mut keyspace = {
            let mut node = self.shared.lock();
            let total_bytes =
                node.engine.replication.primary.as_ref().map_or(0, |link| link.sync_total_bytes);
            let started_s = node.engine.clock.wall_ms / 1000;
            before = node.engine.health.loading.take();
            node.engine.health.loading = Some(Loading {
                started_s,
                total_bytes,
                loaded_bytes: 0,
                keys: 0,
                is_async: before.is_none(),
            });
            let mut keyspace = Keyspace::new(node.keyspace.database_count(), stdx::random::hash_seed());
            keyspace.succeed(&node.keyspace);
            keyspace
        };
        stdx::logging::notice!("MASTER <-> REPLICA sync: Loading DB in memory");
        self.told_bytes = 0;
        let outcome = fill(self, &mut keyspace);
        // A primary that takes back what it has lost serves nobody until that is over.
        self.shared.lock().engine.health.loading = before;
        outcome.map(|loaded| (keyspace, loaded))
    }

    fn fill_from_file(&mut self, path: &Path, keyspace: &mut Keyspace) -> Result<Loaded, Ended> {
        let file = self.persistence.vfs().open_read(path);
        let mut file = file
            .map_err(|error| Ended::new(Cause::DiskFailed, format!("Opening {}: {error}", path.display())))?;
        self.decode(&mut file, keyspace)
    }

    /// Loads a copy that ends where `reader` ends.
    fn decode<R: Read>(&mut self, reader: &mut R, keyspace: &mut Keyspace) -> Result<Loaded, Ended> {
        let options = self.options;
        let progress = |bytes: u64, keys: u64| {
            self.delay.wait(keys);
            self.sign.give_if_due();
            self.tell(bytes, keys)
        };
        let (loaded, rest) =
            load_rdb(keyspace, &mut *reader, options, progress).map_err(|error| of_loading(&error))?;
        let left = io::copy(reader, &mut io::sink());
        let left = left.map_err(|error| Ended::of_io(&error, "I/O error trying to sync with MASTER"))?;
        match rest.len() as u64 + left {
            0 => Ok(loaded),
            bytes => Err(Ended::new(Cause::BadCopy, format!("{bytes} bytes follow the end of the copy"))),
        }
    }

    /// Keeps the facts of the transfer up to date. Returns false when the order to follow was withdrawn.
    fn tell(&mut self, bytes: u64, keys: u64) -> bool {
        if bytes.saturating_sub(self.told_bytes) < TELL_EVERY_BYTES {
            return true;
        }
        self.told_bytes = bytes;
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return false;
        }
        let now_ms = stdx::clock::monotonic_us() / 1000;
        if let Some(link) = &mut node.engine.replication.primary {
            link.sync_read_bytes = bytes;
            link.last_io_ms = now_ms;
        }
        if let Some(loading) = &mut node.engine.health.loading {
            loading.loaded_bytes = bytes;
            loading.keys = keys;
        }
        true
    }
}

fn of_loading(error: &LoadError) -> Ended {
    let words = format!("Failed trying to load the MASTER synchronization DB, check server logs: {error}");
    let cause = match error {
        LoadError::Cancelled => return Ended::withdrawn(),
        LoadError::NoSuchDatabase(_) => Cause::BadCopy,
        LoadError::Rdb(error) => match &error.reason {
            Reason::Io(error) => return Ended { text: words, ..Ended::of_io(error, "") },
            Reason::VersionNotSupported { .. } => Cause::CopyTooNew,
            Reason::Truncated => Cause::ClosedByPeer,
            _ => Cause::BadCopy,
        },
    };
    Ended::new(cause, words)
}

fn announce(extent: &Extent, to_file: bool) {
    let target = if to_file { "disk" } else { "parser" };
    match extent {
        Extent::Length(bytes) => {
            stdx::logging::notice!(
                "MASTER <-> REPLICA sync: receiving {bytes} bytes from master to {target}"
            );
        }
        Extent::Mark(_) => {
            stdx::logging::notice!(
                "MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to {target}"
            );
        }
    }
}

/// Puts the new data set in the place of the old one, which is given back to be freed without the lock.
pub fn adopt(node: &mut Node, mut keyspace: Keyspace, id: ReplicationId, offset: Offset) -> Keyspace {
    keyspace.changes_mut().dirty = node.keyspace.changes().dirty + 1;
    let old = node.replace_data_set(keyspace);
    node.engine.replication.stream_database = 0;
    node.engine.propagation.adopt(id, offset);
    node.engine.commit.restart(Offset::ZERO);
    node.engine.close_replica_links();
    old
}
