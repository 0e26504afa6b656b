//! What is measured: a file a case.

mod bgsave;
mod get_set;
mod hash;
mod load;
mod memory;
mod publish;
mod sync;
mod workers;

use super::connection::{append, key, noise};
use super::contest::Contest;
use super::server::Server;
use super::table::Table;

/// A case fills a table.
type Case = fn(&Contest<'_>) -> Result<Table, String>;

/// All cases, in the order in which they run.
pub const ALL: &[(&str, Case)] = &[
    ("get_set", get_set::run),
    ("hash", hash::run),
    ("memory", memory::run),
    ("workers", workers::run),
    ("publish", publish::run),
    ("sync", sync::run),
    ("bgsave", bgsave::run),
    ("load", load::run),
];

/// The value of the cases that move data sets, which no compression makes smaller.
const VALUE_BYTES: usize = 200;

/// Fills a server with as many keys, each with a value of its own.
fn fill(server: &Server, keys: u64, value_bytes: usize) -> Result<(), String> {
    server.connect()?.fill(keys, |number, out| {
        append(out, &[b"SET", key(number).as_bytes(), &noise(number, value_bytes)]);
    })
}
