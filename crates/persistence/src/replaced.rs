//! Data sets that others took the place of: each kept in a file of its own, bounded, listed, brought back.

use crate::load::{empty_like, load_options};
use crate::load_rdb::load_rdb;
use crate::persistence::Persistence;
use crate::snapshot::{self, SnapshotWalk, encoder_with_header};
use crate::version;
use crate::writing::{DataSetEncoder, Target, WriteError, reason, write_beside_telling, write_under_lock};
use engine::config::Config;
use engine::engine::Node;
use engine::facts::replication::ReplacedFile;
use log::Offset;
use std::io;
use std::path::{Path, PathBuf};
use stdx::logging::{notice, warning};

/// The directory beside the data.
const DIRECTORY: &str = "replaced";
/// How the file of a data set ends.
const ENDING: &str = ".rdb";

/// Why a data set was not kept.
#[derive(Debug)]
pub enum KeepError {
    /// It is not to be replaced any more.
    NotWanted,
    /// It could not be written.
    Write(WriteError),
}

impl std::fmt::Display for KeepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeepError::NotWanted => f.write_str("it is not to be replaced any more"),
            KeepError::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeepError {}

/// What may be kept, and where.
struct Limits {
    directory: PathBuf,
    files: u32,
    bytes: u64,
    oldest_ms: i64,
}

impl Limits {
    fn of(config: &Config) -> Limits {
        let limits = &config.replication;
        let oldest_ms = match i64::try_from(limits.replica_replaced_ttl) {
            Ok(seconds @ 1..) => stdx::clock::wall_ms().saturating_sub(seconds.saturating_mul(1000)),
            _ => 0,
        };
        Limits {
            directory: directory(config),
            files: limits.replica_replaced_files,
            bytes: limits.replica_replaced_size,
            oldest_ms,
        }
    }

    /// Whether a file is within them before which so many newer ones stand, and which brings the sum to so many bytes.
    fn hold(&self, newer: usize, sum_bytes: u64, at_ms: i64) -> bool {
        newer < self.files as usize && (self.bytes == 0 || sum_bytes <= self.bytes) && at_ms >= self.oldest_ms
    }

    /// Where a file is written until it is whole.
    fn temporary(&self) -> PathBuf {
        self.directory.join(format!("temp-{}{ENDING}", std::process::id()))
    }
}

fn directory(config: &Config) -> PathBuf {
    config.snapshotting.dir.join(DIRECTORY)
}

/// A name that says what is in the file, and sorts by time.
fn name_of(node: &Node) -> String {
    let standing = node.standing();
    let at_ms = stdx::clock::wall_ms();
    let history = &standing.id.as_str()[..8];
    format!("{at_ms}-{history}-{}-{}{ENDING}", standing.offset, standing.keys)
}

/// What a name says; `None` if it is not one of ours.
fn parse_name(name: &str) -> Option<ReplacedFile> {
    let mut parts = name.strip_suffix(ENDING)?.split('-');
    let mut next = || parts.next().filter(|part| !part.is_empty());
    let (at_ms, history, offset, keys) = (next()?, next()?, next()?, next()?);
    if next().is_some() || history.len() != 8 || !history.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(ReplacedFile {
        name: name.to_string(),
        at_ms: at_ms.parse().ok().filter(|at_ms| *at_ms >= 0)?,
        history: history.to_string(),
        offset: Offset(offset.parse().ok()?),
        keys: keys.parse().ok()?,
        bytes: 0,
    })
}

impl Persistence {
    /// Writes the data set to a file of its own before another one takes its place, while it is still served. Other saves
    /// are called off: the data set that they write is about to go. Between slices `go_on` is asked, without the lock.
    /// Returns the file's name; `None` where none is to be kept.
    pub fn keep_data_set(&self, mut go_on: impl FnMut() -> bool) -> Result<Option<String>, KeepError> {
        let mut node = self.node.lock();
        let limits = Limits::of(&node.engine.config);
        if limits.files == 0 || node.keyspace.is_empty() {
            return Ok(None);
        }
        let version =
            version::of_file(&node).map_err(|error| KeepError::Write(WriteError::Version(error)))?;
        self.call_off_save(&mut node);
        self.call_off_rewrite(&mut node);
        if node.keyspace.is_snapshot_running() {
            snapshot::call_off(&mut node);
        }
        let (name, directory) = (name_of(&node), &limits.directory);
        let mut encoder = DataSetEncoder::Rdb(Box::new(encoder_with_header(&node, version, false)));
        let walk = SnapshotWalk::begin(&mut node, &self.node);
        drop(node);
        let mut walk = walk.map_err(|error| KeepError::Write(error.into()))?;
        let temporary = limits.temporary();
        let mut is_wanted = true;
        let written = self.vfs.create_dir(directory).map_err(WriteError::from).and_then(|()| {
            let target = Target::create(&*self.vfs, &temporary, true)?;
            write_beside_telling(&mut walk, &mut encoder, target, || {
                is_wanted = is_wanted && go_on();
                is_wanted
            })?;
            self.vfs.rename(&temporary, &directory.join(&name))?;
            Ok(self.vfs.sync_dir(directory)?)
        });
        if let Err(error) = written {
            let _ = self.vfs.remove(&temporary);
            return Err(if is_wanted { KeepError::Write(error) } else { KeepError::NotWanted });
        }
        self.prune_replaced(&limits);
        Ok(Some(name))
    }

