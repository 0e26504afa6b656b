//! Greetings by hand: lines of a primary in, requests out.

use super::*;

const ID: &str = "0123456789012345678901234567890123456789";

fn words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text.split("\r\n").skip(2).step_by(2).collect();
    words.join(" ")
}

fn talk(greeting: Greeting, lines: &[&str]) -> (Vec<String>, Result<Next, Ended>) {
    let (sent, _, last) = talk_and_hear(greeting, lines);
    (sent, last)
}

/// Requests that were sent, what the primary offered, and how it ended.
fn talk_and_hear(greeting: Greeting, lines: &[&str]) -> (Vec<String>, Option<Offer>, Result<Next, Ended>) {
    let (mut handshake, first) = Handshake::begin(greeting);
    let (mut sent, mut offered) = (vec![words(&first)], None);
    let mut last = Ok(Next::Read);
    for line in lines {
        last = handshake.line(format!("{line}\r\n").as_bytes());
        match &last {
            Ok(Next::Send(bytes)) => sent.push(words(bytes)),
            Ok(Next::Offered(offer)) => {
                offered = Some(offer.clone());
                sent.push(words(&handshake.go_on()));
            }
            _ => {}
        }
    }
    (sent, offered, last)
}

#[test]
fn a_replica_with_everything() {
    let greeting = Greeting {
        user: Some(b"u".to_vec()),
        password: Some(b"p".to_vec()),
        port: 7000,
        address: Some("10.0.0.1".to_string()),
        have: Some((ReplicationId::parse(ID.as_bytes()).unwrap(), Offset(41))),
        node_id: Some(ReplicationId::parse(ID.as_bytes()).unwrap()),
        holds_data: false,
        recovers: false,
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
            &format!("REPLCONF ochre-history {ID}"),
            &format!("PSYNC {ID} 42"),
        ]
    );
    assert_eq!(last, Ok(Next::Done(Outcome::Continue(None))));
}

#[test]
fn a_fresh_replica_gets_a_full_copy() {
    let full = format!("+FULLRESYNC {ID} 100");
    let (sent, last) = talk(Greeting::default(), &["+PONG", "+OK", "+OK", "+OK", "-ERR", &full]);
    assert_eq!(sent.last().unwrap(), "PSYNC ? -1");
    let id = ReplicationId::parse(ID.as_bytes()).unwrap();
    assert_eq!(last, Ok(Next::Done(Outcome::FullCopy(id, Offset(100)))));
}

#[test]
fn refusals_say_why() {
    let refused =
        |lines: &[&str]| talk(Greeting { password: Some(b"x".to_vec()), ..Greeting::default() }, lines).1;
    let cause = |outcome: Result<Next, Ended>| outcome.unwrap_err().cause;
    assert_eq!(cause(refused(&["+PONG", "-WRONGPASS no"])), Cause::WrongPassword);
    let to_psync = ["+PONG", "+OK", "+OK", "+OK", "+OK", "+OK"];
    let after = |line: &str| refused(&[&to_psync[..], &[line]].concat());
    assert_eq!(cause(after("-NOMASTERLINK x")), Cause::NoLinkAbove);
    assert_eq!(cause(after("-LOADING x")), Cause::PrimaryLoads);
    assert_eq!(after("-ERR unknown command 'PSYNC'"), Ok(Next::Done(Outcome::OldFullCopy)));
    assert_eq!(cause(after("+FULLRESYNC short 1")), Cause::NotUnderstood);
    assert_eq!(cause(after("hello")), Cause::NotUnderstood);
}

#[test]
fn an_ochre_primary_tells_its_history() {
    let history = format!("+id={ID} offset=7 keys=12 past= left=");
    let lines = ["+PONG", "+OK", "+OK", "+OK", &history];
    let (sent, offer, _) = talk_and_hear(Greeting { holds_data: true, ..Greeting::default() }, &lines);
    assert_eq!(sent.last().unwrap(), "PSYNC ? -1");
    let offer = offer.unwrap();
    assert!(offer.tells_lineage);
    assert_eq!((offer.offset, offer.keys), (Some(Offset(7)), Some(12)));
}

#[test]
fn an_unwritten_branch_asks_for_its_past() {
    let branch = ReplicationId::from_random([7; 20]);
    let have = Some((branch, Offset(41)));
    let (mut handshake, _) = Handshake::begin(Greeting { have, ..Greeting::default() });
    let past = vec![(ID.parse().unwrap(), Offset(41))];
    let held = Standing { id: branch, offset: Offset(41), keys: 1, past, left: Vec::new() };
    let offer = Offer { id: Some(ID.parse().unwrap()), offset: Some(Offset(50)), ..Offer::default() };
    handshake.ask_for_past(&held, &offer);
    assert_eq!(words(&handshake.go_on()), format!("PSYNC {ID} 42"));
}

#[test]
fn others_are_asked_for_info_where_there_is_something_to_lose() {
    let (first, second) = (format!("master_replid:{ID}"), "master_repl_offset:42");
    let replication = format!("${}", first.len() + second.len() + 2);
    let lines = [
        "+PONG",
        "+OK",
        "+OK",
        "+OK",
        "-ERR no",
        &replication,
        &first,
        second,
        "$36",
        "# Keyspace",
        "db0:keys=5,expires=0,a=0",
    ];
    let (sent, offer, _) = talk_and_hear(Greeting { holds_data: true, ..Greeting::default() }, &lines);
    assert_eq!(sent[5..], ["INFO replication", "INFO keyspace", "PSYNC ? -1"]);
    let offer = offer.unwrap();
    assert_eq!((offer.offset, offer.keys, offer.tells_lineage), (Some(Offset(42)), Some(5), false));
    let lines = ["+PONG", "+OK", "+OK", "+OK", "-ERR no", "-NOPERM no", "-NOPERM no"];
    let (_, offer, _) = talk_and_hear(Greeting { holds_data: true, ..Greeting::default() }, &lines);
    assert_eq!(offer, Some(Offer::default()));
}
