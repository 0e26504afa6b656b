//! What a command costs: a row for each, a file for each group.

pub mod bitmap;
pub mod connection;
pub mod generic;
pub mod geo;
pub mod hash;
pub mod hyperloglog;
pub mod list;
pub mod set;
pub mod sorted_set;
pub mod stream;
pub mod string;

use super::{append, key, noise, scattered};
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::load::Load;
use crate::bench::server::{Cores, Server};
use crate::bench::table::Table;

/// The depths of pipeline, unless a row has its own.
const PIPELINES: &[u64] = &[1, 16];

/// A command to measure.
pub struct Row {
    /// Its name in the table.
    name: &'static str,
    /// What the load generator sends: it fills in `__rand_int__`, below the number of keys, and `__data__`, 16 bytes.
    request: &'static str,
    /// How many cheap commands it is worth: so many times fewer requests are sent.
    weight: u64,
    /// Requests that a connection sends at once.
    pipelines: &'static [u64],
    /// What is there before.
    filling: Filling,
}

/// What a server holds before it is measured: requests, made of their number.
#[derive(Clone, Copy)]
enum Filling {
    Nothing,
    /// As many requests as there are to be keys.
    PerKey(fn(u64, &mut Vec<u8>)),
    Times(u64, fn(u64, &mut Vec<u8>)),
}

impl Row {
    const NEW: Row =
        Row { name: "", request: "", weight: 1, pipelines: PIPELINES, filling: Filling::Nothing };
}

impl Filling {
    fn fill(self, server: &Server, keys: u64) -> Result<(), String> {
        match self {
            Filling::Nothing => Ok(()),
            Filling::PerKey(write) => server.connect()?.fill(keys, write),
            Filling::Times(count, write) => server.connect()?.fill(count, write),
        }
    }
}

/// Measures one row after the other, each between new servers.
pub fn run(contest: &Contest<'_>, rows: &[Row]) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    for row in rows {
        let start = |side: Side| -> Result<Server, String> {
            let server = contest.start(side, Cores::Server, &[])?;
            row.filling.fill(&server, keys)?;
            Ok(server)
        };
        let servers = [start(SIDES[0])?, start(SIDES[1])?];
        for &pipeline in row.pipelines {
            let load = Load::of(contest, row.request, pipeline, keys);
            let load = Load { requests: (load.requests / row.weight).max(1), ..load };
            let case = format!("{}, pipeline {pipeline}", row.name);
            contest.measure(&mut table, &case, |side| load.run(&servers[side as usize]))?;
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const ALL: &[&[Row]] = &[
        bitmap::ROWS,
        connection::ROWS,
        generic::ROWS,
        geo::ROWS,
        hash::ROWS,
        hyperloglog::ROWS,
        list::ROWS,
        set::ROWS,
        sorted_set::ROWS,
        stream::ROWS,
        string::ROWS,
    ];

    #[test]
    fn rows_are_told_apart_and_can_be_sent() {
        let rows: Vec<&Row> = ALL.iter().copied().flatten().collect();
        let names: HashSet<&str> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), rows.len());
        for Row { name, request, weight, pipelines, .. } in rows {
            assert!(*weight > 0 && !pipelines.is_empty(), "{name}");
            assert!(request.split(' ').all(|word| !word.is_empty()), "{name} has an empty word");
            let marks = request.matches("__").count() / 2;
            let known = request.matches("__rand_int__").count() + request.matches("__data__").count();
            assert_eq!(marks, known, "{name} asks for something that the generator does not fill in");
        }
    }

    #[test]
    fn fillings_are_whole_requests() {
        for row in ALL.iter().copied().flatten() {
            let (Filling::PerKey(write) | Filling::Times(_, write)) = row.filling else { continue };
            let mut out = Vec::new();
            write(3, &mut out);
            assert!(out.starts_with(b"*") && out.ends_with(b"\r\n"), "{}", row.name);
        }
    }
}
