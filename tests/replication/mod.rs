//! Replication between Ochre and every real server, in both directions, and what the options promise.

mod chain;
mod expiry;
mod failover;
mod full_sync;
mod heavy;
mod link;
mod log_on_disk;
mod migrate_from;
mod options;
pub mod pairs;
mod partial_sync;
mod passwords;
mod promises;
mod promotion;
mod random;
mod rdb_version;
pub mod rubbish;
mod safe_follow;
mod topology;
mod universal;
pub mod workload;
