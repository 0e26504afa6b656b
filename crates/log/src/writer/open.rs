//! Begins to write: in the increment where an earlier run ended, in a new one, or in one whose base is yet to be made.

use super::increment::Increment;
use super::{Continuity, LogWriter, Resume, Start, WriterOptions};
use crate::held_files::{HeldFiles, list};
use crate::manifest::{self, Manifest, increment_name};
use crate::offset::Offset;
use crate::policy::Moment;
use crate::scan::Position;
use crate::vfs::Vfs;
use std::io;
use std::sync::Arc;

impl LogWriter {
    /// Opens the increment that the log goes on in, and clears away what earlier runs left.
    ///
    /// # Errors
    /// As the operating system says; or `InvalidInput` when the increment to go on in is not in the manifest.
    pub fn open(
        vfs: Arc<dyn Vfs>,
        options: WriterOptions,
        mut manifest: Manifest,
        start: Start,
        now: Moment,
    ) -> io::Result<Self> {
        vfs.create_dir(&options.directory)?;
        let leftovers = manifest.take_history();
        let held = restore_held(&vfs, &options, &start);
        let increment = match &start.resume {
            Some(resume) => reopen(&*vfs, &options, &mut manifest, resume, &start)?,
            None => {
                sync_last(&*vfs, &options, &manifest)?;
                begin(&*vfs, &options, &mut manifest, &start)?
            }
        };
        match manifest.increments.last() {
            Some(entry) if start.resume.is_none() || start.held.is_empty() => {
                held.begin(&entry.name, Position { id: start.id, offset: start.offset }, 0);
            }
            _ => held.reopen_last(),
        }
        manifest::store(&*vfs, &options.directory, &options.stem, &manifest)?;
        let mut writer =
            Self { orphans: leftovers, ..Self::new(vfs, options, manifest, increment, start, held, now) };
        writer.remove_orphans();
        let _ = writer.write_out(now);
        writer.trim_kept(now);
        Ok(writer)
    }

    /// Begins an increment whose base [`LogWriter::finish_rewrite`] brings. Until then the manifest on disk stays as it
    /// is, and nothing is durable: what the old files hold (those of `manifest`, which may be none) is not of this log.
    /// `prologue` as for [`LogWriter::rotate`]; `start.resume` must be `None`.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn begin_anew(
        vfs: Arc<dyn Vfs>,
        options: WriterOptions,
        mut manifest: Manifest,
        start: Start,
        prologue: &[u8],
        now: Moment,
    ) -> io::Result<Self> {
        vfs.create_dir(&options.directory)?;
        let sequence = manifest.increment_sequence + 1;
        let file = vfs.create(&options.directory.join(increment_name(&options.stem, sequence)))?;
        let mut increment = Increment::new(file);
        increment.push_header(prologue, &start.chain, &start.id, start.offset);
        increment.force()?;
        let name = manifest.add_increment(&options.stem, Some(start.offset));
        let held = restore_held(&vfs, &options, &start);
        held.begin(&name, Position { id: start.id, offset: start.offset }, 0);
        Ok(Self {
            durable_before_gap: Offset::ZERO,
            continuity: Continuity::Bridging,
            rewrite_from: Some(sequence),
            ..Self::new(vfs, options, manifest, increment, start, held, now)
        })
    }

    fn new(
        vfs: Arc<dyn Vfs>,
        options: WriterOptions,
        manifest: Manifest,
        increment: Increment,
        start: Start,
        held: Arc<HeldFiles>,
        now: Moment,
    ) -> Self {
        Self {
            vfs,
            options,
            manifest,
            increment,
            id: start.id,
            chain: start.chain,
            end: start.offset,
            synced: start.offset,
            durable_before_gap: start.offset,
            continuity: Continuity::Whole,
            failure: None,
            retry_at_ms: None,
            last_sync_ms: now.monotonic_ms,
            last_timestamp_s: 0,
            is_closed: false,
            rewrite_from: None,
            orphans: Vec::new(),
            is_manifest_unsure: false,
            held,
            closed_bytes: 0,
            unix_s: now.unix_s,
        }
    }
}

/// The files of earlier runs that hold the stream up to where it goes on.
fn restore_held(vfs: &Arc<dyn Vfs>, options: &WriterOptions, start: &Start) -> Arc<HeldFiles> {
    let held = HeldFiles::new(Arc::clone(vfs), options.directory.clone());
    let first = start.held.first().map(|file| file.start);
    let mut files = list::load(&**vfs, &options.directory, &options.stem, first);
    files.extend(start.held.iter().cloned());
    held.restore(files, start.offset);
    held
}

fn reopen(
    vfs: &dyn Vfs,
    options: &WriterOptions,
    manifest: &mut Manifest,
    resume: &Resume,
    start: &Start,
) -> io::Result<Increment> {
    let entry = manifest.increments.last_mut();
    let entry = entry.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no increment to resume"))?;
    entry.end_offset = None;
    let mut file = vfs.open_append(&options.directory.join(&entry.name))?;
    if file.length_bytes()? != resume.file_bytes {
        file.truncate(resume.file_bytes)?;
    }
    file.sync_data()?;
    let mut increment = Increment::resume(file, resume.file_bytes, resume.annotator.clone());
    // Only a check that is on disk proves that what stands before it is, should the end be torn later.
    increment.push_header(b"", &start.chain, &start.id, start.offset);
    increment.force()?;
    Ok(increment)
}

/// What a killed process wrote was read, but may not be on disk: a new increment is worth nothing without.
fn sync_last(vfs: &dyn Vfs, options: &WriterOptions, manifest: &Manifest) -> io::Result<()> {
    match manifest.increments.last() {
        Some(entry) => vfs.open_append(&options.directory.join(&entry.name))?.sync_data(),
        None => Ok(()),
    }
}

fn begin(
    vfs: &dyn Vfs,
    options: &WriterOptions,
    manifest: &mut Manifest,
    start: &Start,
) -> io::Result<Increment> {
    let name = manifest.add_increment(&options.stem, Some(start.offset));
    let file = vfs.create(&options.directory.join(name))?;
    let mut increment = Increment::new(file);
    increment.push_header(b"", &start.chain, &start.id, start.offset);
    increment.force()?;
    Ok(increment)
}
