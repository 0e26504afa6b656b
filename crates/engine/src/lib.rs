//! What happens between a request and its reply, without knowing any command.

pub mod config;
