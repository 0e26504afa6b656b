//! Keyspace events: the same random commands to both servers, and a subscriber who must be told the same of both.

use std::time::Duration;

use testkit::{Client, Program, Reply, Server};

use super::grammar::Grammar;
use super::reference::{Kind, Reference, with_every_reference};
use super::{commands, deviations, number, show};

with_every_reference!(random_commands_tell_the_same_events);

/// Commands of one sequence.
const SEQUENCE: usize = 60;

/// Sequences for each number of workers.
const SEQUENCES: u64 = 150;

/// Commands that say nothing of keys, or end the connection, the subscriber or the subscription; and KEYS, which removes
/// the expired keys that it meets, where Redis passes them by, and those that meet keys at random.
const LEFT_OUT: [&[u8]; 10] =
    [b"CLIENT", b"CONFIG", b"HELLO", b"AUTH", b"RESET", b"QUIT", b"COMMAND", b"SCAN", b"RANDOMKEY", b"KEYS"];

fn random_commands_tell_the_same_events(reference: &Reference, workers: u32) {
    let Reference { program, kind } = reference;
    let servers = [Server::builder(&Program::under_test()).workers(workers).start(), Server::start(program)];
    let seed = number("OCHRE_DIFFERENTIAL_SEED", 1);
    let grammar = Grammar::parse(&commands::of(compared(*kind)));
    for sequence in 0..SEQUENCES {
        let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(7_919).wrapping_add(sequence));
        let wanted = |command: &Vec<Vec<u8>>| {
            command.first().is_some_and(|name| !LEFT_OUT.contains(&name.to_ascii_uppercase().as_slice()))
        };
        let commands: Vec<Vec<Vec<u8>>> =
            std::iter::repeat_with(|| grammar.command(&mut random)).filter(wanted).take(SEQUENCE).collect();
        let [own, real] = [&servers[0], &servers[1]].map(|server| events(server, &commands));
        for (index, ((reply, own), (real_reply, real))) in own.iter().zip(&real).enumerate() {
            let [own, real] =
                [(own, reply), (real, real_reply)].map(|(events, reply)| told(*kind, events, reply));
            if deviations::is_by_design(*kind, &commands[index], reply, real_reply) {
                continue;
            }
            if *kind == Kind::Valkey9 && is_set_in_the_past(&own, &real) {
                break;
            }
            let before: Vec<String> = commands[..=index].iter().map(|command| show(command)).collect();
            assert_eq!(
                own,
                real,
                "events of the last of these (here left, {program} right), seed {seed}, sequence {sequence}:\n{}",
                before.join("\n")
            );
        }
    }
}

/// Whose commands are compared: Valkey tells of fields that expire in its own way.
fn compared(kind: Kind) -> Kind {
    if kind == Kind::Valkey9 { Kind::Redis7 } else { kind }
}

/// The events that must be the same. Of a request that is refused, it does not matter whether a key was looked for
/// before that was noticed; and Redis 7.0 makes a consumer when there is something for it.
fn told(kind: Kind, events: &[String], reply: &Reply) -> Vec<String> {
    let is_free = |event: &String| {
        reply.is_error() && event.contains("keymiss")
            || kind == Kind::Redis7 && event.contains("xgroup-createconsumer")
    };
    let kept = events.iter().filter(|event| !is_free(event));
    // To be given a time that is past is to expire for Valkey, and to be removed for Redis.
    kept.map(|event| if kind == Kind::Valkey9 { event.replace("expired", "del") } else { event.clone() })
        .collect()
}

/// Whether a string was given a time that is past: Redis sets it, to expire when it is met, and Valkey removes what was there.
fn is_set_in_the_past(own: &[String], real: &[String]) -> bool {
    let tell = |events: &[String], event: &str| events.iter().any(|told| told.contains(event));
    tell(own, "set") && tell(own, "\"expire\"") && !tell(real, "set")
}

/// Each command's reply, and the messages that it led to.
fn events(server: &Server, commands: &[Vec<Vec<u8>>]) -> Vec<(Reply, Vec<String>)> {
    let (mut client, mut subscriber) = (server.client(), server.client());
    // Keys expire when they are met: when they do by themselves is chance.
    let begin =
        ["CONFIG SET notify-keyspace-events KEAnm maxmemory 0", "DEBUG SET-ACTIVE-EXPIRE 0", "FLUSHALL"];
    for line in begin {
        assert!(client.run(line).is_ok(), "{line}");
    }
    subscriber.set_reply_deadline(Duration::from_secs(10));
    subscriber.run("PSUBSCRIBE __key*");
    let mut requests = Vec::new();
    for command in commands {
        requests.extend(Client::encode(command));
        requests.extend(Client::encode(&["PUBLISH", "__key_mark", ""]));
    }
    client.send(&requests);
    let all = commands.iter().map(|_| {
        let reply = client.reply();
        client.reply();
        (reply, events_to_mark(&mut subscriber))
    });
    all.collect()
}

fn events_to_mark(subscriber: &mut Client) -> Vec<String> {
    let mut events = Vec::new();
    loop {
        let message = subscriber.reply().array();
        let [_, _, channel, text] = message.as_slice() else {
            panic!("no message of a pattern: {message:?}")
        };
        if channel.text() == "__key_mark" {
            return events;
        }
        events.push(format!("{channel} {text}"));
    }
}
