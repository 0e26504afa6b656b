//! Saving the whole data set to a file.

use std::path::PathBuf;

use crate::config::kind::{Directory, FileName, Integer, SavePoint, SavePoints, YesNo};

options! {
    /// Saving the whole data set to a file.
    Snapshotting at snapshotting;

    /// Save by itself when so many seconds have passed and so many changes were made since the last save. Several such
    /// pairs may stand on several lines; "" saves never.
    save: SavePoints = vec![
        SavePoint { seconds: 3600, changes: 1 },
        SavePoint { seconds: 300, changes: 100 },
        SavePoint { seconds: 60, changes: 10_000 },
    ], mutable;
    /// Refuse writes while the last save by itself has failed, so that somebody notices.
    stop_writes_on_bgsave_error: YesNo = true, mutable;
    /// Compress strings in the file where that makes them smaller.
    rdbcompression: YesNo = true, mutable;
    /// Put a checksum at the end of the file and check it when loading.
    rdbchecksum: YesNo = true, immutable;
    /// Name of the file, in dir.
    dbfilename: FileName = PathBuf::from("dump.rdb"), protected;
    /// Working directory: where the files are.
    dir: Directory = PathBuf::from("./"), protected;
    /// A replica without any persistence removes the file of a full copy when it has loaded it.
    rdb_del_sync_files: YesNo = false, mutable;
    /// Microseconds to wait after each key that is loaded from a file or from a primary: for tests.
    key_load_delay: Integer<u32, 0, { i32::MAX as i64 }> = 0, hidden;
    /// Have the system write the file to disk piece by piece while it is made, not all at its end.
    rdb_save_incremental_fsync: YesNo = true, mutable;
}
