//! The greetings of a replica, as a pure machine: reply lines of the primary in, bytes to send and the outcome out.
//!
//! PING, AUTH, REPLCONF, PSYNC in that order, as Redis's replicas do since 2.8; what an old primary does not know
//! (REPLCONF words, PSYNC) is passed over. Before PSYNC the primary is asked what it has: an Ochre server tells its history
//! (`REPLCONF ochre-history`), others what INFO shows.

use crate::follower::ended::Ended;
use crate::follower::lines::without_end;
use crate::follower::offer::Offer;
use engine::facts::replication_events::Cause;
use engine::facts::standing::Standing;
use log::{Offset, ReplicationId};
use rdb::format::VERSION_MAX_REDIS;
use resp::request::append_multibulk;

/// What a replica says of itself and asks for.
#[derive(Clone, Debug, Default)]
pub struct Greeting {
    /// `masteruser`, if a user is named.
    pub user: Option<Vec<u8>>,
    /// `masterauth`, if a password is needed.
    pub password: Option<Vec<u8>>,
    /// The port that others reach us at.
    pub port: u16,
    /// `replica-announce-ip`.
    pub address: Option<String>,
    /// The history and the offset that we have; `None` asks for a full copy.
    pub have: Option<(ReplicationId, Offset)>,
    /// What names us whatever our address.
    pub node_id: Option<ReplicationId>,
    /// We hold data: any primary is asked what it has.
    pub holds_data: bool,
    /// We are a primary that takes back from its replica what it has lost.
    pub recovers: bool,
    /// Whether the other side is a replica of ours that is to take over.
    pub hands_over: bool,
    /// What we are, for primaries that want to know.
    pub version: String,
}

/// How the greetings ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The stream goes on where we are, perhaps under a new history id.
    Continue(Option<ReplicationId>),
    /// A full copy follows, of this history up to this offset.
    FullCopy(ReplicationId, Offset),
    /// A full copy follows from a primary that knows no history.
    OldFullCopy,
}

/// The most that a primary may answer to INFO, in bytes.
const INFO_MAX_BYTES: u64 = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ping,
    Auth,
    Port,
    Address,
    Capabilities,
    Version,
    History,
    InfoReplication,
    InfoKeyspace,
    Psync,
    Sync,
}

/// The machine.
#[derive(Debug)]
pub struct Handshake {
    greeting: Greeting,
    step: Step,
    offer: Offer,
    /// Bytes that are left of the answer to INFO.
    bulk_left: u64,
}

/// What to do after a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send these bytes and read the next line.
    Send(Vec<u8>),
    /// Read the next line.
    Read,
    /// The primary has this. If it is to be followed, [`Handshake::go_on`].
    Offered(Offer),
    /// The greetings are over.
    Done(Outcome),
}

impl Handshake {
    /// Begins the greetings. Returns the first bytes to send.
    pub fn begin(greeting: Greeting) -> (Handshake, Vec<u8>) {
        let handshake = Handshake { greeting, step: Step::Ping, offer: Offer::default(), bulk_left: 0 };
        let first = handshake.request();
        (handshake, first)
    }

    /// Whether a replica of ours was told to take over, and has not answered.
    pub fn awaits_take_over(&self) -> bool {
        self.step == Step::Psync && self.greeting.hands_over
    }

    /// Takes one line of the primary, with its end.
    pub fn line(&mut self, line: &[u8]) -> Result<Next, Ended> {
        if self.bulk_left > 0 {
            return Ok(self.info_line(line));
        }
        let line = without_end(line);
        if line.is_empty() {
            return Ok(Next::Read);
        }
        let text = String::from_utf8_lossy(line).into_owned();
        match self.step {
            Step::Ping => self.after_ping(&text),
            Step::Auth if line[0] == b'-' => Err(refused("Unable to AUTH to MASTER", &text)),
            Step::Auth | Step::Port | Step::Address | Step::Capabilities | Step::Version => {
                Ok(self.advance())
            }
            Step::History => Ok(self.after_history(&text)),
            Step::InfoReplication | Step::InfoKeyspace => self.info_begins(&text),
            Step::Psync => self.after_psync(&text),
            Step::Sync => Err(unexpected(&text)),
        }
    }

