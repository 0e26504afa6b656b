//! What more threads cost: processor time of a command with `--io-threads 2` and with 1.

use super::fill;
use crate::bench::contest::{Contest, Side};
use crate::bench::load::Load;
use crate::bench::server::{Cores, Server};
use crate::bench::table::Table;

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    for threads in ["1", "2"] {
        let start = |side: Side| -> Result<Server, String> {
            let server = contest.start(side, Cores::TwoForServer, &["--io-threads", threads])?;
            fill(&server, keys, 16)?;
            Ok(server)
        };
        let servers = [start(Side::Ochre)?, start(Side::Peer)?];
        for pipeline in [1, 16] {
            let load = Load { cores: Cores::LoadOfTwo, ..Load::of(contest, "get", pipeline, keys) };
            let case = format!("GET, pipeline {pipeline}, io-threads {threads}");
            contest.measure(&mut table, &case, |side| load.run(&servers[side as usize]))?;
        }
    }
    Ok(table)
}
