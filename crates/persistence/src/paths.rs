//! Where the files are, by the configuration of this moment.

use engine::config::Config;
use std::path::PathBuf;

/// The file that SAVE replaces and that is loaded at start without an append-only log.
pub fn snapshot(config: &Config) -> PathBuf {
    config.snapshotting.dir.join(&config.snapshotting.dbfilename)
}

/// The file that the save number `job` of this process writes until it is whole.
pub fn temporary_snapshot(config: &Config, job: u64) -> PathBuf {
    config.snapshotting.dir.join(format!("temp-{}-{job}.rdb", std::process::id()))
}

/// The directory of the append-only files.
pub fn log_directory(config: &Config) -> PathBuf {
    config.snapshotting.dir.join(&config.append_only.appenddirname)
}

/// What the names of the append-only files begin with.
pub fn log_stem(config: &Config) -> String {
    config.append_only.appendfilename.to_string_lossy().into_owned()
}

/// The single append-only file of old releases.
pub fn old_log(config: &Config) -> PathBuf {
    config.snapshotting.dir.join(&config.append_only.appendfilename)
}

/// What the names of unfinished bases begin with.
pub const TEMPORARY_BASE: &str = "temp-rewriteaof-bg-";

/// The base that the rewrite number `job` of this process writes until it is whole, a name within the directory.
pub fn temporary_base(job: u64) -> String {
    format!("{TEMPORARY_BASE}{}-{job}.aof", std::process::id())
}
