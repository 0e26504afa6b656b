//! What happens between a request and its reply, without knowing any command.
//!
//! Floors within: `command config observability facts shared` < `acl propagation` < `client` < `engine` < `execute`.
#![forbid(unsafe_code)]

pub mod acl;
pub mod blocking;
pub mod client;
pub mod command;
pub mod config;
pub mod engine;
pub mod execute;
pub mod facts;
pub mod lazy_free;
pub mod observability;
pub mod propagation;
pub mod role;
pub mod shared;

/// The Redis release whose commands are all there: client libraries choose their features by it.
pub const REDIS_VERSION: &str = "7.0.15";

/// The version of Ochre.
pub const OCHRE_VERSION: &str = env!("CARGO_PKG_VERSION");
