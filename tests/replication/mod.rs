//! Replication between Ochre and every real server, in both directions, and what the options promise.

mod chain;
mod expiry;
mod full_sync;
mod heavy;
mod link;
mod options;
pub mod pairs;
mod partial_sync;
mod passwords;
mod promotion;
mod random;
mod rdb_version;
mod rubbish;
mod safe_follow;
mod topology;
pub mod workload;
