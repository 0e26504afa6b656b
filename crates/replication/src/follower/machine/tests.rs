//! The machine driven by hand: time and bytes in, actions out.

use super::*;
use crate::follower::judge::Ours;
use crate::handshake::Greeting;
use engine::facts::standing::Standing;
use log::{Offset, ReplicationId};

const ID: &str = "0123456789012345678901234567890123456789";
const OTHER: &str = "abcdefabcdabcdefabcdabcdefabcdabcdefabcd";

fn id(text: &str) -> ReplicationId {
    text.parse().unwrap()
}

/// A node that holds so many keys of history `ID` up to 100.
fn situation(keys: u64) -> Input<'static> {
    let standing = Standing { id: id(ID), offset: Offset(100), keys, past: Vec::new(), left: Vec::new() };
    let ours = Ours { standing, is_safe: true, has_consent: false, host: "p".to_owned(), port: 1 };
    let greeting =
        Greeting { have: Some((id(ID), Offset(100))), holds_data: keys > 0, ..Greeting::default() };
    Input::Connected(Box::new(Situation { greeting, ours, timeout_ms: 60_000, verdict: Verdict::Follow }))
}

struct Bench {
    machine: Machine,
    now_ms: u64,
}

impl Bench {
    fn new() -> Bench {
        Bench { machine: Machine::new(0), now_ms: 0 }
    }

    /// What the machine wants done, in short words.
    fn step(&mut self, input: Input<'_>) -> Vec<String> {
        let mut actions = Actions::new();
        self.machine.step(self.now_ms, input, &mut actions);
        actions.into_iter().map(|action| word(&action)).collect()
    }

    fn lines(&mut self, lines: &[&str]) -> Vec<String> {
        lines.iter().flat_map(|line| self.step(Input::Received(format!("{line}\r\n").as_bytes()))).collect()
    }

    /// Connected and greeted up to the question of the history, which is answered by `history`.
    fn greeted(keys: u64, history: &str) -> (Bench, Vec<String>) {
        let mut bench = Bench::new();
        assert_eq!(bench.step(Input::Tick), ["connect"]);
        assert_eq!(bench.step(situation(keys)), ["tell Handshake", "send PING"]);
        bench.lines(&["+PONG", "+OK", "+OK", "+OK"]);
        let actions = bench.lines(&[history]);
        (bench, actions)
    }

    fn wakes_in_ms(&self) -> Option<u64> {
        self.machine.wakes_at_ms().map(|at_ms| at_ms.saturating_sub(self.now_ms))
    }
}

fn word(action: &Action<'_>) -> String {
    match action {
        Action::Connect => "connect".to_owned(),
        Action::Send(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let words: Vec<&str> = text.split("\r\n").skip(2).step_by(2).collect();
            format!("send {}", words.join(" "))
        }
        Action::Close => "close".to_owned(),
        Action::Tell(state) => format!("tell {state:?}"),
        Action::Continue(id) => format!("continue {}", id.is_some()),
        Action::ExpectCopy(_) => "expect copy".to_owned(),
        Action::BeginCopy(_) => "begin copy".to_owned(),
        Action::FeedCopy(bytes) => format!("feed {}", String::from_utf8_lossy(bytes)),
        Action::EndCopy => "end copy".to_owned(),
        Action::Adopt { keeps_old } => format!("adopt{}", if *keeps_old { " keeping" } else { "" }),
        Action::DropCopy => "drop copy".to_owned(),
        Action::Stream => "stream".to_owned(),
        Action::Apply(bytes) => format!("apply {}", String::from_utf8_lossy(bytes)),
        Action::Acknowledge => "acknowledge".to_owned(),
        Action::Refuse(refusal) => format!("refuse {}", refusal.cause.name()),
        Action::TookOver(answer) => format!("took over {answer:?}"),
        Action::Fail(what, ended) => format!("fail {} {}", what.word(), ended.cause.name()),
    }
}

