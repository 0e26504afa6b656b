//! Publish and subscribe: two connections do the same at random to both servers, and must be told the same.

use fastrand::Rng;
use testkit::{Client, Program, Reply, Server, wait_until};

use super::number;
use super::reference::{Reference, with_every_reference};

with_every_reference!(two_connections_are_told_the_same);

/// Steps of one round.
const STEPS: usize = 60;

/// Rounds for each number of workers, half of them in RESP3.
const ROUNDS: u64 = 60;

const NAMES: [&str; 8] = ["a", "b", "ab", "news.one", "news.two", "\"\"", "[a", "\"x\\x00y\""];
const PATTERNS: [&str; 9] = ["a", "a*", "*", "news.*", "?b", "[ab]", "[^a]*", "\"\"", "\\\\a*"];

fn two_connections_are_told_the_same(reference: &Reference, workers: u32) {
    let program = &reference.program;
    let servers = [Server::builder(&Program::under_test()).workers(workers).start(), Server::start(program)];
    let seed = number("OCHRE_DIFFERENTIAL_SEED", 1);
    for round in 0..ROUNDS {
        let mut random = Rng::with_seed(seed.wrapping_mul(104_729).wrapping_add(round));
        let protocol = 2 + round % 2;
        let mut pairs = [&servers[0], &servers[1]].map(|server| [server.client(), server.client()]);
        for client in pairs.iter_mut().flatten() {
            client.command(&["HELLO", &protocol.to_string()]);
        }
        let mut history = Vec::new();
        for _ in 0..STEPS {
            let (actor, line) = (random.usize(..2), command(&mut random));
            history.push(format!("{actor}: {line}"));
            let [own, real] = pairs.each_mut().map(|clients| step(clients, actor, &line));
            assert_eq!(
                own,
                real,
                "(here left, {program} right) RESP{protocol}, seed {seed}, round {round}:\n{}",
                history.join("\n")
            );
        }
        drop(pairs);
        for server in &servers {
            wait_until("the round's clients are gone", || {
                server.info("clients").number("connected_clients") == 1
            });
        }
    }
}

/// A random command of the group, some of them wrong.
fn command(random: &mut Rng) -> String {
    let pick = |random: &mut Rng, of: &[&str]| of[random.usize(..of.len())].to_owned();
    let several = |random: &mut Rng, of: &[&str], least: usize| -> String {
        (0..random.usize(least..4)).map(|_| format!(" {}", pick(random, of))).collect()
    };
    match random.u32(..22) {
        0..3 => format!("SUBSCRIBE{}", several(random, &NAMES, 0)),
        3..5 => format!("PSUBSCRIBE{}", several(random, &PATTERNS, 0)),
        5..7 => format!("SSUBSCRIBE{}", several(random, &NAMES, 0)),
        7..9 => format!("UNSUBSCRIBE{}", several(random, &NAMES, 0)),
        9 => format!("PUNSUBSCRIBE{}", several(random, &PATTERNS, 0)),
        10 => format!("SUNSUBSCRIBE{}", several(random, &NAMES, 0)),
        11..16 => format!("PUBLISH {} text{}", pick(random, &NAMES), pick(random, &["", "", " x"])),
        16 => format!("SPUBLISH {} text", pick(random, &NAMES)),
        17 => format!("PUBSUB CHANNELS {}", pick(random, &PATTERNS)),
        18 => {
            let which = pick(random, &["NUMSUB", "SHARDNUMSUB"]);
            format!("PUBSUB {which}{}", several(random, &NAMES, 0))
        }
        19 => pick(
            random,
            &["PUBSUB NUMPAT", "PUBSUB", "PUBSUB NOSUCH", "PUBSUB SHARDCHANNELS", "PUBSUB CHANNELS"],
        ),
        20 => pick(random, &["GET k", "PING", "PING x", "PING a b", "CLIENT REPLY ON", "SET k", "MULTI x"]),
        _ => pick(random, &["GET k", "CLIENT TRACKING ON", "CLIENT GETREDIR", "CLIENT TRACKING OFF"]),
    }
}

/// One connection sends a command. Returns what each is sent up to the answer to a PING that follows: replies in their
/// order, and messages, which have no order between patterns and none with a reply that they were caused by.
fn step(clients: &mut [Client; 2], actor: usize, line: &str) -> [Vec<String>; 2] {
    let sent = clients[actor].try_send(&encode(line));
    assert!(sent.is_ok(), "{sent:?}");
    // The actor's answer comes first: what it did is done when the other one is asked.
    let mut told = [Vec::new(), Vec::new()];
    for who in [actor, 1 - actor] {
        told[who] = replies_to_barrier(&mut clients[who]);
    }
    told
}

fn encode(line: &str) -> Vec<u8> {
    let words: Vec<String> = line.split(' ').map(|word| word.replace("\\x00", "\0")).collect();
    let words: Vec<&str> = words.iter().map(|word| word.trim_matches('"')).collect();
    Client::encode(&words)
}

fn replies_to_barrier(client: &mut Client) -> Vec<String> {
    client.send(&Client::encode(&["PING", "barrier"]));
    let (mut replies, mut messages) = (Vec::new(), Vec::new());
    loop {
        let reply = client.reply();
        match kind(&reply).as_str() {
            "barrier" => break,
            "message" | "pmessage" | "smessage" => messages.push(reply.to_string()),
            _ => replies.push(comparable(&reply)),
        }
    }
    // Subscriptions that end all at once end in any order.
    let ends = |text: &String| text.contains("unsubscribe\"");
    if replies.len() > 1 && replies.iter().all(ends) {
        replies.sort();
    }
    messages.sort();
    [replies, messages].concat()
}

/// The first word of a message, or `barrier`.
fn kind(reply: &Reply) -> String {
    match reply {
        Reply::Bulk(text) if text == b"barrier" => "barrier".to_owned(),
        Reply::Array(words) | Reply::Push(words) => match words.as_slice() {
            [Reply::Bulk(first), Reply::Bulk(second)] if first == b"pong" && second == b"barrier" => {
                "barrier".to_owned()
            }
            [Reply::Bulk(first), ..] => String::from_utf8_lossy(first).into_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// A reply as text; the channels of PUBSUB CHANNELS have no order, nor do the counts of subscriptions that end at once.
fn comparable(reply: &Reply) -> String {
    let words = match reply {
        Reply::Array(words) | Reply::Push(words) => words,
        other => return other.to_string(),
    };
    if kind(reply).ends_with("unsubscribe") {
        return words[..2].iter().map(Reply::to_string).collect::<Vec<_>>().join(" ");
    }
    let is_list = words.iter().all(|word| matches!(word, Reply::Bulk(_))) && kind(reply) != "pong";
    let mut texts: Vec<String> = words.iter().map(Reply::to_string).collect();
    if is_list {
        texts.sort();
    }
    texts.join(" ")
}
