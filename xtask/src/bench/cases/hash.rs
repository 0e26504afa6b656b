//! Hashes: what setting a field costs, and what small and large ones take.

use crate::bench::connection::{append, key, noise};
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::load::Load;
use crate::bench::server::Cores;
use crate::bench::table::{Figure, Table};

/// Hashes of ten fields, and fields of the one large hash: so many that what the server holds anyway does not matter.
const SMALL_HASHES: u64 = 200_000;
const LARGE_FIELDS: u64 = 1_000_000;
const FIELDS: u64 = 10;

/// Runs the case; memory once for each server, for it does not vary.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    let servers =
        [contest.start(Side::Ochre, Cores::Server, &[])?, contest.start(Side::Peer, Cores::Server, &[])?];
    for pipeline in [1, 16] {
        let load = Load::of(contest, "hset", pipeline, keys);
        let case = format!("HSET, pipeline {pipeline}");
        contest.measure(&mut table, &case, |side| load.run(&servers[side as usize]))?;
    }
    drop(servers);
    for side in SIDES {
        let per_hash = bytes_of_each(contest, side, SMALL_HASHES, small_hash)?;
        table.add(&format!("hashes of {FIELDS} fields"), Figure::RssPerKey, side, per_hash);
        let per_field = bytes_of_each(contest, side, LARGE_FIELDS, field_of_the_large)?;
        table.add(&format!("one hash, of each of {LARGE_FIELDS} fields"), Figure::RssPerKey, side, per_field);
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
    Ok((server.rss_bytes() - before) / count as f64)
}

fn small_hash(number: u64, out: &mut Vec<u8>) {
    let key = key(number);
    let fields: Vec<(String, Vec<u8>)> =
        (0..FIELDS).map(|field| (format!("field:{field}"), noise(number * FIELDS + field, 8))).collect();
    let pairs = fields.iter().flat_map(|(name, value)| [name.as_bytes(), value]);
    append(out, &[b"HSET", key.as_bytes()].into_iter().chain(pairs).collect::<Vec<_>>());
}

fn field_of_the_large(number: u64, out: &mut Vec<u8>) {
    append(out, &[b"HSET", b"large", key(number).as_bytes(), &noise(number, 16)]);
}
