//! Replicas: what they cost their primary and themselves, and how far they are behind. Primary and replicas are of the same
//! make.

pub mod failover;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::contest::{Contest, Side};
use crate::bench::load::Load;
use crate::bench::server::{Cores, Server};
use crate::bench::table::{Figure, Table};

/// How long a replica may take until it is in step.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often something is asked for again.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a mark is set to see how far the replica is behind.
const MARK_EVERY: Duration = Duration::from_millis(20);

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    for replicas in 0..=2 {
        let load = Load::of(contest, "set", 1, keys);
        let case = format!("SET without a pipeline, {replicas} replicas");
        contest.measure(&mut table, &case, |side| {
            let family = Family::start(contest, side, replicas)?;
            load.run(&family.primary)
        })?;
    }
    let load = Load::of(contest, "set", 16, keys);
    contest.measure(&mut table, "SET, pipeline 16, 1 replica", |side| {
        let family = Family::start(contest, side, 1)?;
        with_lag(&family, &load)
    })?;
    Ok(table)
}

/// A primary and its replicas, in step.
struct Family {
    primary: Server,
    replicas: Vec<Server>,
}

impl Family {
    fn start(contest: &Contest<'_>, side: Side, replicas: usize) -> Result<Family, String> {
        let options = ["--repl-diskless-sync-delay", "0"];
        let primary = contest.start(side, Cores::Server, &options)?;
        let follower = || -> Result<Server, String> {
            let replica = contest.start(side, Cores::Load, &options)?;
            replica.ask(&format!("REPLICAOF 127.0.0.1 {}", primary.port))?;
            Ok(replica)
        };
        let replicas = (0..replicas).map(|_| follower()).collect::<Result<Vec<_>, String>>()?;
        let family = Family { primary, replicas };
        family.primary.ask("SET mark 0")?;
        family.await_in_step()?;
        Ok(family)
    }

    fn await_in_step(&self) -> Result<(), String> {
        let began = Instant::now();
        let wanted = self.replicas.len().to_string();
        while self.primary.ask(&format!("WAIT {wanted} 100"))? != wanted {
            if began.elapsed() > PATIENCE {
                return Err("the replicas are not in step".to_owned());
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// Runs a load; meanwhile marks are set at the primary and waited for at the replica.
fn with_lag(family: &Family, load: &Load<'_>) -> Result<Vec<(Figure, f64)>, String> {
    let is_over = AtomicBool::new(false);
    let replica = &family.replicas[0];
    let before = replica.cpu_us();
    let (figures, lag) = thread::scope(|scope| {
        let watcher = scope.spawn(|| worst_lag(family, &is_over));
        let figures = load.run(&family.primary);
        is_over.store(true, Relaxed);
        (figures, watcher.join())
    });
    family.await_in_step()?;
    let replica_us = (replica.cpu_us() - before) / load.requests as f64;
    let mut figures = figures?;
    figures.push((Figure::ReplicaCpuPerCommand, replica_us));
    figures.push((Figure::WorstLag, lag.map_err(|_| "the watcher panicked")??));
    Ok(figures)
}

/// The longest time from a write's acknowledgement until the replica showed it, in milliseconds.
fn worst_lag(family: &Family, is_over: &AtomicBool) -> Result<f64, String> {
    let (mut primary, mut replica) = (family.primary.connect()?, family.replicas[0].connect()?);
    let (mut worst, mut number) = (Duration::ZERO, 0_u64);
    while !is_over.load(Relaxed) {
        number += 1;
        primary.ask(&format!("SET mark {number}"))?;
        let began = Instant::now();
        while replica.ask("GET mark")? != number.to_string() {
            if began.elapsed() > PATIENCE {
                return Err("the replica is not in step".to_owned());
            }
            thread::sleep(Duration::from_micros(100));
        }
        worst = worst.max(began.elapsed());
        thread::sleep(MARK_EVERY);
    }
    Ok(worst.as_secs_f64() * 1e3)
}
