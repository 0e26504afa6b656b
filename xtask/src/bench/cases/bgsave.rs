//! BGSAVE while clients write: how long the slowest wait, and how much memory it takes. The servers may use all cores,
//! for a save is work beside the service.

use std::thread;
use std::time::{Duration, Instant};

use super::{VALUE_BYTES, fill};
use crate::bench::contest::{Contest, Side};
use crate::bench::paced::{Pace, during, quantile_ms};
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// SETs a second.
const RATE: u64 = 10_000;

/// How often the save and the memory are looked at. Not more often: the kernel walks all pages of the server to count
/// them, which takes milliseconds of the core that the load runs on.
const PAUSE: Duration = Duration::from_millis(250);

/// How long the load runs before the save begins.
const LEAD: Duration = Duration::from_secs(1);

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    let case = format!("{keys} keys of {VALUE_BYTES} bytes, {RATE} SET/s");
    let start = |side: Side| -> Result<Server, String> {
        let server = contest.start(side, Cores::Any, &[])?;
        fill(&server, keys, VALUE_BYTES)?;
        Ok(server)
    };
    let servers = [start(Side::Ochre)?, start(Side::Peer)?];
    contest.measure(&mut table, &case, |side| measure(&servers[side as usize], keys))?;
    Ok(table)
}

/// What the save looked like from outside.
struct Save {
    began: Instant,
    ended: Instant,
    extra_bytes: f64,
}

fn measure(server: &Server, keys: u64) -> Result<Vec<(Figure, f64)>, String> {
    let pace = Pace { rate: RATE, keys, value_bytes: VALUE_BYTES };
    let (save, samples) = during(server, pace, || watch_save(server))?;
    let slowest = |share| quantile_ms(&samples, save.began, save.ended, share);
    Ok(vec![
        (Figure::Seconds, (save.ended - save.began).as_secs_f64()),
        (Figure::P99, slowest(0.99)),
        (Figure::P999, slowest(0.999)),
        (Figure::P999Before, quantile_ms(&samples, save.began - LEAD, save.began, 0.999)),
        (Figure::ExtraMemory, save.extra_bytes / 1e6),
    ])
}

fn watch_save(server: &Server) -> Result<Save, String> {
    thread::sleep(LEAD);
    let mut connection = server.connect()?;
    let (before, mut peak) = (server.family_bytes(), 0.0_f64);
    let began = Instant::now();
    connection.ask("BGSAVE")?;
    while connection.info("persistence", "rdb_bgsave_in_progress")? == "1" {
        peak = peak.max(server.family_bytes());
        thread::sleep(PAUSE);
    }
    let ended = Instant::now();
    match connection.info("persistence", "rdb_last_bgsave_status")?.as_str() {
        "ok" => Ok(Save { began, ended, extra_bytes: (peak - before).max(0.0) }),
        other => Err(format!("the save ended with {other}")),
    }
}
