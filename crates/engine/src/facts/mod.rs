//! What features know and gates ask: plain state, written from above and read from everywhere.

pub mod failover;
pub mod growth;
pub mod health;
pub mod memory;
pub mod migrations;
pub mod own_keys;
pub mod pauses;
pub mod process;
pub mod replication;
pub mod replication_events;
pub mod requests;
pub mod resyncs;
pub mod standing;
