//! The greetings of a replica, as a pure machine: reply lines of the primary in, bytes to send and the outcome out.
//!
//! PING, AUTH, REPLCONF, PSYNC in that order, as Redis's replicas do since 2.8; what an old primary does not know
//! (REPLCONF words, PSYNC) is passed over.

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

/// Why the greetings failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// The primary refused; the text is its reply.
    Refused(&'static str, String),
    /// The primary cannot serve now; try again soon.
    NotNow(String),
    /// The reply is none that the protocol knows.
    Unexpected(String),
}

impl std::fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HandshakeError::Refused(step, reply) => write!(f, "{step}: {reply}"),
            HandshakeError::NotNow(reply) => {
                write!(f, "MASTER is currently unable to PSYNC but should be in the future: {reply}")
            }
            HandshakeError::Unexpected(reply) => write!(f, "Unexpected reply from master: {reply}"),
        }
    }
}

impl std::error::Error for HandshakeError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ping,
    Auth,
    Port,
    Address,
    Capabilities,
    Version,
    Psync,
    Sync,
}

/// The machine.
#[derive(Debug)]
pub struct Handshake {
    greeting: Greeting,
    step: Step,
}

/// What to do after a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send these bytes and read the next line.
    Send(Vec<u8>),
    /// Read the next line.
    Read,
    /// The greetings are over.
    Done(Outcome),
}

impl Handshake {
    /// Begins the greetings. Returns the first bytes to send.
    pub fn begin(greeting: Greeting) -> (Handshake, Vec<u8>) {
        let handshake = Handshake { greeting, step: Step::Ping };
        let first = handshake.request();
        (handshake, first)
    }

    /// Whether PSYNC was asked, and is not answered.
    pub fn awaits_psync(&self) -> bool {
        self.step == Step::Psync
    }

    /// Takes one line of the primary, without its end.
    pub fn line(&mut self, line: &[u8]) -> Result<Next, HandshakeError> {
        if line.is_empty() {
            return Ok(Next::Read);
        }
        let text = String::from_utf8_lossy(line).into_owned();
        match self.step {
            Step::Ping => self.after_ping(text),
            Step::Auth if line[0] == b'-' => Err(HandshakeError::Refused("Unable to AUTH to MASTER", text)),
            Step::Auth | Step::Port | Step::Address | Step::Capabilities | Step::Version => {
                Ok(self.advance())
            }
            Step::Psync => self.after_psync(text),
            Step::Sync => Err(HandshakeError::Unexpected(text)),
        }
    }

    /// A primary greets with an error when it wants a password first: that is as good as PONG.
    fn after_ping(&mut self, text: String) -> Result<Next, HandshakeError> {
        let asks_for_password = ["-NOAUTH", "-NOPERM", "-ERR operation not permitted"]
            .iter()
            .any(|start| text.starts_with(start));
        if text.starts_with('+') || asks_for_password {
            return Ok(self.advance());
        }
        Err(HandshakeError::Refused("Error reply to PING from master", text))
    }

    fn after_psync(&mut self, text: String) -> Result<Next, HandshakeError> {
        if let Some(rest) = text.strip_prefix("+FULLRESYNC") {
            return full_copy(rest).map(Next::Done).ok_or(HandshakeError::Unexpected(text));
        }
        if let Some(rest) = text.strip_prefix("+CONTINUE") {
            let id = rest.trim();
            if id.is_empty() {
                return Ok(Next::Done(Outcome::Continue(None)));
            }
            let id = ReplicationId::parse(id.as_bytes()).map_err(|_| HandshakeError::Unexpected(text))?;
            return Ok(Next::Done(Outcome::Continue(Some(id))));
        }
        if text.starts_with("-NOMASTERLINK") || text.starts_with("-LOADING") {
            return Err(HandshakeError::NotNow(text));
        }
        if text.starts_with("-ERR unknown command") {
            self.step = Step::Sync;
            return Ok(Next::Done(Outcome::OldFullCopy));
        }
        if text.starts_with('-') {
            return Err(HandshakeError::Refused("Error reply to PSYNC from master", text));
        }
        Err(HandshakeError::Unexpected(text))
    }