    /// The data sets that are kept, oldest first.
    pub fn replaced_files(&self, config: &Config) -> io::Result<Vec<ReplacedFile>> {
        self.list_replaced(&directory(config))
    }

    fn list_replaced(&self, directory: &Path) -> io::Result<Vec<ReplacedFile>> {
        if !self.vfs.exists(directory)? {
            return Ok(Vec::new());
        }
        let mut files: Vec<ReplacedFile> =
            self.vfs.list(directory)?.iter().filter_map(|name| parse_name(name)).collect();
        for file in &mut files {
            let length = self.vfs.open_read(&directory.join(&file.name)).and_then(|open| open.length_bytes());
            file.bytes = length.unwrap_or(0);
        }
        files.sort_by_key(|file| file.at_ms);
        Ok(files)
    }

    /// Removes what is beyond the limits; the newest stays in any case.
    fn prune_replaced(&self, limits: &Limits) {
        let Ok(files) = self.list_replaced(&limits.directory) else { return };
        let mut bytes = 0u64;
        for (age, file) in files.iter().rev().enumerate() {
            bytes = bytes.saturating_add(file.bytes);
            if age == 0 || limits.hold(age, bytes, file.at_ms) {
                continue;
            }
            match self.vfs.remove(&limits.directory.join(&file.name)) {
                Ok(()) => notice!("Removed the replaced data set {}: it is beyond the limits", file.name),
                Err(error) => warning!("Removing the replaced data set {}: {}", file.name, reason(&error)),
            }
        }
    }

    /// The same as [`Persistence::keep_data_set`] while everybody waits.
    fn keep_under_lock(&self, node: &mut Node) -> Result<(), WriteError> {
        let limits = Limits::of(&node.engine.config);
        if limits.files == 0 || node.keyspace.is_empty() {
            return Ok(());
        }
        let version = version::of_file(node).map_err(WriteError::Version)?;
        let (name, temporary) = (name_of(node), limits.temporary());
        self.vfs.create_dir(&limits.directory)?;
        let target = Target::create(&*self.vfs, &temporary, false)?;
        let mut encoder = DataSetEncoder::Rdb(Box::new(encoder_with_header(node, version, false)));
        let written = write_under_lock(node, &mut encoder, target)
            .and_then(|()| Ok(self.vfs.rename(&temporary, &limits.directory.join(&name))?))
            .and_then(|()| Ok(self.vfs.sync_dir(&limits.directory)?));
        written.inspect_err(|_| drop(self.vfs.remove(&temporary)))?;
        notice!("Kept the data set that is replaced as {name}");
        self.prune_replaced(&limits);
        Ok(())
    }

    /// Brings a kept data set back in the place of the node's, which is kept in turn. The data begin a new history. The
    /// error is the command's reply.
    pub fn restore_replaced(&self, node: &mut Node, name: &str) -> Result<(), String> {
        if parse_name(name).is_none() {
            return Err(
                "ERR that is not the name of a replaced data set, see OCHRE REPLACED LIST".to_string()
            );
        }
        let path = directory(&node.engine.config).join(name);
        let refuse = |reason: &dyn std::fmt::Display| {
            warning!("Restoring {}: {reason}", path.display());
            format!("ERR the replaced data set cannot be read: {reason}")
        };
        let mut file = self.vfs.open_read(&path).map_err(|error| refuse(&reason(&error)))?;
        let mut keyspace = empty_like(node);
        let mut options = load_options(node);
        options.keep_expired = false;
        let (loaded, _) =
            load_rdb(&mut keyspace, &mut file, options, |_, _| true).map_err(|error| refuse(&error))?;
        self.keep_under_lock(node).map_err(|error| {
            warning!("Keeping the data set that is replaced: {error}");
            format!("ERR the data set that would be replaced cannot be kept: {error}")
        })?;
        let dirty = node.keyspace.changes().dirty + 1;
        drop(self.replace(node, keyspace));
        node.keyspace.changes_mut().dirty = dirty;
        let old = node.engine.propagation.history.id;
        let end = node.engine.propagation.end();
        node.engine.replication.lineage.left(old);
        // The offset goes on, so that nothing that was acknowledged before stands for something later.
        node.engine.propagation.adopt(engine::propagation::new_id(), end);
        node.engine.replication.stream_database = 0;
        self.data_set_replaced(node);
        notice!("Restored the replaced data set {name}: {} keys, a new history begins", loaded.keys);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn names_say_what_is_in_the_file() {
        let file = parse_name("1763900000000-8f2a0011-1234-1000.rdb").unwrap();
        assert_eq!((file.at_ms, file.history.as_str()), (1_763_900_000_000, "8f2a0011"));
        assert_eq!((file.offset.0, file.keys), (1234, 1000));
        for name in [
            "temp-1.rdb",
            "../1-8f2a0011-1-1.rdb",
            "1-8f2a0011-1-1",
            "1-8f2a0011-1-1-1.rdb",
            "1-8f2a001-1-1.rdb",
            "-1-8f2a0011-1-1.rdb",
            "",
        ] {
            assert!(parse_name(name).is_none(), "{name}");
        }
    }
}
