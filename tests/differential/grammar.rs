//! A small grammar of commands, and random commands out of it, valid ones and spoilt ones.

use fastrand::Rng;

use super::{lifetimes, words};

/// Commands that with other arguments could wait for ever, find a master, or do something by chance.
const FRAGILE: &[&[u8]] = &[
    b"WAIT",
    b"PAUSE",
    b"REPLICAOF",
    b"BLPOP",
    b"BRPOP",
    b"BLMOVE",
    b"BRPOPLPUSH",
    b"BLMPOP",
    b"BZPOPMIN",
    b"BZPOPMAX",
    b"BZMPOP",
    b"MIGRATE",
    b"SPOP",
    b"BLOCK",
    b"ahead",
];

/// All commands that can be drawn.
pub struct Grammar {
    commands: Vec<(Vec<Part>, bool)>,
}

/// A piece of a command.
#[derive(Debug, PartialEq)]
enum Part {
    /// A literal word, or a slot that `words.rs` fills.
    Word(String),
    /// One of several sequences, or nothing if it is optional; several times if it is repeated.
    Choice { of: Vec<Vec<Part>>, optional: bool, repeated: bool },
}

impl Grammar {
    /// Reads one command a line.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let commands = lines
            .map(|line| {
                let mut rest = line.trim_start_matches('!');
                let may_be_spoilt = rest == line;
                let parts = parse_sequence(&mut rest);
                assert!(rest.is_empty(), "left over in {line:?}: {rest:?}");
                (parts, may_be_spoilt)
            })
            .collect();
        Self { commands }
    }

    /// Draws a command.
    pub fn command(&self, random: &mut Rng) -> Vec<Vec<u8>> {
        let (parts, may_be_spoilt) = &self.commands[random.usize(..self.commands.len())];
        let mut words = Vec::new();
        parts.iter().for_each(|part| part.write(random, &mut words));
        let is_fragile = words.iter().any(|word| FRAGILE.contains(&word.as_slice()));
        if random.u32(..12) == 0 && !is_fragile && *may_be_spoilt {
            spoil(&mut words, random);
        }
        lifetimes::keep_expiries_far(&mut words, random);
        words
    }
}

impl Part {
    fn write(&self, random: &mut Rng, words: &mut Vec<Vec<u8>>) {
        match self {
            Self::Word(word) => words.push(words::fill(word, random)),
            Self::Choice { of, optional, repeated } => {
                let least = u32::from(!optional);
                let times = if *repeated { random.u32(least..4) } else { random.u32(least..=1) };
                for _ in 0..times {
                    let chosen = &of[random.usize(..of.len())];
                    chosen.iter().for_each(|part| part.write(random, words));
                }
            }
        }
    }
}

/// Makes a command wrong in one place, or writes its name another way.
fn spoil(words: &mut Vec<Vec<u8>>, random: &mut Rng) {
    let place = random.usize(..words.len());
    match random.u32(..6) {
        0 => drop(words.pop()),
        1 => words.push(words::fill("value", random)),
        2 if place > 0 => words[place] = words::fill("value", random),
        3 if place > 0 => drop(words.remove(place)),
        4 => words.insert(place.max(1), words::fill("int", random)),
        _ => words[place] = words[place].to_ascii_lowercase(),
    }
    if words.is_empty() {
        words.push(b"PING".to_vec());
    }
}

/// Parts up to the end of the text or of the group that they are in.
fn parse_sequence(rest: &mut &str) -> Vec<Part> {
    let mut parts = Vec::new();
    loop {
        *rest = rest.trim_start();
        let part = match rest.chars().next() {
            None | Some('|' | ')' | ']') => return parts,
            Some(open @ ('(' | '[')) => {
                *rest = &rest[1..];
                let of = parse_alternatives(rest);
                *rest = rest.strip_prefix([')', ']']).expect("a group that is closed");
                Part::Choice { of, optional: open == '[', repeated: take_dots(rest) }
            }
            Some(_) => {
                let end = rest.find([' ', '|', ')', ']']).unwrap_or(rest.len());
                let word = rest[..end].trim_end_matches("...").to_owned();
                *rest = &rest[word.len()..];
                if take_dots(rest) {
                    Part::Choice { of: vec![vec![Part::Word(word)]], optional: false, repeated: true }
                } else {
                    Part::Word(word)
                }
            }
        };
        parts.push(part);
    }
}

fn parse_alternatives(rest: &mut &str) -> Vec<Vec<Part>> {
    let mut of = vec![parse_sequence(rest)];
    while let Some(after) = rest.strip_prefix('|') {
        *rest = after;
        of.push(parse_sequence(rest));
    }
    of
}

fn take_dots(rest: &mut &str) -> bool {
    let after = rest.strip_prefix("...");
    *rest = after.unwrap_or(rest);
    after.is_some()
}

#[test]
fn reads_groups_and_dots() {
    let grammar = Grammar::parse("A [B|C int]... (D)\nE key...");
    assert_eq!(grammar.commands.len(), 2);
    let Part::Choice { of, optional: true, repeated: true } = &grammar.commands[0].0[1] else {
        panic!("an optional group: {:?}", grammar.commands[0]);
    };
    assert_eq!((of.len(), of[1].len()), (2, 2));
    let mut random = Rng::with_seed(1);
    let drawn: Vec<_> = (0..50).map(|_| grammar.command(&mut random)).collect();
    assert!(drawn.iter().any(|words| words.len() > 3));
}
