//! A server without work: what it costs to be there, and what ten thousand connections hold that do nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::connection::append;
use crate::bench::contest::Contest;
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// Connections, unless the system allows fewer.
const CONNECTIONS: usize = 10_000;

/// How long a server has been left alone before it is looked at, and how long it is looked at.
const SETTLE: Duration = Duration::from_secs(7);
const WATCH: Duration = Duration::from_secs(20);

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    contest.measure(&mut table, "nothing to do", |side| {
        let server = contest.start(side, Cores::Server, &[])?;
        Ok(vec![(Figure::CpuAtRest, at_rest(&server))])
    })?;
    let case = format!("{CONNECTIONS} connections after a command each");
    contest.measure(&mut table, &case, |side| {
        let limit = (CONNECTIONS + 100).to_string();
        let server = contest.start(side, Cores::Server, &["--maxclients", &limit])?;
        let before = server.rss_bytes();
        let held = connect(&server)?;
        let resting = at_rest(&server);
        let per_connection = (server.rss_bytes() - before) / held.len() as f64;
        Ok(vec![(Figure::RssPerConnection, per_connection), (Figure::CpuAtRest, resting)])
    })?;
    Ok(table)
}

/// Percent of a core.
fn at_rest(server: &Server) -> f64 {
    thread::sleep(SETTLE);
    let (began, before) = (Instant::now(), server.running_us());
    thread::sleep(WATCH);
    (server.running_us() - before) / began.elapsed().as_secs_f64() / 1e4
}

fn connect(server: &Server) -> Result<Vec<TcpStream>, String> {
    let mut request = Vec::new();
    append(&mut request, &[b"SET", b"key", b"value"]);
    let open = || -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port))?;
        stream.write_all(&request)?;
        stream.read_exact(&mut [0; 5])?;
        Ok(stream)
    };
    let open = |_| open().map_err(|error| format!("a connection of many (see ulimit -n): {error}"));
    (0..CONNECTIONS).map(open).collect()
}
