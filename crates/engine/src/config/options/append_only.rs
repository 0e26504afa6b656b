//! Writing every change to a file.

use std::path::PathBuf;

use crate::config::kind::{DirectoryName, FileName, Integer, Memory, YesNo, choices};

choices! {
    /// When what was written to the append-only file is forced to disk.
    AppendFsync {
        /// Once a second.
        "everysec" => EverySecond,
        /// Before the reply that acknowledges the change.
        "always" => Always,
        /// When the system likes.
        "no" => Never,
    }
}

options! {
    /// Writing every change to a file.
    AppendOnly at append_only;

    /// Write every change to the append-only file, and start from it.
    appendonly: YesNo = false, mutable;
    /// What the names of the append-only files begin with.
    appendfilename: FileName = PathBuf::from("appendonly.aof"), immutable;
    /// Directory of the append-only files, in dir.
    appenddirname: DirectoryName = PathBuf::from("appendonlydir"), immutable;
    /// When changes are forced to disk.
    appendfsync: AppendFsync = AppendFsync::EverySecond, mutable;
    /// Force nothing to disk while a save or a rewrite is being written.
    no_appendfsync_on_rewrite: YesNo = false, mutable;
    /// Rewrite the file when it has grown by this many percent since the last rewrite. 0 means never.
    auto_aof_rewrite_percentage: Integer<u32, 0, { i32::MAX as i64 }> = 100, mutable;
    /// A smaller file is not rewritten by itself.
    auto_aof_rewrite_min_size: Memory<0, { i64::MAX as u64 }> = 64 << 20, mutable;
    /// Start with what is whole when the end of the file is missing, as after a power failure; otherwise refuse to start.
    aof_load_truncated: YesNo = true, mutable;
    /// Start also when the end of the file is damaged in a way that only a crash explains, and cut off at most so many bytes.
    /// What was forced to disk once is never cut off.
    aof_load_corrupt_tail_max_size: Memory<0, { i64::MAX as u64 }> = 64 << 20, mutable;
    /// Begin a rewritten file with a snapshot, which is smaller and loads faster than commands.
    aof_use_rdb_preamble: YesNo = true, mutable;
    /// Note the time of changes in the file.
    aof_timestamp_enabled: YesNo = false, mutable;
    /// Have the system write a rewritten file to disk piece by piece, not all at its end.
    aof_rewrite_incremental_fsync: YesNo = true, mutable;
}
