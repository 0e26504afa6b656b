//! The data types beside real servers: files, links and replication in both directions, and clients that wait for keys.

mod blocking;
mod blocking_replication;
mod hashes;
mod lists;
mod migrate;
mod sets;
mod streams;
