//! Databases: key to value, expiry, snapshots. Reports changes and tells no one.
//!
//! From the bottom: `header`, `slot` and `entry` (one allocation per key), `segment` (some hundreds of entries, the unit of
//! growth, walking and sampling), `chunk` and `directory` (hash prefix to segment), `db`, `keyspace` (all databases). On
//! them stand `expiry` and `field_expiry` (what goes by itself), `scan`, `snapshot` and `load` (all entries, read or put in),
//! `statistics`, `deferred` (what is freed elsewhere), `changes` with its `event`s (what the engine is told). What others
//! use: [`Keyspace`] to own the data, [`Keys`] to work on it as a command does (`access`, and by kind `strings`,
//! `collections`, `hashes`, `transfer`).
//!
//! `unsafe` lives in `entry` and `segment` only.
#![deny(unsafe_code)]

mod access;
mod changes;
mod chunk;
mod collections;
mod db;
mod deferred;
mod directory;
#[allow(unsafe_code)]
mod entry;
mod event;
mod eviction;
mod expiry;
mod field_expiry;
mod hashes;
mod header;
mod keyspace;
mod load;
#[cfg(test)]
mod model;
mod scan;
#[allow(unsafe_code)]
mod segment;
mod several;
mod sizes;
mod slot;
mod snapshot;
mod statistics;
mod strings;
mod transfer;
mod uses;

pub use access::{ExpiryMode, Keys, Lookup, View};
pub use changes::{Changes, KeyList, NameLength, Removal};
pub use collections::Edit;
pub use datatypes::ahead::Sought;
pub use datatypes::types::{Type, WrongType};
pub use db::Detached;
pub use deferred::Deferral;
pub use entry::EntryRef;
pub use event::{Class, Event};
pub use eviction::frequency::FrequencyRule;
pub use eviction::{EvictionOrder, EvictionRule};
pub use expiry::{CycleReport, ExpireBudget};
pub use keyspace::{Ahead, Keyspace};
pub use load::LoadItem;
pub use snapshot::{DatabaseCount, SnapshotBusy, SnapshotEntry};
pub use statistics::{Statistics, TableStatistics};
pub use strings::NewExpiry;
pub use transfer::OwnedEntry;
pub use uses::{KeyUse, UseRule};
