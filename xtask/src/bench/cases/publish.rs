//! PUBLISH to many subscribers: the server's processor time for each message that reached one of them.

use std::thread;

use crate::bench::connection::{Connection, append};
use crate::bench::contest::{Contest, SIDES};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// Connections that subscribe.
const SUBSCRIBERS: u64 = 100;

/// Requests of a run, as a part of those of other cases: each makes as many messages as there are subscribers.
const PART: u64 = 100;

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let servers =
        [contest.start(SIDES[0], Cores::Server, &[])?, contest.start(SIDES[1], Cores::Server, &[])?];
    for pipeline in [1, 16] {
        let case = format!("{SUBSCRIBERS} subscribers, pipeline {pipeline}");
        let requests = (contest.options.requests / PART).max(pipeline);
        contest.measure(&mut table, &case, |side| publish(&servers[side as usize], requests, pipeline))?;
    }
    Ok(table)
}

/// Publishes, `pipeline` messages at a time, the next ones when they are answered. Meanwhile others read what arrives.
fn publish(server: &Server, requests: u64, pipeline: u64) -> Result<Vec<(Figure, f64)>, String> {
    let mut subscribers = (0..SUBSCRIBERS).map(|_| subscriber(server)).collect::<Result<Vec<_>, String>>()?;
    let (mut request, mut message) = (Vec::new(), Vec::new());
    append(&mut request, &[b"PUBLISH", b"news", b"sixteen bytes ok"]);
    append(&mut message, &[b"message", b"news", b"sixteen bytes ok"]);
    let requests_at_once = request.repeat(pipeline as usize);
    let replies = format!(":{SUBSCRIBERS}\r\n").len() * pipeline as usize;
    let mut publisher = server.connect()?;
    let rounds = requests / pipeline;
    let bytes = message.len() * (rounds * pipeline) as usize;
    let before = server.cpu_us();
    thread::scope(|scope| {
        let reader = scope.spawn(|| subscribers.iter_mut().try_for_each(|one| one.skip(bytes)));
        for _ in 0..rounds {
            publisher.send(&requests_at_once)?;
            publisher.skip(replies)?;
        }
        reader.join().map_err(|_| "the reader panicked")?
    })?;
    let delivered = (rounds * pipeline * SUBSCRIBERS) as f64;
    Ok(vec![(Figure::CpuPerMessage, (server.cpu_us() - before) / delivered)])
}

fn subscriber(server: &Server) -> Result<Connection, String> {
    let mut connection = server.connect()?;
    let (mut request, mut confirmation) = (Vec::new(), Vec::new());
    append(&mut request, &[b"SUBSCRIBE", b"news"]);
    append(&mut confirmation, &[b"subscribe", b"news"]);
    connection.send(&request)?;
    // The confirmation also counts the subscriptions.
    connection.skip(confirmation.len() + ":1\r\n".len())?;
    Ok(connection)
}
