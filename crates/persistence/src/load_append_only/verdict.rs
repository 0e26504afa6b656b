//! Whether an append-only file may end as it does, and what is cut off so that it may.

use super::{Interruption, Loader};
use crate::writing::reason;
use log::scan::{self, Corruption, End, Options, Report};
use log::vfs::VfsFile;
use std::io::{self, Read};
use std::path::Path;

impl Loader<'_, '_> {
    /// Whether the file may end as it does. A torn end is cut off; where commands of the end have run already,
    /// loading begins anew.
    pub(super) fn judge(
        &self,
        name: &str,
        path: &Path,
        report: &Report,
        is_last: bool,
    ) -> Result<(), Interruption> {
        let shown = path.display();
        Err(Interruption::Failed(match report.end {
            End::Clean => return Ok(()),
            End::RdbPreamble => {
                format!("Bad file format reading the append only file {shown}: an RDB within it")
            }
            End::Corrupt { at, reason, was_forced, is_followed } => {
                // Without a check nothing tells whose file it is, and what of it was on disk.
                let has_checks = report.first.is_some() || is_followed;
                if is_last && has_checks && !was_forced && self.may_lose(path, report)? {
                    stdx::logging::warning!("The end of the AOF {name} is torn: at offset {at}, {reason}");
                    self.cut(name, path, report)?;
                    return Err(Interruption::Mended);
                }
                damaged(path, at, reason, report)
            }
            End::Truncated if !is_last => format!(
                "Fatal error: the truncated file is not the last file: {shown} ends early after offset {}",
                report.good_bytes
            ),
            End::Truncated if !self.limits.allows_truncated => format!(
                "Unexpected end of file reading the append only file {shown} after offset {}. You can: 1) Make a backup \
                 of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set \
                 the 'aof-load-truncated' configuration option to yes and restart the server.",
                report.good_bytes
            ),
            End::Truncated => return Ok(self.cut(name, path, report)?),
        }))
    }

    /// A command could not be run: the scan without running anything, if it finds what a crash has torn.
    pub(super) fn torn(&self, path: &Path, options: &Options) -> Option<Report> {
        let mut file = self.persistence.vfs.open_read(path).ok()?;
        skip(&mut file, options.file_offset).ok()?;
        let report = scan::verify(&mut file, options).ok()?;
        matches!(report.end, End::Corrupt { was_forced: false, .. }).then_some(report)
    }

    /// Whether what stands behind the good bytes is little enough to be cut off without asking.
    fn may_lose(&self, path: &Path, report: &Report) -> Result<bool, String> {
        let length = self.persistence.vfs.open_read(path).and_then(|file| file.length_bytes());
        let length = length.map_err(|error| format!("{}: {}", path.display(), reason(&error)))?;
        let lost = length.saturating_sub(report.good_bytes);
        Ok(self.purpose.repairs && self.limits.allows_truncated && lost <= self.limits.torn_bytes_max)
    }

    fn cut(&self, name: &str, path: &Path, report: &Report) -> Result<(), String> {
        stdx::logging::warning!("!!! Warning: short read while loading the AOF file {name}!!!");
        if self.purpose.repairs {
            stdx::logging::warning!("!!! Truncating the AOF {name} at offset {} !!!", report.good_bytes);
            let file = self.persistence.vfs.open_append(path);
            let cut = file.and_then(|mut file| {
                file.truncate(report.good_bytes)?;
                file.sync_data()
            });
            cut.map_err(|error| {
                format!("Error truncating the AOF file {}: {}", path.display(), reason(&error))
            })?;
        }
        stdx::logging::warning!("AOF {name} loaded anyway because aof-load-truncated is enabled");
        Ok(())
    }
}

fn damaged(path: &Path, at: u64, reason: Corruption, report: &Report) -> String {
    format!(
        "Bad file format reading the append only file {}: make a backup of your AOF file, then use \
         ./redis-check-aof --fix <filename.manifest>. At offset {at}: {reason}; everything before \
         offset {} is whole",
        path.display(),
        report.good_bytes
    )
}

fn skip(file: &mut Box<dyn VfsFile>, bytes: u64) -> io::Result<u64> {
    io::copy(&mut file.take(bytes), &mut io::sink())
}
