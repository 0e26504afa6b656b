//! The replica's side as a pure machine: time, bytes and outcomes in, actions out. It reads no clock, socket or file.
//!
//! [`machine`] goes through connecting, greeting, copying and streaming; [`judge`] decides whether a primary may replace
//! our data; [`offer`] is what a primary says that it has; [`copy_end`] finds the end of a full copy in the stream;
//! [`retry`] says how long to wait after a failure; [`on_node`] is what comes of it for the node. The thread in [`crate::replica`] does what the machine says.

pub mod copy_end;
pub mod ended;
pub mod judge;
pub mod lines;
pub mod machine;
pub mod offer;
pub mod on_node;
pub mod retry;
