//! Databases: key to value, expiry, snapshots. Reports changes and tells no one.