#[test]
fn goes_on_where_it_was_and_acknowledges() {
    let history = format!("+id={ID} offset=200 keys=5 past= left=");
    let (mut bench, actions) = Bench::greeted(5, &history);
    assert_eq!(actions, [format!("send PSYNC {ID} 101")]);
    // What follows the answer in the same piece is applied once the stream has begun.
    assert_eq!(bench.step(Input::Received(b"+CONTINUE\r\n*1\r\n")), ["continue false"]);
    assert_eq!(bench.step(Input::Received(b"$4\r\n")), Vec::<String>::new());
    assert_eq!(bench.step(Input::Continued), ["stream", "apply *1\r\n$4\r\n"]);
    assert_eq!(bench.wakes_in_ms(), Some(0), "the first acknowledgement is sent at once");
    assert_eq!(bench.step(Input::Tick), ["acknowledge"]);
    bench.step(Input::Acknowledged { is_all: true });
    assert_eq!(bench.wakes_in_ms(), Some(1000), "nothing new is said once a second");
    bench.now_ms = 30;
    assert_eq!(bench.step(Input::Received(b"PING\r\n")), ["apply PING\r\n"]);
    assert_eq!(bench.wakes_in_ms(), Some(70), "a tenth of a second after the last");
    bench.now_ms = 100;
    assert_eq!(bench.step(Input::Tick), ["acknowledge"]);
    bench.step(Input::Acknowledged { is_all: false });
    assert_eq!(bench.wakes_in_ms(), Some(100), "the disk is behind");
}

#[test]
fn who_is_to_take_over_is_heard() {
    for (answer, words) in [("+CONTINUE", "took over Ok(())"), ("-ERR no", "took over Err(")] {
        let mut bench = Bench::new();
        bench.step(Input::Tick);
        let Input::Connected(mut situation) = situation(5) else { unreachable!() };
        situation.greeting.hands_over = true;
        situation.greeting.holds_data = false;
        bench.step(Input::Connected(situation));
        let actions = bench.lines(&["+PONG", "+OK", "+OK", "+OK", "-ERR Unrecognized"]);
        assert_eq!(actions.last(), Some(&format!("send PSYNC {ID} 101 FAILOVER")));
        let actions = bench.lines(&[answer]);
        assert!(actions[0].starts_with(words), "{actions:?}");
    }
}

#[test]
fn a_copy_in_pieces() {
    let (mut bench, actions) = Bench::greeted(0, "-ERR Unrecognized REPLCONF option");
    assert_eq!(actions, [format!("send PSYNC {ID} 101")]);
    let full = format!("+FULLRESYNC {OTHER} 7");
    assert_eq!(bench.lines(&[&full]), ["tell Sync", "expect copy"]);
    assert_eq!(bench.step(Input::Received(b"\n\n$5\r\nhe")), ["begin copy"]);
    assert_eq!(bench.step(Input::CopyBegun), ["feed he"]);
    assert_eq!(bench.step(Input::Received(b"llostream")), ["feed llo", "end copy"]);
    assert_eq!(bench.wakes_in_ms(), None, "loading takes as long as it takes");
    let comparison = Comparison { keys: 3, ..Comparison::default() };
    assert_eq!(bench.step(Input::CopyLoaded(comparison)), ["adopt"]);
    assert_eq!(bench.step(Input::Adopted), ["stream", "apply stream"]);
}

#[test]
fn an_empty_primary_is_refused_before_anything_is_asked_of_it() {
    let history = format!("+id={OTHER} offset=0 keys=0 past= left=");
    let (mut bench, actions) = Bench::greeted(5, &history);
    assert_eq!(actions, ["close", "refuse primary-empty"]);
    assert_eq!(bench.wakes_in_ms(), Some(1000));
    bench.now_ms = 1000;
    assert_eq!(bench.step(Input::Tick), ["connect"], "it is asked again");
}

