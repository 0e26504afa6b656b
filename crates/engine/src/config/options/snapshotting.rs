//! Saving the whole data set to a file.

use std::path::PathBuf;

use crate::config::kind::{Directory, FileName, Integer, SavePoint, SavePoints, YesNo, choices};

choices! {
    /// In which version of the RDB format something is written.
    RdbVersion {
        /// The oldest that holds everything.
        "auto" => Auto,
        /// That of Redis 5.0 to 6.2.
        "9" => Redis50,
        /// That of Redis 7.0.
        "10" => Redis70,
        /// That of Redis 7.2 and Valkey 8.
        "11" => Redis72,
        /// That of Redis 7.4 and 8.0.
        "12" => Redis80,
        /// That of Valkey 9.
        "80" => Valkey9,
    }
}

impl RdbVersion {
    /// The version, if one is asked for.
    pub fn number(self) -> Option<u32> {
        match self {
            RdbVersion::Auto => None,
            RdbVersion::Redis50 => Some(9),
            RdbVersion::Redis70 => Some(10),
            RdbVersion::Redis72 => Some(11),
            RdbVersion::Redis80 => Some(12),
            RdbVersion::Valkey9 => Some(80),
        }
    }
}

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
    /// The version of the file, of what DUMP returns and MIGRATE sends, and of full copies for replicas that do not say what
    /// they read: 9 for Redis 5.0 to 6.2, which also has SET with a time passed on as SET and PEXPIREAT, 10 for Redis 7.0, 11 for Redis 7.2 and Valkey 8, 12 for Redis 7.4 and 8.0, 80 for Valkey 9. With auto it is
    /// 10, and 12 where fields of hashes expire. A version that does not hold what there is makes SAVE and DUMP fail.
    rdb_version: RdbVersion = RdbVersion::Auto, mutable;
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
