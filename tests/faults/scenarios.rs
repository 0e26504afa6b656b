//! Random troubles from seeds, between processes in network namespaces or behind proxies.
//!
//! `OCHRE_FAULT_SCENARIOS=200` plays so many seeds, `OCHRE_FAULT_SEED=17` one of them, `OCHRE_FAULT_NEXT=200` goes on from
//! there, `OCHRE_FAULT_WITH=redis_8,valkey_9` plays the same with other servers and prints a table of all.

use std::env;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use testkit::{Namespaces, Network, Program, Proxies, network, remark, skip};

use super::peers;
use super::run::{Outcome, play};

/// Seeds of every test run: together they have every kind of trouble.
const USUAL: u64 = 8;

/// Scenarios at a time: each mostly waits.
const THREADS: u64 = 4;

/// Of how many failures the logs are shown.
const LOGS_SHOWN: usize = 2;

#[test]
fn trouble_in_namespaces() {
    if let Err(error) = Namespaces::new(1) {
        skip(&format!("no network namespaces here, so no packets are lost: {error}"));
    }
    let first = number("OCHRE_FAULT_NEXT", 1);
    let seeds = match env::var("OCHRE_FAULT_SEED") {
        Ok(_) => vec![number("OCHRE_FAULT_SEED", 0)],
        Err(_) => (first..first + number("OCHRE_FAULT_SCENARIOS", USUAL)).collect(),
    };
    let failures = play_all(&Program::under_test(), &seeds, network);
    for peer in peers() {
        play_all(&peer, &seeds, network);
    }
    must_be_none(&failures);
}

/// A few without the kernel's help, which every machine can make.
#[test]
fn trouble_behind_proxies() {
    let behind = |nodes| Box::new(Proxies::new(nodes)) as Box<dyn Network>;
    let failures = play_all(&Program::under_test(), &[1001, 1002, 1003], behind);
    must_be_none(&failures);
}

fn must_be_none(failures: &[Failure]) {
    let texts: Vec<&str> = failures.iter().map(|failure| failure.text.as_str()).collect();
    let logs: Vec<&str> = failures.iter().take(LOGS_SHOWN).map(|failure| failure.logs.as_str()).collect();
    let count = failures.len();
    assert!(texts.is_empty(), "{count} scenarios failed:\n{}\n\n{}", texts.join("\n"), logs.join("\n"));
}

fn number(name: &str, default: u64) -> u64 {
    let text = env::var(name).ok();
    text.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// A seed, its scenario in words, and what became of it.
type Played = (u64, String, Outcome);

/// Plays all seeds with one server and tells in a line what became of them; returns those that failed.
#[expect(clippy::print_stderr, reason = "the line of a server is wanted when it is ready")]
fn play_all(program: &Program, seeds: &[u64], network: fn(usize) -> Box<dyn Network>) -> Vec<Failure> {
    let began = Instant::now();
    let next = AtomicUsize::new(0);
    let work = || {
        let take = || seeds.get(next.fetch_add(1, Relaxed));
        std::iter::from_fn(|| take().map(|seed| play_one(program, *seed, network))).collect::<Vec<_>>()
    };
    let played: Vec<Played> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..number("OCHRE_FAULT_THREADS", THREADS)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("panics are caught")).collect()
    });
    let line = line(program, &played, began.elapsed());
    eprintln!("{line}");
    remark(&line);
    played.iter().filter(|(_, _, outcome)| !outcome.wrong.is_empty()).map(failure).collect()
}

/// A scenario that panics is one that went wrong: the others go on.
fn play_one(program: &Program, seed: u64, network: fn(usize) -> Box<dyn Network>) -> Played {
    match catch_unwind(|| play(program, seed, network)) {
        Ok((scenario, outcome)) => (seed, scenario.to_string(), outcome),
        Err(_) => {
            let wrong = vec!["it panicked, see above".to_owned()];
            (seed, format!("seed {seed}"), Outcome { wrong, ..Outcome::default() })
        }
    }
}

/// A scenario that went wrong.
struct Failure {
    /// What it was, how to repeat it, what was wrong.
    text: String,
    logs: String,
}

fn failure((seed, scenario, outcome): &Played) -> Failure {
    let wrong = outcome.wrong.join("\n  ");
    let again = format!("OCHRE_FAULT_SEED={seed} cargo test -p tests faults::scenarios");
    let logs = format!("--- seed {seed}\n{}", outcome.last_words);
    Failure { text: format!("{scenario}\n  repeat with {again}\n  {wrong}"), logs }
}

fn line(program: &Program, played: &[Played], time: Duration) -> String {
    let sum = |of: fn(&Outcome) -> i64| played.iter().map(|(_, _, outcome)| of(outcome)).sum::<i64>();
    let settling: Duration = played.iter().map(|(_, _, outcome)| outcome.settling).sum();
    let failed = played.iter().filter(|(_, _, outcome)| !outcome.wrong.is_empty()).count();
    let mut line = format!("{program}: {} fault scenarios, {failed} failed", played.len());
    for (name, count) in [
        ("partial resyncs", sum(|outcome| outcome.partial)),
        ("full resyncs", sum(|outcome| outcome.full)),
        ("of these needless", sum(|outcome| outcome.needless)),
        ("lost writes", sum(|outcome| outcome.lost as i64)),
        ("times less served", sum(|outcome| outcome.served_less as i64)),
    ] {
        let _ = write!(line, ", {count} {name}");
    }
    let mean = settling.as_secs_f64() / played.len().max(1) as f64;
    let _ = write!(line, ", {mean:.2} s to settle, {} s in all", time.as_secs());
    line
}