#[test]
fn a_copy_of_a_foreign_primary_is_compared_and_less_and_less_often_asked_for() {
    let mut waits = Vec::new();
    let mut bench = Bench::new();
    for _ in 0..8 {
        bench.step(Input::Tick);
        bench.step(situation(1000));
        bench.lines(&["+PONG", "+OK", "+OK", "+OK", "-ERR", "-NOPERM", "-NOPERM"]);
        bench.lines(&[&format!("+FULLRESYNC {OTHER} 7"), "$1"]);
        assert_eq!(bench.step(Input::CopyBegun), Vec::<String>::new());
        assert_eq!(bench.step(Input::Received(b"x")), ["feed x", "end copy"]);
        let comparison = Comparison { keys: 1000, sampled: 1000, found: 10 };
        assert_eq!(
            bench.step(Input::CopyLoaded(comparison)),
            ["drop copy", "close", "refuse primary-strange"]
        );
        waits.extend(bench.wakes_in_ms());
        bench.now_ms = bench.machine.wakes_at_ms().unwrap();
    }
    assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    bench.step(Input::Tick);
    bench.step(situation(1000));
    bench.lines(&["+PONG", "+OK", "+OK", "+OK", "-ERR", "-NOPERM", "-NOPERM"]);
    bench.lines(&[&format!("+FULLRESYNC {OTHER} 7"), "$1"]);
    bench.step(Input::CopyBegun);
    bench.step(Input::Received(b"x"));
    let comparison = Comparison { keys: 1000, sampled: 1000, found: 1000 };
    assert_eq!(bench.step(Input::CopyLoaded(comparison)), ["adopt keeping"]);
}

#[test]
fn a_lost_link_is_made_again_at_once() {
    let mut bench = Bench::new();
    bench.step(Input::Tick);
    let refused = || Ended::new(Cause::NobodyListens, "x");
    assert_eq!(bench.step(Input::Ended(refused())), ["close", "fail link-failed nobody-listens"]);
    assert_eq!(bench.wakes_in_ms(), Some(0));
    bench.step(Input::Tick);
    bench.step(Input::Ended(refused()));
    assert_eq!(bench.wakes_in_ms(), Some(10));
    bench.now_ms += 10;
    bench.step(Input::Tick);
    bench.step(situation(0));
    bench.lines(&["+PONG", "+OK", "+OK", "+OK", "-ERR", "+CONTINUE"]);
    bench.step(Input::Continued);
    bench.now_ms += 5000;
    assert_eq!(
        bench.step(Input::Ended(Ended::new(Cause::ClosedByPeer, "x"))),
        ["close", "fail link-lost closed-by-peer"]
    );
    assert_eq!(bench.wakes_in_ms(), Some(0));
}

#[test]
fn silence_ends_a_link() {
    let (mut bench, _) = Bench::greeted(0, "-ERR");
    bench.now_ms = 59_999;
    assert_eq!(bench.step(Input::Tick), Vec::<String>::new());
    bench.now_ms = 60_000;
    assert_eq!(bench.step(Input::Tick), ["close", "fail link-failed silence"]);
    let (mut bench, _) = Bench::greeted(0, "-ERR");
    bench.lines(&["+CONTINUE"]);
    bench.step(Input::Continued);
    bench.now_ms = 60_000;
    assert_eq!(bench.step(Input::Tick), ["acknowledge"]);
    assert_eq!(bench.step(Input::Tick), ["close", "fail link-lost silence"]);
}

#[test]
fn rubbish_ends_a_link() {
    for (line, wanted) in [
        ("hello".to_owned(), "fail link-failed not-understood"),
        ("x".repeat(5000), "fail link-failed not-understood"),
        ("-LOADING x".to_owned(), "fail link-failed primary-loads"),
    ] {
        let (mut bench, _) = Bench::greeted(0, "-ERR");
        assert_eq!(bench.lines(&[&line]), ["close", wanted]);
    }
    let (mut bench, _) = Bench::greeted(0, "-ERR");
    let full = format!("+FULLRESYNC {OTHER} 7");
    let actions = bench.lines(&[&full, "*3"]);
    assert_eq!(actions[2..], ["close", "fail full-resync-failed not-understood"]);
    assert_eq!(bench.wakes_in_ms(), Some(100), "a copy is dear");
}
