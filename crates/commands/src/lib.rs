//! Every command, one folder per group of COMMAND DOCS and one file per command (or per few that share a body).
#![forbid(unsafe_code)]

use engine::command::Command;
use engine::command::index::Table;
use std::sync::OnceLock;

mod bitmap;
mod cluster;
mod connection;
pub mod documentation;
mod generic;
mod geo;
mod grammar;
mod hash;
mod hyperloglog;
mod list;
mod prelude;
mod pubsub;
mod server;
mod set;
mod sorted_set;
mod stream;
mod string;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod testing;
mod transactions;

/// All commands: of each group, of each file.
pub const GROUPS: &[&[&[Command]]] = &[
    bitmap::COMMANDS,
    cluster::COMMANDS,
    connection::COMMANDS,
    generic::COMMANDS,
    geo::COMMANDS,
    hash::COMMANDS,
    hyperloglog::COMMANDS,
    list::COMMANDS,
    pubsub::COMMANDS,
    server::COMMANDS,
    set::COMMANDS,
    sorted_set::COMMANDS,
    stream::COMMANDS,
    string::COMMANDS,
    transactions::COMMANDS,
];

/// The table of all commands, built at the first call.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(GROUPS))
}