    /// A history that branched off and in which nothing was written is no more than its past: the primary is asked for
    /// that if it knows only that.
    pub fn ask_for_past(&mut self, held: &Standing, offer: &Offer) {
        let Some((id, offset)) = &mut self.greeting.have else { return };
        if offer.holds_of(id).is_none()
            && let Some((past, _)) =
                held.past.iter().find(|(past, up_to)| up_to == offset && offer.holds_of(past).is_some())
        {
            *id = *past;
        }
    }

    /// The primary is to be followed. Returns the bytes to send.
    pub fn go_on(&mut self) -> Vec<u8> {
        self.step = Step::Psync;
        self.request()
    }

    /// A primary greets with an error when it wants a password first: that is as good as PONG.
    fn after_ping(&mut self, text: &str) -> Result<Next, Ended> {
        let asks_for_password = ["-NOAUTH", "-NOPERM", "-ERR operation not permitted"]
            .iter()
            .any(|start| text.starts_with(start));
        if text.starts_with('+') || asks_for_password {
            return Ok(self.advance());
        }
        Err(refused("Error reply to PING from master", text))
    }

    /// Only an Ochre server understands the question.
    fn after_history(&mut self, text: &str) -> Next {
        match text.strip_prefix('+').and_then(|text| text.parse::<Standing>().ok()) {
            Some(standing) => Next::Offered(standing.into()),
            None if self.greeting.holds_data => self.advance(),
            None => Next::Offered(Offer::default()),
        }
    }

    /// A user that may replicate may not always ask for INFO.
    fn info_begins(&mut self, text: &str) -> Result<Next, Ended> {
        if text.starts_with('-') {
            return Ok(self.info_ends());
        }
        let length = text.strip_prefix('$').and_then(|number| stdx::number::parse_u64(number.as_bytes()));
        let length = length.filter(|length| *length <= INFO_MAX_BYTES).ok_or_else(|| unexpected(text))?;
        if self.step == Step::InfoKeyspace {
            self.offer.keyspace_begins();
        }
        self.bulk_left = length + 2;
        Ok(Next::Read)
    }

    fn info_line(&mut self, line: &[u8]) -> Next {
        self.bulk_left = self.bulk_left.saturating_sub(line.len() as u64);
        if let Ok(text) = std::str::from_utf8(without_end(line)) {
            self.offer.info_line(text);
        }
        if self.bulk_left == 0 { self.info_ends() } else { Next::Read }
    }

    fn info_ends(&mut self) -> Next {
        if self.step == Step::InfoReplication {
            return self.advance();
        }
        Next::Offered(std::mem::take(&mut self.offer))
    }

    fn after_psync(&mut self, text: &str) -> Result<Next, Ended> {
        if let Some(rest) = text.strip_prefix("+FULLRESYNC") {
            return full_copy(rest).map(Next::Done).ok_or_else(|| unexpected(text));
        }
        if let Some(rest) = text.strip_prefix("+CONTINUE") {
            let id = rest.trim();
            if id.is_empty() {
                return Ok(Next::Done(Outcome::Continue(None)));
            }
            let id = ReplicationId::parse(id.as_bytes()).map_err(|_| unexpected(text))?;
            return Ok(Next::Done(Outcome::Continue(Some(id))));
        }
        if text.starts_with("-NOMASTERLINK") || text.starts_with("-LOADING") {
            let words = format!("MASTER is currently unable to PSYNC but should be in the future: {text}");
            return Err(Ended::of_reply(text, words));
        }
        if text.starts_with("-ERR unknown command") {
            self.step = Step::Sync;
            return Ok(Next::Done(Outcome::OldFullCopy));
        }
        if text.starts_with('-') {
            return Err(refused("Error reply to PSYNC from master", text));
        }
        Err(unexpected(text))
    }

