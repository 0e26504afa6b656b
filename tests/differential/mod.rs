//! The same random commands to the server under test and to real ones: the same replies, byte by byte.
//!
//! `OCHRE_DIFFERENTIAL_SEED` chooses the commands, `OCHRE_DIFFERENTIAL_COMMANDS` their number, `OCHRE_DIFFERENTIAL_ONLY`
//! the word that they begin with. With `OCHRE_DIFFERENTIAL_SECONDS`, more seeds are tried for so long (with Redis 7.0, or
//! what `OCHRE_DIFFERENTIAL_WITH` names), half of it with one worker, from `OCHRE_DIFFERENTIAL_NEXT` on. A difference is
//! shown as the shortest sequence that still makes it.

mod command_table;
mod commands;
mod deviations;
mod episode;
mod events;
mod grammar;
mod lifetimes;
mod masks;
mod pubsub;
mod reference;
mod shrink;
mod words;

use std::env;
use std::time::{Duration, Instant};

use testkit::{Program, Server};

use episode::{Arena, Difference};
use grammar::Grammar;
pub use reference::Kind;
use reference::{Reference, with_every_reference};

with_every_reference!(random_commands_get_the_same_replies);

/// Commands of the first seed in all, split between one worker and two; some seconds for each.
const COMMANDS: u64 = 250_000;

/// Commands of every further seed.
const FURTHER_COMMANDS: u64 = 20_000;

/// Commands between two beginnings from nothing.
const EPISODE: u64 = 200;

/// Differences of different kinds that are shown before the test gives up.
const SHOWN: usize = 20;

/// Random commands without those that change the server itself, or the connection.
pub fn random_changes(kind: Kind, seed: u64, count: usize) -> Vec<Vec<Vec<u8>>> {
    const LEFT_OUT: [&[u8]; 10] = [
        b"CLIENT",
        b"CONFIG",
        b"HELLO",
        b"AUTH",
        b"RESET",
        b"QUIT",
        b"REPLICAOF",
        b"WAIT",
        b"WAITAOF",
        b"MIGRATE",
    ];
    let is_wanted = |words: &Vec<Vec<u8>>| {
        words.first().is_some_and(|name| !LEFT_OUT.contains(&&*name.to_ascii_uppercase()))
    };
    let (grammar, mut random) = (Grammar::parse(&commands::of(kind)), fastrand::Rng::with_seed(seed));
    std::iter::repeat_with(|| grammar.command(&mut random)).filter(is_wanted).take(count).collect()
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Whether further seeds are tried with this server: with Redis 7.0, or with those that `OCHRE_DIFFERENTIAL_WITH` names.
fn goes_on_with(kind: Kind) -> bool {
    let wanted = env::var("OCHRE_DIFFERENTIAL_WITH").unwrap_or_else(|_| "redis_7".to_owned());
    wanted.split(',').any(|name| name == kind.name())
}

fn random_commands_get_the_same_replies(reference: &Reference, workers: u32) {
    let mut search = Search::begin(reference, workers);
    search
        .try_seed(number("OCHRE_DIFFERENTIAL_SEED", 1), number("OCHRE_DIFFERENTIAL_COMMANDS", COMMANDS) / 2);
    // How many seeds are tried is a question of time; what they must show is not.
    let seconds = if goes_on_with(reference.kind) { number("OCHRE_DIFFERENTIAL_SECONDS", 0) / 2 } else { 0 };
    let (began, budget) = (Instant::now(), Duration::from_secs(seconds));
    let first = number("OCHRE_DIFFERENTIAL_NEXT", 2);
    let mut next = first;
    while began.elapsed() < budget && search.found.is_empty() {
        search.try_seed(next, FURTHER_COMMANDS);
        next += 1;
    }
    testkit::remark(&format!(
        "compared with {}: {} seeds, from {first} on, beside the usual one",
        reference.program,
        next - first
    ));
    search.must_have_found_nothing(&reference.program);
}

/// Two servers that are played to, and what was found to differ.
struct Search {
    arena: Arena,
    grammar: Grammar,
    /// The kind of each difference, and what is shown of it.
    found: Vec<(String, String)>,
}

impl Search {
    fn begin(reference: &Reference, workers: u32) -> Self {
        let own = Server::builder(&Program::under_test()).workers(workers).start();
        let arena = Arena { kind: reference.kind, own, real: Server::start(&reference.program) };
        Self { arena, grammar: Grammar::parse(&commands::of(reference.kind)), found: Vec::new() }
    }

    /// Plays so many commands of a seed, until there is enough to show.
    fn try_seed(&mut self, seed: u64, commands: u64) {
        for episode in 0..commands / EPISODE {
            let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(episode));
            let sequence: Vec<Vec<Vec<u8>>> =
                (0..EPISODE).map(|_| self.grammar.command(&mut random)).collect();
            let protocol = 2 + episode % 2;
            if let Some(difference) = self.arena.play(protocol, &sequence) {
                let (kind, text) = explain(&mut self.arena, protocol, &sequence, &difference);
                if !self.found.iter().any(|(other, _)| *other == kind) {
                    self.found.push((kind, format!("seed {seed}, episode {episode}, {text}")));
                }
                if self.found.len() == SHOWN {
                    break;
                }
            }
        }
    }

    fn must_have_found_nothing(&self, reference: &Program) {
        let texts: Vec<&str> = self.found.iter().map(|(_, text)| text.as_str()).collect();
        let count = texts.len();
        assert!(texts.is_empty(), "{count} kinds of differences to {reference}:\n\n{}", texts.join("\n\n"));
    }
}

/// What kind of difference it is, and the shortest sequence that shows it.
fn explain(
    arena: &mut Arena,
    protocol: u64,
    sequence: &[Vec<Vec<u8>>],
    first: &Difference,
) -> (String, String) {
    let (shortest, difference) = shrink::shortest(arena, protocol, &sequence[..=first.index], first);
    let lines: Vec<String> = shortest.iter().map(|command| format!("  {}", show(command))).collect();
    let name = shortest[difference.index].first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    // Unknown commands are one kind, whatever they are called.
    let name = if difference.real.contains("unknown command") { Vec::new() } else { name };
    let start = |text: &str| text.chars().take(16).collect::<String>();
    let kind = format!("{} {} {}", testkit::quoted(&name), start(&difference.own), start(&difference.real));
    let text = format!(
        "RESP{protocol}:\n{}\n  here: {}\n  real: {}",
        lines.join("\n"),
        difference.own,
        difference.real
    );
    (kind, text)
}

fn show(command: &[Vec<u8>]) -> String {
    let words: Vec<String> = command
        .iter()
        .map(|word| {
            let is_plain = !word.is_empty()
                && word.iter().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(byte));
            if is_plain { String::from_utf8_lossy(word).into_owned() } else { testkit::quoted(word) }
        })
        .collect();
    words.join(" ")
}
