//! In which version of the RDB format files are written.

use engine::engine::Node;
use rdb::format::{VERSION_WITH_FIELD_EXPIRIES, VERSION_WRITTEN};
use rdb::version::holds_field_expiries;
use std::fmt;

/// The version that the options ask for has no layout for something that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHeld {
    version: u32,
}

impl std::error::Error for NotHeld {}

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotHeld { version } = self;
        write!(f, "hashes have fields that expire, which rdb-version {version} does not hold: 12 and 80 do")
    }
}

/// The version of a snapshot file: as the options say, else the oldest that holds everything.
pub fn of_file(node: &Node) -> Result<u32, NotHeld> {
    match node.engine.config.snapshotting.rdb_version.number() {
        None => Ok(least(node)),
        Some(version) if node.keyspace.has_field_expiries() && !holds_field_expiries(version) => {
            Err(NotHeld { version })
        }
        Some(version) => Ok(version),
    }
}

/// The version of the base of the append-only files: that of other files, but never one that cannot hold the data. A rewrite
/// that fails for it would let the log grow for ever.
pub fn of_base(node: &Node) -> u32 {
    of_file(node).unwrap_or_else(|_| least(node))
}

fn least(node: &Node) -> u32 {
    if node.keyspace.has_field_expiries() { VERSION_WITH_FIELD_EXPIRIES } else { VERSION_WRITTEN }
}
