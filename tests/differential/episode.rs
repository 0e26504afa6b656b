//! One sequence of commands played to both servers from nothing.

use std::time::Duration;

use testkit::{Client, Dataset, Reply, Server};

use super::masks;
use super::reference::Kind;

/// Longer than any of these commands takes: a reply that does not come is a difference.
const REPLY_DEADLINE: Duration = Duration::from_secs(10);

/// How far apart the expiry times of two servers may lie that ran the same command.
const EXPIRY_SLACK_MS: u64 = 10_000;

/// The two servers.
pub struct Arena {
    pub kind: Kind,
    pub own: Server,
    pub real: Server,
}

/// The first place where the two servers differ.
pub struct Difference {
    /// Which command of the sequence.
    pub index: usize,
    pub own: String,
    pub real: String,
}

/// Back to what every episode begins with.
const BEGIN: [&str; 4] = [
    "CONFIG SET timeout 0 maxmemory 0 maxmemory-policy noeviction tcp-keepalive 300 appendfsync everysec",
    "CONFIG SET lazyfree-lazy-expire no proto-max-bulk-len 1mb",
    "DEBUG SET-ACTIVE-EXPIRE 1",
    "FLUSHALL",
];

/// A reply and the bytes that it came in; an error text if there was none.
type Answer = Result<(Reply, Vec<u8>), String>;

impl Arena {
    /// Plays a sequence to both servers; returns the first difference in the replies, or in the data at the end.
    pub fn play(&mut self, protocol: u64, sequence: &[Vec<Vec<u8>>]) -> Option<Difference> {
        let own = answers(&self.own, protocol, sequence);
        let real = answers(&self.real, protocol, sequence);
        let ended = [revive(&mut self.own), revive(&mut self.real)];
        if ended[0] || ended[1] {
            let broken = |answers: &[Answer]| answers.iter().position(Result::is_err);
            let index = broken(&own).or(broken(&real)).unwrap_or(sequence.len().saturating_sub(1));
            let say = |ended: bool| if ended { "THE SERVER ENDED" } else { "lives" }.to_owned();
            return Some(Difference { index, own: say(ended[0]), real: say(ended[1]) });
        }
        for (index, command) in sequence.iter().enumerate() {
            if !same(self.kind, command, &own[index], &real[index]) {
                return Some(Difference { index, own: text(&own[index]), real: text(&real[index]) });
            }
        }
        let (own, real) = (Dataset::of(&self.own), Dataset::of(&self.real));
        let difference = own.difference(&real).filter(|_| !own.is_close_to(&real, EXPIRY_SLACK_MS))?;
        let index = sequence.len().checked_sub(1)?;
        Some(Difference { index, own: format!("data differ at the end: {difference}"), real: String::new() })
    }
}

/// Starts a server again that has ended; true if it had.
fn revive(server: &mut Server) -> bool {
    // One that crashed may still be writing its report.
    let alive =
        Client::try_connect(&server.address()).is_ok_and(|mut client| client.try_command(&["PING"]).is_ok());
    if !alive {
        server.restart();
    }
    !alive
}

fn answers(server: &Server, protocol: u64, sequence: &[Vec<Vec<u8>>]) -> Vec<Answer> {
    let mut client = server.client();
    client.set_reply_deadline(REPLY_DEADLINE);
    for line in BEGIN {
        let reply = client.run(line);
        assert!(reply.is_ok(), "{line} at {}: {reply}", server.program());
    }
    client.command(&["HELLO", &protocol.to_string()]);
    let bytes: Vec<u8> = sequence.iter().flat_map(|command| Client::encode(command)).collect();
    let sent = client.try_send(&bytes);
    let mut broken = sent.err().map(|error| error.to_string());
    sequence
        .iter()
        .map(|_| match &broken {
            Some(why) => Err(why.clone()),
            None => client.try_reply().map(|reply| (reply, client.raw_reply().to_vec())).map_err(|error| {
                broken = Some(error.to_string());
                error.to_string()
            }),
        })
        .collect()
}

fn same(kind: Kind, command: &[Vec<u8>], own: &Answer, real: &Answer) -> bool {
    match (own, real) {
        (Ok((own, own_bytes)), Ok((real, real_bytes))) => {
            own_bytes == real_bytes || masks::agree(kind, command, own, real) && (own != real)
        }
        // Both closed the connection.
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

fn text(answer: &Answer) -> String {
    match answer {
        Ok((_, bytes)) => testkit::quoted(&bytes[..bytes.len().min(300)]),
        Err(why) => format!("no reply: {why}"),
    }
}
