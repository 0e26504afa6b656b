//! What is measured: a file a case, or a file a group of commands.

mod bgsave;
mod big_values;
mod blocking;
mod commands;
mod eviction;
mod get_set;
mod idle;
mod load;
mod log;
mod memory;
mod publish;
mod replication;
mod scan;
mod sync;
mod workers;

use commands::{bitmap, connection, generic, geo, hash, hyperloglog, list, set, sorted_set, stream, string};

use super::connection::{append, key, noise};
use super::contest::Contest;
use super::server::Server;
use super::table::Table;

/// A case fills a table.
type Case = fn(&Contest<'_>) -> Result<Table, String>;

/// All cases, in the order in which they run.
pub const ALL: &[(&str, Case)] = &[
    ("get_set", get_set::run),
    ("string", |contest| commands::run(contest, string::ROWS)),
    ("list", |contest| commands::run(contest, list::ROWS)),
    ("set", |contest| commands::run(contest, set::ROWS)),
    ("hash", |contest| commands::run(contest, hash::ROWS)),
    ("sorted_set", |contest| commands::run(contest, sorted_set::ROWS)),
    ("stream", |contest| commands::run(contest, stream::ROWS)),
    ("bitmap", |contest| commands::run(contest, bitmap::ROWS)),
    ("hyperloglog", |contest| commands::run(contest, hyperloglog::ROWS)),
    ("geo", |contest| commands::run(contest, geo::ROWS)),
    ("generic", |contest| commands::run(contest, generic::ROWS)),
    ("connection", |contest| commands::run(contest, connection::ROWS)),
    ("blocking", blocking::run),
    ("scan", scan::run),
    ("publish", publish::run),
    ("memory", memory::run),
    ("big_values", big_values::run),
    ("eviction", eviction::run),
    ("workers", workers::run),
    ("sync", sync::run),
    ("replication", replication::run),
    ("failover", replication::failover::run),
    ("bgsave", bgsave::run),
    ("load", load::run),
    ("log", log::run),
    ("idle", idle::run),
];

/// The names of all cases, for people.
pub fn names() -> String {
    ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The value of the cases that move data sets, which no compression makes smaller.
const VALUE_BYTES: usize = 200;

/// Fills a server with as many keys, each with a value of its own.
fn fill(server: &Server, keys: u64, value_bytes: usize) -> Result<(), String> {
    server.connect()?.fill(keys, |number, out| {
        append(out, &[b"SET", key(number).as_bytes(), &noise(number, value_bytes)]);
    })
}

/// Numbers in an order that looks random and is the same in every run: each once below a prime limit.
fn scattered(number: u64) -> u64 {
    number.wrapping_mul(7_368_787) % 1_000_003
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let names: HashSet<&str> = ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(super::names().starts_with("get_set, string, "));
    }

    #[test]
    fn scatters_without_repeating() {
        let seen: HashSet<u64> = (0..100_000).map(scattered).collect();
        assert_eq!(seen.len(), 100_000);
    }
}
