//! Loads the append-only files: base and increments in the manifest's order, single files of old releases too.

mod verdict;

use crate::access::Access;
use crate::load::{describe_rdb_load, load_options};
use crate::load_rdb::load_rdb;
use crate::paths;
use crate::persistence::Persistence;
use crate::replay::{Refused, Replay};
use crate::writing::reason;
use engine::engine::Node;
use keyspace::Keyspace;
use log::Offset;
use log::held_files::{HeldFile, Marks};
use log::history::Chain;
use log::manifest::{self, LoadManifestError, Manifest};
use log::multibulk;
use log::scan::{self, Options, Position, Record, Report, ScanError};
use log::vfs::VfsFile;
use log::writer::Resume;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the files hold, and where they go on.
#[derive(Default)]
pub struct LoadedLog {
    /// The files.
    pub manifest: Manifest,
    /// The end of the stream; `None` when the files do not tell.
    pub position: Option<Position>,
    /// The histories up to there.
    pub chain: Chain,
    /// Where the last increment goes on; `None` when a new one must begin.
    pub resume: Option<Resume>,
    /// The database that the stream has selected at its end.
    pub database: u32,
    /// The increments that hold the stream up to `position` without a hole.
    pub held: Vec<HeldFile>,
}

impl LoadedLog {
    /// An increment was loaded.
    fn note(&mut self, name: &str, report: &Report, marks: Marks) {
        self.resume = Some(Resume { file_bytes: report.good_bytes, annotator: report.annotator() });
        if report.position.is_none() && report.commands == 0 {
            return;
        }
        self.position = report.position;
        self.chain = report.chain.clone();
        let first = marks.as_slice().first().map(|mark| mark.offset);
        let (Some(end), Some(offset)) = (report.position, first) else {
            self.held.clear();
            return;
        };
        let start = match report.first {
            Some(first) if first.offset == offset => first,
            _ => Position { id: end.id, offset },
        };
        if self.held.last().is_some_and(|last| last.end.is_none_or(|end| end.offset != offset)) {
            self.held.clear();
        }
        self.held.push(HeldFile::listed(name.to_string(), start, end, report.good_bytes, marks));
    }
}

/// What to do beside running the commands.
#[derive(Clone, Copy)]
pub struct Purpose {
    /// A torn end is cut off, and files of old releases are moved (start); otherwise nothing is changed.
    pub repairs: bool,
    /// The stream's last bytes are kept for replicas.
    pub keeps_tail: bool,
}

/// What may be missing at the end of the last file, and how large its commands may be.
#[derive(Clone, Copy)]
struct Limits {
    /// `aof-load-truncated`.
    allows_truncated: bool,
    /// `aof-load-corrupt-tail-max-size`.
    torn_bytes_max: u64,
    largest_argument_bytes: u64,
}

/// Why loading ends early.
enum Interruption {
    /// The files cannot be loaded.
    Failed(String),
    /// A torn end was cut off after some of it had run: loading begins anew.
    Mended,
}

impl From<String> for Interruption {
    fn from(reason: String) -> Self {
        Interruption::Failed(reason)
    }
}

/// The files being loaded.
struct Loader<'a, 'n> {
    persistence: &'a Persistence,
    replay: Replay<'a, 'n>,
    directory: PathBuf,
    purpose: Purpose,
    limits: Limits,
    loaded_bytes: u64,
}

impl Persistence {
    /// Loads the files that the configuration names into the node, whose data set is empty.
    pub(crate) fn load_log(&self, access: &mut Access<'_>, purpose: Purpose) -> Result<LoadedLog, String> {
        let node = access.node();
        let config = &node.engine.config;
        let (directory, stem) = (paths::log_directory(config), paths::log_stem(config));
        let old = paths::old_log(config);
        let limits = Limits {
            allows_truncated: config.append_only.aof_load_truncated,
            torn_bytes_max: config.append_only.aof_load_corrupt_tail_max_size,
            largest_argument_bytes: config.clients.proto_max_bulk_len,
        };
        let began = Instant::now();
        let manifest = manifest::load(&*self.vfs, &directory, &stem)
            .map_err(|error| fatal(&directory, &stem, &error))?;
        let manifest =
            self.take_over_old_file(manifest.unwrap_or_default(), &old, &directory, &stem, purpose)?;
        let total_bytes = self.total_bytes(&directory, &manifest)?;
        if let Some(loading) = &mut access.node().engine.health.loading {
            loading.total_bytes = total_bytes;
        }
        let has_files = manifest.base.is_some() || !manifest.increments.is_empty();
        let loaded = loop {
            let replay = Replay::new(access, purpose.keeps_tail);
            let directory = directory.clone();
            let loader = Loader { persistence: self, replay, directory, purpose, limits, loaded_bytes: 0 };
            match loader.load(manifest.clone()) {
                Ok(loaded) => break loaded,
                Err(Interruption::Failed(reason)) => return Err(reason),
                Err(Interruption::Mended) => forget_loaded(access.node()),
            }
        };
        if has_files {
            stdx::logging::notice!(
                "DB loaded from append only file: {:.3} seconds",
                began.elapsed().as_secs_f64()
            );
        }
        Ok(loaded)
    }