    fn advance(&mut self) -> Next {
        loop {
            self.step = match self.step {
                Step::Ping => Step::Auth,
                Step::Auth => Step::Port,
                Step::Port => Step::Address,
                Step::Address => Step::Capabilities,
                Step::Capabilities => Step::Version,
                Step::Version => Step::History,
                Step::History => Step::InfoReplication,
                Step::InfoReplication => Step::InfoKeyspace,
                Step::InfoKeyspace | Step::Psync | Step::Sync => Step::Psync,
            };
            let request = self.request();
            if !request.is_empty() {
                return Next::Send(request);
            }
        }
    }

    /// The request of the step, empty when it is left out.
    fn request(&self) -> Vec<u8> {
        let greeting = &self.greeting;
        let mut out = Vec::new();
        match self.step {
            Step::Ping => append(&mut out, &[b"PING"]),
            Step::Auth => match (&greeting.user, &greeting.password) {
                (Some(user), Some(password)) => append(&mut out, &[b"AUTH", user, password]),
                (None, Some(password)) => append(&mut out, &[b"AUTH", password]),
                (_, None) => {}
            },
            Step::Port => {
                append(&mut out, &[b"REPLCONF", b"listening-port", greeting.port.to_string().as_bytes()]);
            }
            Step::Address => {
                if let Some(address) = &greeting.address {
                    append(&mut out, &[b"REPLCONF", b"ip-address", address.as_bytes()]);
                }
            }
            Step::Capabilities => {
                let reads = format!("rdb-version={VERSION_MAX_REDIS}");
                let mut words: Vec<&[u8]> =
                    vec![b"REPLCONF", b"capa", b"eof", b"capa", b"psync2", b"capa", reads.as_bytes()];
                if greeting.recovers {
                    words.extend([b"capa".as_slice(), b"ochre-recover"]);
                }
                append(&mut out, &words);
            }
            Step::Version => append(&mut out, &[b"REPLCONF", b"version", greeting.version.as_bytes()]),
            Step::History => {
                let node_id = greeting.node_id.map_or_else(|| "?".to_owned(), |id| id.to_string());
                append(&mut out, &[b"REPLCONF", b"ochre-history", node_id.as_bytes()]);
            }
            Step::InfoReplication => append(&mut out, &[b"INFO", b"replication"]),
            Step::InfoKeyspace => append(&mut out, &[b"INFO", b"keyspace"]),
            Step::Psync => match &greeting.have {
                Some((id, offset)) => {
                    let next = offset.next_byte().to_string();
                    let words: [&[u8]; 4] = [b"PSYNC", id.as_str().as_bytes(), next.as_bytes(), b"FAILOVER"];
                    append(&mut out, if greeting.hands_over { &words } else { &words[..3] });
                }
                None => append(&mut out, &[b"PSYNC", b"?", b"-1"]),
            },
            Step::Sync => append(&mut out, &[b"SYNC"]),
        }
        out
    }
}

fn append(out: &mut Vec<u8>, words: &[&[u8]]) {
    append_multibulk(out, words.iter().copied());
}

fn refused(step: &str, reply: &str) -> Ended {
    Ended::of_reply(reply, format!("{step}: {reply}"))
}

fn unexpected(reply: &str) -> Ended {
    Ended::new(Cause::NotUnderstood, format!("Unexpected reply from master: {reply}"))
}

fn full_copy(rest: &str) -> Option<Outcome> {
    let mut words = rest.split_ascii_whitespace();
    let id = ReplicationId::parse(words.next()?.as_bytes()).ok()?;
    let offset = words.next()?.parse().ok()?;
    Some(Outcome::FullCopy(id, Offset(offset)))
}

#[cfg(test)]
mod tests;
