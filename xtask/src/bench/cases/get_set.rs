//! GET and SET of small values under random keys, at three depths of pipeline.

use super::fill;
use crate::bench::contest::{Contest, Side};
use crate::bench::load::Load;
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    let servers =
        [filled(contest, Side::Ochre, keys, &mut table)?, filled(contest, Side::Peer, keys, &mut table)?];
    for pipeline in [1, 16, 64] {
        for test in ["get", "set"] {
            let load = Load::of(contest, test, pipeline, keys);
            let case = format!("{}, pipeline {pipeline}", test.to_uppercase());
            contest.measure(&mut table, &case, |side| load.run(&servers[side as usize]))?;
        }
    }
    Ok(table)
}

fn filled(contest: &Contest<'_>, side: Side, keys: u64, table: &mut Table) -> Result<Server, String> {
    let server = contest.start(side, Cores::Server, &[])?;
    let before = server.rss_bytes();
    fill(&server, keys, 16)?;
    let per_key = (server.rss_bytes() - before) / keys.max(1) as f64;
    table.add(&format!("{keys} keys"), Figure::RssPerKey, side, per_key);
    Ok(server)
}
