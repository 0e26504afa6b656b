//! The data types beside real servers: files, links and replication in both directions, searches, and clients that wait.

mod blocking;
mod blocking_replication;
mod exchange;
mod hashes;
mod lists;
mod migrate;
mod polygons;
mod sets;
mod streams;
