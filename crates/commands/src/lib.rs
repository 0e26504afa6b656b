//! Every command, one folder per group.
#![forbid(unsafe_code)]

mod connection;
mod help;
mod server;

use engine::command::index::Table;
use std::sync::OnceLock;

/// The table of all commands.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&[connection::COMMANDS, server::COMMANDS]))
}
