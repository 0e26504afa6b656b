//! The connection itself: who is there, which database and protocol, and what others may know of it.

mod auth;
mod client;
mod echo;
mod hello;
mod ping;
mod quit;
mod reset;
mod select;

pub(crate) use client::describe as describe_client;

use engine::command::Command;

/// Every command of the group.
pub const COMMANDS: &[&[Command]] = &[
    auth::COMMANDS,
    client::COMMANDS,
    echo::COMMANDS,
    hello::COMMANDS,
    ping::COMMANDS,
    quit::COMMANDS,
    reset::COMMANDS,
    select::COMMANDS,
];
