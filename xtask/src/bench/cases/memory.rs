//! What a key costs: 16 bytes of key, 16 of value, without and with expiry.

use crate::bench::connection::{append, key, noise};
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::server::Cores;
use crate::bench::table::{Figure, Table};

/// So many that what the server holds anyway does not matter.
const DEFAULT_KEYS: u64 = 5_000_000;

/// Longer than the case runs.
const EXPIRY_SECONDS: &[u8] = b"100000";

/// Runs the case, once for each server: memory does not vary.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys.unwrap_or(DEFAULT_KEYS);
    for (case, more) in [("without expiry", [].as_slice()), ("with expiry", &[b"EX", EXPIRY_SECONDS])] {
        for side in SIDES {
            let per_key = bytes_per_key(contest, side, keys, more)?;
            table.add(&format!("{keys} keys {case}"), Figure::RssPerKey, side, per_key);
        }
    }
    Ok(table)
}

fn bytes_per_key(contest: &Contest<'_>, side: Side, keys: u64, more: &[&[u8]]) -> Result<f64, String> {
    let server = contest.start(side, Cores::Server, &[])?;
    let before = server.rss_bytes();
    server.connect()?.fill(keys, |number, out| {
        let (key, value) = (key(number), noise(number, 16));
        append(out, &[&[b"SET", key.as_bytes(), &value], more].concat());
    })?;
    Ok((server.rss_bytes() - before) / keys.max(1) as f64)
}
