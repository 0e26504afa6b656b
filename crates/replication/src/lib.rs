//! Primary side and replica side of replication.
//!
//! From the bottom: [`handshake`] is pure (lines in, bytes out); [`follower`] is the pure machine of a replica, which judges
//! whether a primary may replace our data; [`replica`] is the thread that does what it says; [`primary`] answers PSYNC and
//! keeps the facts of our replicas; [`full_sync`] is the thread that sends one snapshot to all replicas that wait, [`catch_up`]
//! those that feed replicas from the log's files; [`failover`] exchanges the roles of a primary and a replica.
#![forbid(unsafe_code)]

pub mod apply;
pub mod catch_up;
pub mod compare;
pub mod continuation;
mod copy_version;
pub mod failover;
pub mod feed;
pub mod follower;
pub mod full_sync;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod handshake;
pub mod load;
pub mod node_file;
pub mod notes;
pub mod primary;
pub mod recovery;
pub mod replica;
pub mod spill;
pub mod stream_start;
