//! A full sync to an empty replica: from REPLICAOF until the link is up, primary and replica of the same make.

use std::thread;
use std::time::{Duration, Instant};

use super::{VALUE_BYTES, fill};
use crate::bench::contest::{Contest, Side};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// How often the replica is asked whether it is there.
const PAUSE: Duration = Duration::from_millis(5);

/// How long a full sync may take.
const PATIENCE: Duration = Duration::from_secs(600);

const VARIANTS: &[(&str, &[&str])] = &[
    ("default options", &["--repl-diskless-sync-delay", "0"]),
    ("rdbcompression no", &["--repl-diskless-sync-delay", "0", "--rdbcompression", "no"]),
];

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    for (name, options) in VARIANTS {
        let primary = |side: Side| -> Result<Server, String> {
            let server = contest.start(side, Cores::Server, options)?;
            fill(&server, keys, VALUE_BYTES)?;
            Ok(server)
        };
        let primaries = [primary(Side::Ochre)?, primary(Side::Peer)?];
        let case = format!("{keys} keys of {VALUE_BYTES} bytes, {name}");
        contest.measure(&mut table, &case, |side| {
            let replica = contest.start(side, Cores::Load, options)?;
            sync(&primaries[side as usize], &replica, keys)
        })?;
    }
    Ok(table)
}

fn sync(primary: &Server, replica: &Server, keys: u64) -> Result<Vec<(Figure, f64)>, String> {
    let before = [primary.cpu_us(), replica.cpu_us()];
    let mut connection = replica.connect()?;
    let began = Instant::now();
    connection.ask(&format!("REPLICAOF 127.0.0.1 {}", primary.port))?;
    while connection.info("replication", "master_link_status")? != "up" {
        if began.elapsed() > PATIENCE {
            return Err("a replica did not get its copy".to_owned());
        }
        thread::sleep(PAUSE);
    }
    let seconds = began.elapsed().as_secs_f64();
    let copied = connection.ask("DBSIZE")?;
    if copied != keys.to_string() {
        return Err(format!("the replica has {copied} keys of {keys}"));
    }
    let used = [primary.cpu_us() - before[0], replica.cpu_us() - before[1]].map(|used| used / 1e6);
    Ok(vec![(Figure::Seconds, seconds), (Figure::CpuSeconds, used[0]), (Figure::ReplicaCpuSeconds, used[1])])
}
