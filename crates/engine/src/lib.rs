//! What happens between a request and its reply, without knowing any command.
//!
//! Floors within: `command config observability facts shared` < `acl propagation` < `client` < `notify` < `engine` < `execute`.
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
pub mod notify;
pub mod observability;
pub mod propagation;
pub mod role;
pub mod shared;

/// The Redis release whose commands are there, and which is named unless `redis-version` says another.
pub const REDIS_VERSION: &str = "8.0.6";

/// The version of Ochre.
pub const OCHRE_VERSION: &str = env!("CARGO_PKG_VERSION");
