//! Hand-over: clients wait in BLPOP, another pushes, and each element goes to one of them at once.

use crate::bench::connection::{Connection, append};
use crate::bench::contest::{Contest, SIDES};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// Connections that wait.
const WAITING: u64 = 50;

/// Requests of a run, as a part of those of other cases: each hand-over is two, sent one by one.
const PART: u64 = 5;

/// What is handed over.
const ELEMENT: &[u8] = b"sixteen bytes ok";

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let servers =
        [contest.start(SIDES[0], Cores::Server, &[])?, contest.start(SIDES[1], Cores::Server, &[])?];
    let rounds = (contest.options.requests / PART / WAITING).max(1);
    for (case, keys) in [("all wait for one key", 1), ("each waits for a key of its own", WAITING)] {
        let case = format!("{WAITING} clients, {case}");
        contest.measure(&mut table, &case, |side| hand_over(&servers[side as usize], rounds, keys))?;
    }
    Ok(table)
}

/// Lets all clients wait, pushes an element for each, and reads what they get; so many times.
fn hand_over(server: &Server, rounds: u64, keys: u64) -> Result<Vec<(Figure, f64)>, String> {
    let clients = (0..WAITING).map(|_| server.connect()).collect::<Result<Vec<Connection>, String>>();
    let (mut clients, mut pusher) = (clients?, server.connect()?);
    let before = server.cpu_us();
    for _ in 0..rounds {
        for (client, number) in clients.iter_mut().zip(0..) {
            client.send(&request(&[b"BLPOP", &queue(number % keys), b"0"]))?;
        }
        for number in 0..WAITING {
            pusher.send(&request(&[b"RPUSH", &queue(number % keys), ELEMENT]))?;
        }
        for (client, number) in clients.iter_mut().zip(0..) {
            client.skip(request(&[&queue(number % keys), ELEMENT]).len())?;
        }
        (0..WAITING).try_for_each(|_| pusher.expect_success())?;
    }
    Ok(vec![(Figure::CpuPerHandOver, (server.cpu_us() - before) / (rounds * WAITING) as f64)])
}

fn queue(number: u64) -> Vec<u8> {
    format!("queue:{number:03}").into_bytes()
}

/// A request; an array of texts in a reply looks the same.
fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    append(&mut out, words);
    out
}