    /// A single append-only file, as Redis 6 and older kept it, becomes the base; it moves into the directory. A crash
    /// on the way is mended by the next start.
    fn take_over_old_file(
        &self,
        manifest: Manifest,
        old: &Path,
        directory: &Path,
        stem: &str,
        purpose: Purpose,
    ) -> Result<Manifest, String> {
        let fail = |error: io::Error| {
            format!(
                "Can't move the append-only file {} into {}: {}",
                old.display(),
                directory.display(),
                reason(&error)
            )
        };
        let is_listed = manifest.increments.is_empty()
            && manifest.base.as_ref().is_some_and(|base| base.name == stem)
            && !self.vfs.exists(&directory.join(stem)).map_err(fail)?;
        let is_new = manifest.base.is_none() && manifest.increments.is_empty();
        let is_there = old != directory && self.vfs.exists(old).map_err(fail)?;
        if !purpose.repairs || !is_there || !(is_new || is_listed) {
            return Ok(manifest);
        }
        let manifest = Manifest::from_single_file(stem);
        self.vfs.create_dir(directory).map_err(fail)?;
        manifest::store(&*self.vfs, directory, stem, &manifest).map_err(fail)?;
        self.vfs.rename(old, &directory.join(stem)).map_err(fail)?;
        self.vfs.sync_dir(directory).map_err(fail)?;
        stdx::logging::notice!(
            "Successfully migrated an old-style AOF file ({stem}) into the AOF directory ({}).",
            directory.file_name().unwrap_or_default().display()
        );
        Ok(manifest)
    }

    fn total_bytes(&self, directory: &Path, manifest: &Manifest) -> Result<u64, String> {
        let mut total = 0;
        for entry in manifest.base.iter().chain(&manifest.increments) {
            let path = directory.join(&entry.name);
            let length = self.vfs.open_read(&path).and_then(|file| file.length_bytes());
            total += length.map_err(|error| {
                format!("Unable to obtain the AOF file {} length: {}", path.display(), reason(&error))
            })?;
        }
        Ok(total)
    }
}

/// Says in the log what is wrong with the manifest, in Redis's lines; the last one is the error.
fn fatal(directory: &Path, stem: &str, error: &LoadManifestError) -> String {
    let path = manifest::manifest_path(directory, stem);
    let shown = path.display();
    let LoadManifestError::Refused(refused) = error else { return format!("{shown}: {error}") };
    stdx::logging::warning!("*** FATAL AOF MANIFEST FILE ERROR ***");
    stdx::logging::warning!("Reading the manifest file, at line {}", refused.line);
    stdx::logging::warning!(">>> '{}'", refused.text);
    format!("{shown}: at line {}: {}", refused.line, refused.reason)
}

impl Loader<'_, '_> {
    fn load(mut self, manifest: Manifest) -> Result<LoadedLog, Interruption> {
        let mut loaded = LoadedLog::default();
        let last = manifest.increments.len();
        if let Some(base) = &manifest.base {
            let began = Instant::now();
            self.file(&base.name, None, last == 0)?;
            let seconds = began.elapsed().as_secs_f64();
            stdx::logging::notice!("DB loaded from base file {}: {seconds:.3} seconds", base.name);
        }
        for (index, entry) in manifest.increments.iter().enumerate() {
            let began = Instant::now();
            let (report, marks) = self.file(&entry.name, loaded.position, index + 1 == last)?;
            if report.commands > 0 {
                let seconds = began.elapsed().as_secs_f64();
                stdx::logging::notice!("DB loaded from incr file {}: {seconds:.3} seconds", entry.name);
            }
            loaded.note(&entry.name, &report, marks);
        }
        loaded.database = self.replay.database();
        loaded.manifest = manifest;
        Ok(loaded)
    }

    /// Loads one file. `before` is where the file before it has ended.
    fn file(
        &mut self,
        name: &str,
        before: Option<Position>,
        is_last: bool,
    ) -> Result<(Report, Marks), Interruption> {
        let path = self.directory.join(name);
        let fail = |error: io::Error| {
            format!("Error reading the append only file {}: {}", path.display(), reason(&error))
        };
        let mut file = self.persistence.vfs.open_read(&path).map_err(fail)?;
        self.replay.begin_file();
        let (ahead, file_offset) = self.preamble(name, &path, &mut file)?;
        let limits = multibulk::Limits {
            argument_bytes: usize::try_from(self.limits.largest_argument_bytes)
                .unwrap_or(usize::MAX)
                .max(512 << 20),
            command_bytes: u32::MAX as usize,
            ..multibulk::Limits::default()
        };
        let (mut marks, options) = (Marks::default(), Options { limits, file_offset });
        let report = match self.commands(ahead.as_slice().chain(&mut file), options, before, &mut marks) {
            Ok(report) => report,
            Err(ScanError::Io(error)) => return Err(fail(error).into()),
            Err(ScanError::Sink(refused)) => self
                .torn(&path, &options)
                .ok_or_else(|| format!("Error reading the append only file {}, {refused}", path.display()))?,
        };
        self.judge(name, &path, &report, is_last)?;
        self.loaded_bytes += report.good_bytes;
        marks.cut(report.good_bytes);
        Ok((report, marks))
    }

