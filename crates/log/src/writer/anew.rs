//! A log that is turned on while a data set is in use: the files begin with a base that is yet to be made.

use super::increment::Increment;
use super::{Continuity, LogWriter, Start, WriterOptions};
use crate::manifest::{Manifest, increment_name};
use crate::policy::Moment;
use crate::vfs::Vfs;
use std::io;
use std::sync::Arc;

impl LogWriter {
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
        manifest.add_increment(&options.stem, Some(start.offset));
        Ok(Self {
            vfs,
            options,
            manifest,
            increment,
            id: start.id,
            chain: start.chain,
            end: start.offset,
            synced: start.offset,
            durable_before_gap: crate::Offset::ZERO,
            continuity: Continuity::Bridging,
            failure: None,
            retry_at_ms: None,
            last_sync_ms: now.monotonic_ms,
            last_timestamp_s: 0,
            is_closed: false,
            rewrite_from: Some(sequence),
            orphans: Vec::new(),
            is_manifest_unsure: false,
        })
    }
}
