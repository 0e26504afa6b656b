//! The connection itself: who is there, which database and protocol, and what others may know of it.

mod auth;
pub(crate) mod client;
mod echo;
mod hello;
mod name;
mod ping;
mod quit;
mod reset;
mod select;

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
