//! Data types between servers: files and links with collections in them, and clients that wait for keys.

mod blocking;
mod blocking_replication;
mod lists;
mod streams;
