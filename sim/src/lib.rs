//! The deterministic simulation: primaries, replicas and clients in one thread and in virtual time, with faults of network,
//! disk, process and clock drawn from a seed.
//!
//! What runs is the real thing wherever a decision is made: the engine and every command, the machine of a replica, the
//! primary's answers, the log's writer on a disk in memory, loading, saving, snapshots. Of its own the simulation has only
//! what moves bytes: connections, the order of turns, the disk's moods. [`chronicle`] knows what truly happened, and
//! `docs/guarantees.md` is held against it.
#![forbid(unsafe_code)]
#![cfg(test)]

mod checks;
mod chronicle;
mod clients;
mod copying;
mod data;
mod disk;
mod faults;
mod hosts;
mod link;
mod network;
mod operator;
mod process;
mod promises;
mod runs;
mod serving;
mod trace;
mod world;
