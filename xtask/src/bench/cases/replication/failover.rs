//! FAILOVER while clients write: the time in which no write is acknowledged by either side.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use super::{Family, PATIENCE};
use crate::bench::contest::Contest;
use crate::bench::table::{Figure, Table};

/// Connections that write, one request at a time.
const WRITERS: usize = 4;
/// How long they write before the change of roles and after it.
const AROUND: Duration = Duration::from_millis(300);

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let case = format!("FAILOVER while {WRITERS} clients write");
    contest.measure(&mut table, &case, |side| {
        let family = Family::start(contest, side, 1)?;
        Ok(vec![(Figure::WithoutWrites, gap_ms(&family)?)])
    })?;
    Ok(table)
}

/// When the last write was acknowledged by the old primary and the first by the new one.
#[derive(Clone, Copy)]
struct Turn {
    last: Instant,
    first: Option<Instant>,
}

fn gap_ms(family: &Family) -> Result<f64, String> {
    let is_over = AtomicBool::new(false);
    let turns = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| write(family, &is_over))).collect();
        thread::sleep(AROUND);
        let ordered = family.primary.ask("FAILOVER").and_then(|_| await_exchange(family));
        thread::sleep(AROUND);
        is_over.store(true, Relaxed);
        let turns = writers.into_iter().map(|writer| writer.join().map_err(|_| "a writer panicked")?);
        ordered.and(turns.collect::<Result<Vec<Turn>, String>>())
    })?;
    let last = turns.iter().map(|turn| turn.last).max().ok_or("nobody wrote")?;
    let first = turns.iter().filter_map(|turn| turn.first).min().ok_or("nobody wrote after it")?;
    Ok(first.saturating_duration_since(last).as_secs_f64() * 1e3)
}

fn await_exchange(family: &Family) -> Result<(), String> {
    let began = Instant::now();
    while family.replicas[0].connect()?.info("replication", "role")? != "master" {
        if began.elapsed() > PATIENCE {
            return Err("the replica did not take over".to_owned());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Writes to whoever takes writes: first to the primary, and when that refuses to the replica until it does not.
fn write(family: &Family, is_over: &AtomicBool) -> Result<Turn, String> {
    let (mut old, mut new) = (family.primary.connect()?, family.replicas[0].connect()?);
    let mut turn = Turn { last: Instant::now(), first: None };
    while !is_over.load(Relaxed) {
        if turn.first.is_none() && old.ask("SET k v").is_ok() {
            turn.last = Instant::now();
        } else if new.ask("SET k v").is_ok() {
            turn.first.get_or_insert_with(Instant::now);
        }
    }
    Ok(turn)
}
