//! What must hold for any bytes of a primary: run by the tests for a while, and by `cargo xtask fuzz` for as long as one
//! likes.

use crate::follower::copy_end::{Extent, MARK_LEN, parse_extent};
use crate::follower::lines::{Lines, without_end};
use crate::handshake::{Greeting, Handshake, Next, Outcome};
use log::{Offset, ReplicationId};
use resp::request_parser::{Limits, RequestParser};

/// A replica sends few requests, whole ones, whatever it is answered. The first byte chooses what it says of itself.
pub fn handshake(bytes: &[u8]) {
    let Some((&first, stream)) = bytes.split_first() else { return };
    let (mut handshake, sent) = Handshake::begin(greeting(first));
    let mut requests = request_count(&sent);
    let (mut lines, mut rest) = (Lines::default(), stream);
    while let Ok(Some(line)) = lines.take(&mut rest) {
        match handshake.line(&line) {
            Ok(Next::Send(sent)) => requests += request_count(&sent),
            Ok(Next::Offered(_)) => requests += request_count(&handshake.go_on()),
            Ok(Next::Read) => {}
            Ok(Next::Done(Outcome::Continue(_))) | Err(_) => break,
            Ok(Next::Done(Outcome::FullCopy(..) | Outcome::OldFullCopy)) => {
                if let Ok(Some(line)) = lines.take(&mut rest) {
                    extent(without_end(&line));
                }
                break;
            }
        }
    }
    assert!((1..=10).contains(&requests), "{requests} requests");
}

fn greeting(choice: u8) -> Greeting {
    let has = |bit: u8| choice & 1 << bit != 0;
    let id = ReplicationId::from_random([choice; 20]);
    Greeting {
        user: has(0).then(|| b"user".to_vec()),
        password: has(1).then(|| b"password".to_vec()),
        port: 6379,
        address: has(2).then(|| "10.0.0.1".to_owned()),
        have: has(3).then_some((id, Offset(41))),
        node_id: has(4).then_some(id),
        holds_data: has(5),
        recovers: has(6),
        hands_over: has(7),
        version: "7.0.15".to_owned(),
    }
}

/// How many requests the bytes are; they must be whole ones.
fn request_count(bytes: &[u8]) -> usize {
    let mut parser = RequestParser::default();
    let limits = Limits { max_bulk_bytes: 1 << 20, authenticated: true };
    parser.parse(bytes, usize::MAX, &limits).expect("requests");
    let count = parser.batch().len();
    assert_eq!(parser.consume_all(), bytes.len());
    count
}

/// What tells the end of a copy is shown as it was read.
fn extent(line: &[u8]) {
    match parse_extent(line) {
        Ok(Extent::Length(bytes)) => assert_eq!(line.strip_prefix(b"$"), Some(bytes.to_string().as_bytes())),
        Ok(Extent::Mark(mark)) => assert!(line.ends_with(&mark) && line.len() == b"$EOF:".len() + MARK_LEN),
        Err(text) => assert!(text.contains("MASTER")),
    }
}

#[cfg(test)]
mod tests {
    use testkit::fuzz;

    #[test]
    fn handshake() {
        fuzz("handshake", 30_000, super::handshake);
    }
}
