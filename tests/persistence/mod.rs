//! What is on disk: the RDB file, the append-only directory, and what a crash or a full disk leaves of them.

mod aof;
mod aof_damage;
mod crash;
mod exchange;
pub mod full_disk;
mod injected;
mod rdb;
mod rdb_damage;
mod rewrite;
