//! Who reads which versions of RDB, and what a version has no layout for.
//!
//! Redis counts its versions on: 6 is 2.6 to 3.0, 7 is 3.2, 8 is 4.0, 9 is 5.0 to 6.2, 10 is 7.0, 11 is 7.2, 12 is 7.4 and 8.0. Valkey shares those up to 11, takes later ones for
//! foreign, and has versions of its own, from 80 on.

use crate::format::{
    VERSION_MAX_REDIS, VERSION_OLDEST_WRITTEN, VERSION_WITH_FIELD_EXPIRIES, VERSION_WITH_STREAMS,
    VERSION_WRITTEN, VERSIONS_VALKEY,
};

/// The last version that Redis and Valkey have in common.
const VERSION_SHARED: u32 = 11;

/// As which Valkey we read: a primary of Valkey 9 leaves no field's expiry to a replica that says less.
pub const VALKEY_READ: &str = "9.1.0";

/// Whether a version has a layout for fields of hashes that expire.
pub fn holds_field_expiries(version: u32) -> bool {
    version >= VERSION_WITH_FIELD_EXPIRIES
}

/// Whether a version has a layout for streams.
pub fn holds_streams(version: u32) -> bool {
    version >= VERSION_WITH_STREAMS
}

/// Which versions somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Those of Redis, up to this one.
    Redis(u32),
    /// Those that Redis and Valkey share, and those of Valkey 9.
    Valkey,
}

impl Reader {
    /// Redis 2.8 to 3.2, and everybody since.
    pub const REDIS_2: Reader = Reader::Redis(VERSION_OLDEST_WRITTEN);
    /// Redis 7.0, which every later one and every Valkey understands.
    pub const REDIS_7: Reader = Reader::Redis(VERSION_WRITTEN);
    /// Redis 8.0.
    pub const REDIS_8: Reader = Reader::Redis(VERSION_MAX_REDIS);
    /// Valkey 8.
    pub const VALKEY_8: Reader = Reader::Redis(VERSION_SHARED);

    /// Somebody who reads this version and those before it.
    pub fn of_version(version: u32) -> Reader {
        if VERSIONS_VALKEY.contains(&version) {
            Reader::Valkey
        } else {
            Reader::Redis(version.clamp(VERSION_OLDEST_WRITTEN, VERSION_MAX_REDIS))
        }
    }

    /// The newest version that it reads and we write.
    pub fn newest_version(self) -> u32 {
        match self {
            Reader::Redis(version) => version,
            Reader::Valkey => *VERSIONS_VALKEY.end(),
        }
    }

    /// What both read.
    #[must_use]
    pub fn and(self, other: Reader) -> Reader {
        match (self, other) {
            (Reader::Valkey, Reader::Valkey) => Reader::Valkey,
            (Reader::Redis(one), Reader::Redis(two)) => Reader::Redis(one.min(two)),
            (Reader::Redis(version), Reader::Valkey) | (Reader::Valkey, Reader::Redis(version)) => {
                Reader::Redis(version.min(VERSION_SHARED))
            }
        }
    }

    /// Whether it reads a version that has a layout for streams.
    pub fn holds_streams(self) -> bool {
        holds_streams(self.newest_version())
    }

    /// Whether it reads a version that has a layout for fields of hashes that expire.
    pub fn holds_field_expiries(self) -> bool {
        holds_field_expiries(self.newest_version())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readers_have_in_common() {
        assert_eq!(Reader::REDIS_8.and(Reader::REDIS_7), Reader::REDIS_7);
        assert_eq!(Reader::REDIS_8.and(Reader::Valkey), Reader::VALKEY_8);
        assert_eq!(Reader::Valkey.and(Reader::REDIS_7), Reader::REDIS_7);
        assert_eq!(Reader::Valkey.and(Reader::Valkey).newest_version(), 80);
    }

    #[test]
    fn only_some_know_of_fields_that_expire() {
        for (version, holds) in [(9, false), (10, false), (11, false), (12, true), (13, true), (80, true)] {
            assert_eq!(Reader::of_version(version).holds_field_expiries(), holds, "{version}");
        }
        assert_eq!(Reader::of_version(13).newest_version(), 12);
        assert_eq!(Reader::of_version(9).newest_version(), 9);
        assert!(Reader::of_version(9).holds_streams() && !Reader::REDIS_2.holds_streams());
    }
}
