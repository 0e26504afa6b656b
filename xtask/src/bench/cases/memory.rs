//! What data cost: resident memory for each key, or for each element of one large collection.

mod collections;
mod strings;

use super::{append, key, noise, scattered};
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};
use std::time::Duration;

/// Memory has settled when it has not become less for so many looks.
const QUIET_LOOKS: u32 = 6;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// A kind of data to measure.
struct Row {
    name: &'static str,
    /// So many that what the server holds anyway does not matter; `--keys` can lower it.
    count: u64,
    figure: Figure,
    /// Writes the request that makes the key, or the element, of this number.
    write: fn(u64, &mut Vec<u8>),
}

/// Runs the case, once for each server: memory does not vary.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    for row in strings::ROWS.iter().chain(collections::ROWS) {
        let count = contest.options.keys.map_or(row.count, |keys| keys.clamp(1, row.count));
        for side in SIDES {
            let bytes = bytes_of_each(contest, side, count, row.write)?;
            table.add(&format!("{} × {count}", row.name), row.figure, side, bytes);
        }
    }
    Ok(table)
}

fn bytes_of_each(
    contest: &Contest<'_>,
    side: Side,
    count: u64,
    write: fn(u64, &mut Vec<u8>),
) -> Result<f64, String> {
    let server = contest.start(side, Cores::Server, &[])?;
    let before = server.rss_bytes();
    server.connect()?.fill(count, write)?;
    Ok((settled_bytes(&server) - before) / count as f64)
}

/// Resident memory once the allocator has given back what the growth left behind: when it has not become less for a while.
fn settled_bytes(server: &Server) -> f64 {
    let (mut least, mut quiet) = (server.rss_bytes(), 0);
    while quiet < QUIET_LOOKS {
        std::thread::sleep(BETWEEN_LOOKS);
        let now = server.rss_bytes();
        quiet = if now < least { 0 } else { quiet + 1 };
        least = now.min(least);
    }
    least
}

/// A request of two words and many more.
fn append_many(out: &mut Vec<u8>, verb: &[u8], key: &[u8], elements: &[Vec<u8>]) {
    let words: Vec<&[u8]> = [verb, key].into_iter().chain(elements.iter().map(Vec::as_slice)).collect();
    append(out, &words);
}