    fn commands(
        &mut self,
        reader: impl Read,
        options: Options,
        before: Option<Position>,
        marks: &mut Marks,
    ) -> Result<Report, ScanError<Refused>> {
        let mut is_first = true;
        let mut gap = None;
        let (replay, loaded_bytes) = (&mut self.replay, self.loaded_bytes);
        scan::scan(reader, &options, |record| {
            marks.note(&record);
            match record {
                Record::Command { file_offset, .. } if gap.is_some() => {
                    let reason = gap.take().unwrap_or_default();
                    Err(Refused { file_offset, reason })
                }
                Record::Command { arguments, file_offset, end } => {
                    replay.command(arguments, file_offset, end)?;
                    if replay.is_at_pause() {
                        tell(replay.access(), loaded_bytes + file_offset);
                    }
                    Ok(())
                }
                Record::Annotation { annotation, .. } => {
                    if let log::annotation::Annotation::Position { offset, .. } = annotation
                        && std::mem::take(&mut is_first)
                        && let Some(before) = before.filter(|before| before.offset != offset)
                    {
                        gap = Some(format!(
                            "the file begins at offset {offset}, but the one before it ends at offset {}",
                            before.offset
                        ));
                    }
                    Ok(())
                }
            }
        })
    }

    /// An RDB at the beginning of the file: loaded, and what was read behind it given back, with its place.
    fn preamble(
        &mut self,
        name: &str,
        path: &Path,
        file: &mut Box<dyn VfsFile>,
    ) -> Result<(Vec<u8>, u64), String> {
        let fail = |error: &dyn std::fmt::Display| {
            format!(
                "Error reading the RDB preamble of the AOF file {}, AOF loading aborted: {error}",
                path.display()
            )
        };
        let mut magic = Vec::new();
        file.take(6).read_to_end(&mut magic).map_err(|error| fail(&reason(&error)))?;
        if !magic.starts_with(b"REDIS") && !magic.starts_with(b"VALKEY") {
            return Ok((magic, 0));
        }
        let is_plain = name.ends_with(".rdb");
        let what = if is_plain {
            "Reading RDB base file on AOF loading..."
        } else {
            "Reading RDB preamble from AOF file..."
        };
        stdx::logging::notice!("{what}");
        let (mut keyspace, mut options) = {
            let node = self.replay.access().node();
            (take_keyspace(node), load_options(node))
        };
        options.keep_expired = true;
        let mut counted = Counted { reader: magic.as_slice().chain(file), bytes: 0 };
        let (access, before) = (self.replay.access(), self.loaded_bytes);
        access.let_go();
        let outcome = load_rdb(&mut keyspace, &mut counted, options, |bytes, keys| {
            tell_keys(access, before + bytes, keys);
            true
        });
        let node = access.node();
        node.keyspace = keyspace;
        let (loaded, rest) = outcome.map_err(|error| fail(&error))?;
        describe_rdb_load(node, &loaded);
        let file_offset = counted.bytes - rest.len() as u64;
        if !is_plain {
            stdx::logging::notice!("Reading the remaining AOF tail...");
        }
        Ok((rest, file_offset))
    }
}

/// What was loaded so far is forgotten.
fn forget_loaded(node: &mut Node) {
    node.keyspace = crate::load::empty_like(node);
    node.engine.propagation.tail.restart(Offset::ZERO);
}

/// Takes the node's data set out, which is empty, to fill it without the lock.
fn take_keyspace(node: &mut Node) -> Keyspace {
    let fresh = crate::load::empty_like(node);
    std::mem::replace(&mut node.keyspace, fresh)
}

fn tell(access: &mut Access<'_>, loaded_bytes: u64) {
    let node = access.node();
    let keys = crate::log_files::total_keys(node);
    tell_keys(access, loaded_bytes, keys);
}

fn tell_keys(access: &mut Access<'_>, loaded_bytes: u64, keys: u64) {
    if let Some(loading) = &mut access.node().engine.health.loading {
        loading.loaded_bytes = loaded_bytes;
        loading.keys = keys;
    }
    access.let_go();
}

/// Counts what is read.
struct Counted<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}
