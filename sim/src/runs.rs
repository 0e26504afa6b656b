//! Runs of many seeds, and of one again.

use crate::clients::Client;
use crate::disk::Mood;
use crate::faults::Fault;
use crate::hosts::Host;
use crate::world::{Event, Tally, World};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Seeds of a usual test.
const SEEDS: u64 = 2_000;
/// Virtual times: when faults begin and end, and how long settling may take, in microseconds.
const FAULTS_US: (u64, u64) = (1_300_000, 5_000_000);
const SETTLING_US: u64 = 20_000_000;
const LOOK_US: u64 = 250_000;

/// How a run ended.
struct Outcome {
    digest: u64,
    events: u64,
    broken: Option<(&'static str, String)>,
    tally: Tally,
}

/// One run.
fn run(seed: u64, is_shown: bool) -> Outcome {
    stdx::simulation::begin(seed ^ 0x5eed);
    let mut world = World::new(seed, is_shown);
    let hosts = 2 + world.dice.index(2) + usize::from(world.dice.below(6) == 0);
    for host in 0..hosts {
        let follows = if host == 0 { None } else { Some(world.dice.index(host).min(host - 1)) };
        let follows = if world.dice.below(3) == 0 { follows } else { follows.map(|_| 0) };
        let one = Host::new(follows, &mut world.dice);
        world.note(format_args!("host{host} follows {follows:?}, {}", one.describe()));
        world.hosts.push(one);
        world.at(1_000_000, Event::Start(host));
    }
    for client in 0..1 + world.dice.index(3) {
        world.clients.push(Client::new());
        world.clients[client].begin(1_010_000);
        world.at(1_010_000, Event::Client(client));
    }
    world.plan_faults(FAULTS_US.0, FAULTS_US.1);
    world.run_until(FAULTS_US.1);
    heal(&mut world);
    settle(&mut world);
    let outcome = Outcome {
        digest: world.trace.digest(),
        events: world.trace.events,
        broken: world.broken.take(),
        tally: world.tally,
    };
    drop(world);
    stdx::simulation::end();
    outcome
}

/// Everything works again.
fn heal(world: &mut World) {
    if world.broken.is_some() {
        return;
    }
    world.note(format_args!("everything is mended"));
    world.fault(Fault::OpenWays);
    for host in 0..world.hosts.len() {
        world.fault(Fault::Disk(host, Mood::default()));
        world.fault(Fault::SlowDisk(host, 300));
        if let Some(process) = &world.hosts[host].process {
            process.disk.live_on();
        }
    }
    let until_us = world.now_us + 1_500_000;
    world.run_until(until_us);
}

/// The hosts come to hold the same, with an operator's help where somebody has refused.
fn settle(world: &mut World) {
    for client in &mut world.clients {
        client.is_over = true;
    }
    let until_us = world.now_us + SETTLING_US;
    let helped_us = world.now_us + 2_000_000;
    let mut is_helped = false;
    while world.broken.is_none() {
        let look_us = world.now_us + LOOK_US;
        world.run_until(look_us);
        let Some(what) = world.unsettled() else { return };
        if world.now_us >= helped_us && !is_helped {
            is_helped = true;
            world.note(format_args!("an operator is needed: {what}"));
            let most = world.most_advanced(|_| true).unwrap_or(world.primary);
            world.appoint(most);
        }
        if world.now_us >= until_us {
            world.break_promise("settles", what);
        }
    }
}

/// The seeds of the environment, or the usual ones.
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

fn report(seed: u64, promise: &str, seen: &str) -> String {
    format!(
        "promise `{promise}` broken: {seen}\n  again, with its trace: OCHRE_SIM_SEED={seed} cargo test -p sim -- --nocapture"
    )
}

#[test]
fn promises_hold_whatever_fails() {
    stdx::logging::set_level(None);
    if let Some(seed) = number("OCHRE_SIM_SEED") {
        let outcome = run(seed, true);
        let Some((promise, seen)) = outcome.broken else { return };
        panic!("{}", report(seed, promise, &seen));
    }
    let (first, seeds) = (number("OCHRE_SIM_FROM").unwrap_or(1), number("OCHRE_SIM_SEEDS").unwrap_or(SEEDS));
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || {
        let (mut broken, mut sums) = (Vec::new(), (0, Tally::default()));
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= first + seeds || broken.len() >= 5 {
                return (broken, sums);
            }
            let outcome = run(seed, false);
            sums.0 += outcome.events;
            sums.1.add(outcome.tally);
            if let Some((promise, seen)) = outcome.broken {
                let text = report(seed, promise, &seen);
                println!("{text}");
                broken.push(text);
            }
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let (mut broken, mut events, mut tally) = (Vec::new(), 0, Tally::default());
    for (found, (seen, one)) in results {
        broken.extend(found);
        events += seen;
        tally.add(one);
    }
    println!("{seeds} seeds, {events} events, {tally:?}");
    assert!(broken.is_empty(), "{} seeds broke a promise, see above", broken.len());
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    stdx::logging::set_level(None);
    for seed in 1..=20 {
        let (first, second) = (run(seed, false), run(seed, false));
        assert_eq!((first.digest, first.events), (second.digest, second.events), "seed {seed}");
    }
}