    fn advance(&mut self) -> Next {
        loop {
            self.step = match self.step {
                Step::Ping => Step::Auth,
                Step::Auth => Step::Port,
                Step::Port => Step::Address,
                Step::Address => Step::Capabilities,
                Step::Capabilities => Step::Version,
                Step::Version | Step::Psync | Step::Sync => Step::Psync,
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
                let words: [&[u8]; 7] =
                    [b"REPLCONF", b"capa", b"eof", b"capa", b"psync2", b"capa", reads.as_bytes()];
                append(&mut out, &words);
            }
            Step::Version => append(&mut out, &[b"REPLCONF", b"version", greeting.version.as_bytes()]),
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

fn full_copy(rest: &str) -> Option<Outcome> {
    let mut words = rest.split_ascii_whitespace();
    let id = ReplicationId::parse(words.next()?.as_bytes()).ok()?;
    let offset = words.next()?.parse().ok()?;
    Some(Outcome::FullCopy(id, Offset(offset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn words(bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let words: Vec<&str> = text.split("\r\n").skip(2).step_by(2).collect();
        words.join(" ")
    }

    fn talk(greeting: Greeting, lines: &[&str]) -> (Vec<String>, Result<Next, HandshakeError>) {
        let (mut handshake, first) = Handshake::begin(greeting);
        let mut sent = vec![words(&first)];
        let mut last = Ok(Next::Read);
        for line in lines {
            last = handshake.line(line.as_bytes());
            if let Ok(Next::Send(bytes)) = &last {
                sent.push(words(bytes));
            }
        }
        (sent, last)
    }

    #[test]
    fn a_replica_with_everything() {
        let greeting = Greeting {
            user: Some(b"u".to_vec()),
            password: Some(b"p".to_vec()),
            port: 7000,
            address: Some("10.0.0.1".to_string()),
            have: Some((ReplicationId::parse(ID.as_bytes()).unwrap(), Offset(41))),
            hands_over: false,
            version: "7.0.15".to_string(),
        };
        let lines = [
            "-NOAUTH Authentication required.",
            "+OK",
            "+OK",
            "+OK",
            "",
            "+OK",
            "-ERR Unrecognized",
            "+CONTINUE",
        ];
        let (sent, last) = talk(greeting, &lines);
        assert_eq!(
            sent,
            [
                "PING",
                "AUTH u p",
                "REPLCONF listening-port 7000",
                "REPLCONF ip-address 10.0.0.1",
                "REPLCONF capa eof capa psync2 capa rdb-version=12",
                "REPLCONF version 7.0.15",
                &format!("PSYNC {ID} 42"),
            ]
        );
        assert_eq!(last, Ok(Next::Done(Outcome::Continue(None))));
    }

    #[test]
    fn a_replica_of_ours_is_told_to_take_over() {
        let have = Some((ReplicationId::parse(ID.as_bytes()).unwrap(), Offset(41)));
        let greeting = Greeting { have, hands_over: true, ..Greeting::default() };
        let (sent, _) = talk(greeting, &["+PONG", "+OK", "+OK", "+OK"]);
        assert_eq!(sent.last().unwrap(), &format!("PSYNC {ID} 42 FAILOVER"));
    }

    #[test]
    fn a_fresh_replica_gets_a_full_copy() {
        let full = format!("+FULLRESYNC {ID} 100");
        let (sent, last) = talk(Greeting::default(), &["+PONG", "+OK", "+OK", "+OK", &full]);
        assert_eq!(sent.last().unwrap(), "PSYNC ? -1");
        let id = ReplicationId::parse(ID.as_bytes()).unwrap();
        assert_eq!(last, Ok(Next::Done(Outcome::FullCopy(id, Offset(100)))));
    }

    #[test]
    fn refusals_say_why() {
        let refused =
            |lines: &[&str]| talk(Greeting { password: Some(b"x".to_vec()), ..Greeting::default() }, lines).1;
        assert!(matches!(refused(&["+PONG", "-WRONGPASS no"]), Err(HandshakeError::Refused(..))));
        let to_psync = ["+PONG", "+OK", "+OK", "+OK", "+OK"];
        let after = |line: &str| refused(&[&to_psync[..], &[line]].concat());
        assert!(matches!(after("-NOMASTERLINK x"), Err(HandshakeError::NotNow(_))));
        assert!(matches!(after("-LOADING x"), Err(HandshakeError::NotNow(_))));
        assert_eq!(after("-ERR unknown command 'PSYNC'"), Ok(Next::Done(Outcome::OldFullCopy)));
        assert!(matches!(after("+FULLRESYNC short 1"), Err(HandshakeError::Unexpected(_))));
        assert!(matches!(after("hello"), Err(HandshakeError::Unexpected(_))));
    }
}
