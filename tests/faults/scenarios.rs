//! Random troubles from seeds, between processes in network namespaces or behind proxies.
//!
//! `OCHRE_FAULT_SCENARIOS=200` plays so many seeds, `OCHRE_FAULT_SEED=17` one of them, `OCHRE_FAULT_NEXT=200` goes on from
//! there, `OCHRE_FAULT_WITH=redis_8,valkey_9` plays the same with other servers and prints a table of all.

use std::env;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use testkit::{Namespaces, Network, Program, Proxies, network, remark, skip};

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
    let mut table = Table::default();
    let failures = table.play(&Program::under_test(), &seeds, network);
    for peer in peers() {
        table.play(&peer, &seeds, network);
    }
    table.show();
    must_be_none(&failures);
}

/// A few without the kernel's help, which every machine can make.
#[test]
fn trouble_behind_proxies() {
    let behind = |nodes| Box::new(Proxies::new(nodes)) as Box<dyn Network>;
    let failures = Table::default().play(&Program::under_test(), &[1001, 1002, 1003], behind);
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

/// The servers that `OCHRE_FAULT_WITH` names.
fn peers() -> Vec<Program> {
    let named = env::var("OCHRE_FAULT_WITH").unwrap_or_default();
    let find = |name: &str| match name {
        "redis_7" => Program::redis_7(),
        "redis_8" => Program::redis_8(),
        "valkey_9" => Program::valkey_9(),
        _ => panic!("OCHRE_FAULT_WITH knows redis_7, redis_8 and valkey_9, not {name}"),
    };
    let names = named.split(',').filter(|name| !name.is_empty());
    names.map(|name| find(name).unwrap_or_else(|| panic!("{name} is not on this machine"))).collect()
}

/// A seed, its scenario in words, and what became of it.
type Played = (u64, String, Outcome);

/// What became of all scenarios, a line for each server.
#[derive(Default)]
struct Table {
    lines: Vec<String>,
}

impl Table {
    /// Plays all seeds with one server; returns those that failed, with how to repeat them.
    fn play(
        &mut self,
        program: &Program,
        seeds: &[u64],
        network: fn(usize) -> Box<dyn Network>,
    ) -> Vec<Failure> {
        let began = Instant::now();
        let next = AtomicUsize::new(0);
        let played: Vec<Played> = thread::scope(|scope| {
            let work = || {
                let mut played = Vec::new();
                while let Some(seed) = seeds.get(next.fetch_add(1, Relaxed)) {
                    let (scenario, outcome) = play(program, *seed, network);
                    played.push((*seed, scenario.to_string(), outcome));
                }
                played
            };
            let threads: Vec<_> =
                (0..number("OCHRE_FAULT_THREADS", THREADS)).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a scenario panicked")).collect()
        });
        self.lines.push(line(program, &played, began.elapsed()));
        played.iter().filter(|(_, _, outcome)| !outcome.wrong.is_empty()).map(failure).collect()
    }

    #[expect(clippy::print_stderr, reason = "a table is asked for by a variable")]
    fn show(&self) {
        for line in &self.lines {
            eprintln!("{line}");
            remark(line);
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
