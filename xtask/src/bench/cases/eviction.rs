//! Hit ratios of a cache with `maxmemory`: which keys a server sends away, beside a cache that knows exactly which.
//!
//! Every server gets the same requests at the same pace: GET of a key, and where it is not there, SET of it, as a cache is
//! used. The key of rank r, from 1 on, is asked for in proportion to 1/r (Zipf's law with exponent 1), each request
//! independently of the others; the ranks are drawn with one seed and spread over the names of the keys. Servers tell uses
//! apart by the second, so the requests come at a rate at which a key stays for many seconds.
//!
//! With the same memory a server that needs less for a key holds more of them. So the table also says how many keys there
//! were at the end, and how often an exact cache of as many keys would have been hit by the same requests.

mod exact;
mod requests;

use std::thread;
use std::time::{Duration, Instant};

use super::{VALUE_BYTES, append, key, noise, scattered};
use crate::bench::connection::Connection;
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::server::Cores;
use crate::bench::table::{Figure, Table};
use exact::Rule;

/// Different keys, where `--keys` names no other number.
const KEYS: u64 = 100_000;
/// Requests for each key, on average.
const REQUESTS_A_KEY: u64 = 2;
/// A second.
const RATE: u64 = 4_000;
/// Requests of one group, after which the pace is kept.
const GROUP: usize = 40;
/// What the data may take in bytes, for each key that there could be: about a tenth of them have room.
const ROOM_A_KEY: u64 = 24;
/// After this an empty server has freed what it needed to start.
const SETTLING: Duration = Duration::from_secs(3);
/// This part of the requests fills the cache and counts for nothing.
const WARM_UP_PART: usize = 4;

/// A policy, and what it would do if it knew everything.
struct Policy {
    name: &'static str,
    rule: Rule,
}

const POLICIES: &[Policy] = &[
    Policy { name: "allkeys-lru", rule: Rule::LeastRecent },
    Policy { name: "allkeys-lfu", rule: Rule::LeastFrequent },
    Policy { name: "volatile-ttl", rule: Rule::SoonestToExpire },
];

/// Runs the case: each policy once, on both servers at the same time, since what is measured is no time.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys.unwrap_or(KEYS).max(1);
    let requests = requests::by_zipf(keys, keys * REQUESTS_A_KEY);
    for policy in POLICIES {
        let outcomes = thread::scope(|scope| {
            let threads = SIDES.map(|side| {
                let requests = &requests;
                scope.spawn(move || play(contest, side, policy, requests, keys * ROOM_A_KEY))
            });
            threads.map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".to_owned())))
        });
        for (side, outcome) in SIDES.into_iter().zip(outcomes) {
            let Outcome { found, keys_held } = outcome?;
            let exact = exact::found(policy.rule, &requests, keys_held);
            table.add(policy.name, Figure::HitRatio, side, percentage(&found));
            table.add(policy.name, Figure::KeysHeld, side, keys_held as f64);
            table.add(policy.name, Figure::ExactHitRatio, side, percentage(&exact));
        }
    }
    Ok(table)
}

/// What a server did.
struct Outcome {
    /// Of each request, whether its key was there.
    found: Vec<bool>,
    /// Keys at the end.
    keys_held: usize,
}

fn play(
    contest: &Contest<'_>,
    side: Side,
    policy: &Policy,
    requests: &[u64],
    room_bytes: u64,
) -> Result<Outcome, String> {
    let server = contest.start(side, Cores::Any, &["--maxmemory-policy", policy.name])?;
    let mut connection = server.connect()?;
    // What an empty server holds is not the data's.
    thread::sleep(SETTLING);
    let empty: u64 = connection.info("memory", "used_memory")?.parse().map_err(|_| "no used_memory")?;
    connection.ask(&format!("CONFIG SET maxmemory {}", empty + room_bytes))?;
    let (mut found, mut due) = (Vec::with_capacity(requests.len()), Instant::now());
    for group in requests.chunks(GROUP) {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due += Duration::from_micros(group.len() as u64 * 1_000_000 / RATE);
        for &number in group {
            found.push(look_up(&mut connection, policy.rule, number)?);
        }
    }
    let keys_held = connection.ask("DBSIZE")?.parse().map_err(|_| "no DBSIZE")?;
    Ok(Outcome { found, keys_held })
}

/// Asks for a key, and puts it in where it is not there; true where it was.
fn look_up(connection: &mut Connection, rule: Rule, number: u64) -> Result<bool, String> {
    let name = key(scattered(number));
    let mut request = Vec::new();
    append(&mut request, &[b"GET", name.as_bytes()]);
    connection.send(&request)?;
    if connection.expect_text()? {
        return Ok(true);
    }
    request.clear();
    let (value, lifetime) = (noise(number, VALUE_BYTES), exact::lifetime_seconds(number).to_string());
    let words: [&[u8]; 5] = [b"SET", name.as_bytes(), &value, b"EX", lifetime.as_bytes()];
    let count = if rule == Rule::SoonestToExpire { 5 } else { 3 };
    append(&mut request, &words[..count]);
    connection.send(&request)?;
    connection.expect_ok()?;
    Ok(false)
}

/// Of those behind the warm-up, how many of a hundred found their key.
fn percentage(found: &[bool]) -> f64 {
    let counted = &found[found.len() / WARM_UP_PART..];
    let hits = counted.iter().filter(|is_hit| **is_hit).count();
    hits as f64 * 100.0 / counted.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_the_cache_does_not_count() {
        assert_eq!(percentage(&[false, true, true, false]), 200.0 / 3.0);
        assert_eq!(percentage(&[]), 0.0);
    }
}
