//! The same random commands to the server under test and to a real one: the same replies, byte by byte.
//!
//! `OCHRE_DIFFERENTIAL_SEED` chooses the commands, `OCHRE_DIFFERENTIAL_COMMANDS` their number, `OCHRE_TEST_REFERENCE`
//! the real server (else `redis-server` on PATH). A difference is shown as the shortest sequence that still makes it.

mod command_table;
mod commands;
mod deviations;
mod episode;
mod events;
mod grammar;
mod masks;
mod pubsub;
mod shrink;
mod words;

use std::env;
use std::path::Path;

use testkit::{Program, Server, skip};

use crate::workers::with_one_and_two_workers;
use episode::{Arena, Difference};
use grammar::Grammar;

with_one_and_two_workers!(random_commands_get_the_same_replies);

/// Commands in all, split between one worker and two; some seconds for each.
const COMMANDS: u64 = 250_000;

/// Commands between two beginnings from nothing.
const EPISODE: u64 = 200;

/// Differences of different kinds that are shown before the test gives up.
const SHOWN: usize = 20;

fn number(name: &str, default: u64) -> u64 {
    env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The real server to compare with.
fn reference() -> Option<Program> {
    env::var_os("OCHRE_TEST_REFERENCE").map_or_else(Program::redis_7, |path| Program::at(Path::new(&path)))
}

fn random_commands_get_the_same_replies(workers: u32) {
    let Some(reference) = reference() else { return skip("there is no redis-server on PATH") };
    let seed = number("OCHRE_DIFFERENTIAL_SEED", 1);
    let episodes = number("OCHRE_DIFFERENTIAL_COMMANDS", COMMANDS) / 2 / EPISODE;
    let grammar = Grammar::parse(commands::COMMANDS);
    let own = Server::builder(&Program::under_test()).workers(workers).start();
    let mut arena = Arena { own, real: Server::start(&reference) };
    let mut found: Vec<(String, String)> = Vec::new();
    for episode in 0..episodes {
        let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(episode));
        let sequence: Vec<Vec<Vec<u8>>> = (0..EPISODE).map(|_| grammar.command(&mut random)).collect();
        let protocol = 2 + episode % 2;
        if let Some(difference) = arena.play(protocol, &sequence) {
            let (kind, text) = explain(&mut arena, protocol, &sequence, &difference);
            if !found.iter().any(|(other, _)| *other == kind) {
                found.push((kind, format!("seed {seed}, episode {episode}, {text}")));
            }
            if found.len() == SHOWN {
                break;
            }
        }
    }
    let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        texts.is_empty(),
        "{} kinds of differences to {reference}:\n\n{}",
        texts.len(),
        texts.join("\n\n")
    );
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
