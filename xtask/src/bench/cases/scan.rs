//! SCAN: a walk over all keys, a thousand at a time.

use std::time::Instant;

use super::fill;
use crate::bench::connection::Connection;
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// Walks of a turn, so that the processor time is more than a few of the kernel's ticks.
const WALKS: u64 = 5;

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    let start = |side: Side| -> Result<Server, String> {
        let server = contest.start(side, Cores::Server, &[])?;
        fill(&server, keys, 16)?;
        Ok(server)
    };
    let servers = [start(SIDES[0])?, start(SIDES[1])?];
    let case = format!("walks over {keys} keys, COUNT 1000");
    contest.measure(&mut table, &case, |side| measure(&servers[side as usize], keys))?;
    Ok(table)
}

fn measure(server: &Server, keys: u64) -> Result<Vec<(Figure, f64)>, String> {
    let mut connection = server.connect()?;
    let (mut seen, before, began) = (0, server.cpu_us(), Instant::now());
    for _ in 0..WALKS {
        seen += walk(&mut connection)?;
    }
    if seen < keys * WALKS {
        return Err(format!("{WALKS} walks met {seen} keys in all, of {keys}"));
    }
    let seconds = began.elapsed().as_secs_f64() / WALKS as f64;
    Ok(vec![(Figure::Seconds, seconds), (Figure::CpuPerKey, (server.cpu_us() - before) / seen as f64)])
}

/// Walks over all keys; tells how many there were.
fn walk(connection: &mut Connection) -> Result<u64, String> {
    let (mut cursor, mut seen) = ("0".to_owned(), 0);
    loop {
        connection.send(format!("SCAN {cursor} COUNT 1000\r\n").as_bytes())?;
        // An array of two: the cursor, and an array of keys.
        connection.read_header(b'*')?;
        cursor = connection.read_bulk()?;
        let count = connection.read_header(b'*')?;
        (0..count).try_for_each(|_| connection.expect_success())?;
        seen += count as u64;
        if cursor == "0" {
            return Ok(seen);
        }
    }
}
