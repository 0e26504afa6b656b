//! An engine in memory for the tests of commands: scripts of requests and what they must lead to.
//!
//! A script is one step a line, or several separated by ` | `. A step is `REQUEST -> EXPECTED`, a bare request, which
//! must not fail, `@1500`, which lets so many milliseconds pass, or `RESP3`, which changes the protocol. `#2 REQUEST`
//! comes from a second client. Words may be quoted as in the client program. `{ms+5}` and `{s-1}` stand for the time
//! of the test's clock with an offset in milliseconds or seconds, in requests and in what is expected.
//!
//! Replies are written so: `OK` a status, `ERR ...` an error, `5`, `"text"`, `nil`, `nil[]` (no array), `[1, 2]`,
//! `{"key": 1}` a map, `~[1]` a set, `>[1]` a push, `,1.5` a double, `true`, `waits` for a request that waits. What a
//! client's request has been answered that waited for keys, the step `#2 AWAITED` tells.

use engine::client::card::{Card, ClientKind};
use engine::client::session::{Session, WaitEnd};
use engine::config::Config;
use engine::engine::Node;
use engine::execute::dispatch::{self, Flow};
use engine::facts::replication::{ReplicaFact, ReplicaState};
use engine::notify::pubsub::Scope;
use log::Offset;
use log::tail::ReaderId;
use resp::request::OwnedRequest;
use resp::value::{Value, parse};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::bytes;

/// When the clock of a test begins, in milliseconds since 1970.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

/// The number of the client that gets keyspace events.
const LISTENER: u8 = u8::MAX;

/// An engine with some clients and a reader of its log.
pub(crate) struct Bench {
    pub node: Node,
    clients: BTreeMap<u8, Session>,
    reader: ReaderId,
    read_up_to: Offset,
    answers: BTreeMap<u64, Vec<u8>>,
}

impl Bench {
    /// An engine without data.
    pub fn new() -> Bench {
        let mut node = Node::new(Config::default(), crate::table());
        let read_up_to = node.engine.propagation.end();
        let reader = node.engine.propagation.tail.pin(read_up_to).expect("the end can be read");
        node.engine.clock.wall_ms = START_MS;
        node.engine.clock.monotonic_ms = 1_000;
        Bench { node, clients: BTreeMap::new(), reader, read_up_to, answers: BTreeMap::new() }
    }

    /// The session of a client.
    pub fn client(&mut self, number: u8) -> &mut Session {
        let id = u64::from(number);
        self.clients.entry(number).or_insert_with(|| {
            let card = Card::new(id, ClientKind::Normal, String::new(), String::new(), START_MS);
            Session::new(Arc::new(card), true)
        })
    }

    /// A client's connection ends.
    pub fn forget(&mut self, number: u8) {
        let mut session = self.clients.remove(&number).expect("a client that did something");
        self.node.forget(&mut session);
    }

    /// What the request of a client that waited for keys was answered.
    fn awaited(&mut self, number: u8) -> String {
        let Some(reply) = self.answers.remove(&u64::from(number)) else { return "waits".to_string() };
        self.client(number).waits_on = None;
        shown_all(&reply)
    }

    /// A replica comes that has nothing yet.
    pub fn add_replica(&mut self, client: u64) {
        self.node.engine.replication.replicas.push(ReplicaFact {
            client,
            address: "127.0.0.1".to_string(),
            port: 6379,
            state: ReplicaState::Online,
            acknowledged: Offset::ZERO,
            acknowledged_on_disk: Offset::ZERO,
            acknowledged_at_ms: 0,
            online_since_ms: 0,
            rdb_only: false,
        });
    }

    /// Lets time pass.
    pub fn advance(&mut self, ms: i64) {
        self.node.engine.clock.wall_ms += ms;
        self.node.engine.clock.monotonic_ms += ms.unsigned_abs();
    }

    /// Runs a request; shows its reply.
    pub fn run(&mut self, line: &str) -> String {
        self.run_with(line, None)
    }

    /// Runs a request whose reply may not be whole; tells how long it is.
    pub fn reply_bytes(&mut self, line: &str) -> usize {
        let words = bytes::split_arguments(line.as_bytes()).expect("balanced quotes");
        let request = OwnedRequest::new(words.iter().map(Vec::as_slice));
        self.client(1);
        let session = self.clients.get_mut(&1).expect("just made");
        let mut out = Vec::new();
        dispatch::dispatch(&mut self.node, session, request.as_request(), &mut out);
        out.len()
    }

    /// Runs a request again that waited.
    pub fn resume(&mut self, line: &str, why: WaitEnd) -> String {
        self.run_with(line, Some(why))
    }

    fn run_with(&mut self, line: &str, resumed: Option<WaitEnd>) -> String {
        let (number, line) = match line.strip_prefix('#') {
            Some(rest) => rest.split_once(' ').expect("a client's number and a request"),
            None => ("1", line),
        };
        let answers = self.node.engine.blocking.take_answers(0);
        self.answers.extend(answers.into_iter().map(|answer| (answer.client, answer.reply)));
        if line == "AWAITED" {
            return self.awaited(number.parse().expect("a client's number"));
        }
        let line = self.with_times(line);
        let words = bytes::split_arguments(line.as_bytes()).expect("balanced quotes");
        let request = OwnedRequest::new(words.iter().map(Vec::as_slice));
        let number = number.parse().expect("a client's number");
        self.client(number);
        let session = self.clients.get_mut(&number).expect("just made");
        let mut out = Vec::new();
        let request = request.as_request();
        let flow = match resumed {
            None => dispatch::dispatch(&mut self.node, session, request, &mut out),
            Some(why) => dispatch::resume(&mut self.node, session, request, why, &mut out),
        };
        match flow {
            Flow::Wait(_) => "waits".to_string(),
            Flow::Done => shown_all(&out),
        }
    }

    /// What went to the log since the last call, without SELECT: `SET k v; DEL l`, or `nothing`.
    pub fn propagated(&mut self) -> String {
        let tail = &mut self.node.engine.propagation.tail;
        let mut stream = Vec::new();
        while let Some(bytes) = tail.read(self.read_up_to).filter(|bytes| !bytes.is_empty()) {
            stream.extend_from_slice(bytes);
            self.read_up_to = self.read_up_to.plus(bytes.len());
        }
        tail.advance(self.reader, self.read_up_to);
        let mut requests = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (value, used) =
                parse(rest).expect("the log holds RESP").expect("the log holds whole requests");
            requests.push(value);
            rest = &rest[used..];
        }
        let shown: Vec<String> =
            requests.iter().map(shown_request).filter(|text| !text.starts_with("SELECT ")).collect();
        if shown.is_empty() { "nothing".to_string() } else { shown.join("; ") }
    }

    /// A client without a name subscribes to all keyspace events.
    fn listen(&mut self) {
        let engine = &mut self.node.engine;
        let option: (&[u8], &[u8]) = (b"notify-keyspace-events", b"KAnm");
        engine.config.set(&[option], engine::config::Caller::Local).expect("these are all classes");
        let notify = &mut engine.notify;
        let listener = self.clients.entry(LISTENER).or_insert_with(|| Session::internal(ClientKind::Normal));
        notify.pubsub.subscribe(&mut notify.inboxes, listener, Scope::Pattern, b"__keyspace@*");
        self.node.update_interest();
    }

    /// The events since the last call: `set k, expire k`, or `nothing`. [`Bench::listen`] comes first.
    fn events(&mut self) -> String {
        let mut messages = Vec::new();
        self.node.engine.notify.inboxes.collect(&self.clients[&LISTENER].card, &mut messages);
        let mut shown = Vec::new();
        let mut rest = messages.as_slice();
        while !rest.is_empty() {
            let (message, used) = parse(rest).expect("messages are RESP").expect("messages are whole");
            let words = message.as_elements().expect("a message is an array");
            let word = |index: usize| {
                String::from_utf8_lossy(words[index].as_bytes().unwrap_or_default()).into_owned()
            };
            let key = word(2).split_once(':').map(|(_, key)| key.to_owned()).expect("a channel of a key");
            shown.push(format!("{} {key}", word(3)));
            rest = &rest[used..];
        }
        if shown.is_empty() { "nothing".to_string() } else { shown.join(", ") }
    }

    fn with_times(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((inside, behind)) = after.split_once('}') else { break };
            out.push_str(before);
            match self.time(inside) {
                Some(time) => out.push_str(&time.to_string()),
                None => out.push_str(&format!("{{{inside}}}")),
            }
            rest = behind;
        }
        out + rest
    }

    fn time(&self, text: &str) -> Option<i64> {
        let now_ms = self.node.engine.clock.wall_ms;
        let (now, offset) = match text.strip_prefix("ms") {
            Some(offset) => (now_ms, offset),
            None => (now_ms / 1000, text.strip_prefix('s')?),
        };
        if offset.is_empty() { Some(now) } else { offset.parse::<i64>().ok().map(|offset| now + offset) }
    }
}

/// Runs a script and compares what `observe` says after each step.
fn play(bench: &mut Bench, script: &str, observe: impl Fn(&mut Bench, String) -> String) {
    let steps =
        script.lines().flat_map(|line| line.split(" | ")).map(str::trim).filter(|step| !step.is_empty());
    for step in steps {
        if let Some(ms) = step.strip_prefix('@') {
            bench.advance(ms.parse().expect("milliseconds"));
            continue;
        }
        if step == "RESP3" {
            bench.client(1).speak(resp::reply::Version::Resp3);
            continue;
        }
        let (request, expected) = match step.split_once(" -> ") {
            Some((request, expected)) => (request.trim(), Some(expected.trim())),
            None => (step, None),
        };
        let expected = expected.map(|expected| bench.with_times(expected));
        let reply = bench.run(request);
        let observed = observe(bench, reply);
        match expected {
            Some(expected) => assert_eq!(observed.trim_end(), expected, "after {request}"),
            None => assert!(!observed.starts_with("ERR "), "{request}: {observed}"),
        }
    }
}

/// Runs a script on an engine without data: each request must get the reply behind its arrow.
#[track_caller]
pub(crate) fn check(script: &str) {
    play(&mut Bench::new(), script, |_, reply| reply);
}

/// As [`check`], on an engine that was prepared.
#[track_caller]
pub(crate) fn check_on(bench: &mut Bench, script: &str) {
    play(bench, script, |_, reply| reply);
}

/// As [`check`], for a client that speaks RESP3.
#[track_caller]
pub(crate) fn check_resp3(script: &str) {
    play(&mut Bench::new(), &format!("RESP3 | {script}"), |_, reply| reply);
}

/// Runs a script: each request must put into the log what is behind its arrow, `nothing` if nothing.
#[track_caller]
pub(crate) fn propagates(script: &str) {
    propagates_on(&mut Bench::new(), script);
}

/// As [`propagates`], on an engine that was prepared.
#[track_caller]
pub(crate) fn propagates_on(bench: &mut Bench, script: &str) {
    play(bench, script, |bench, _| bench.propagated());
}

/// Runs a script: each request must record the events behind its arrow.
#[track_caller]
pub(crate) fn notifies(script: &str) {
    let mut bench = Bench::new();
    bench.listen();
    play(&mut bench, script, |bench, _| bench.events());
}

/// Runs a script: each request must count so many changes as are behind its arrow.
#[track_caller]
pub(crate) fn changes(script: &str) {
    play(&mut Bench::new(), script, |bench, _| {
        std::mem::take(&mut bench.node.keyspace.changes_mut().dirty).to_string()
    });
}

fn shown_all(mut out: &[u8]) -> String {
    let mut replies = Vec::new();
    while !out.is_empty() {
        let (value, used) = parse(out).expect("replies are RESP").expect("replies are whole");
        replies.push(shown(&value));
        out = &out[used..];
    }
    replies.join(" & ")
}

fn shown(value: &Value) -> String {
    let list = |values: &[Value]| values.iter().map(shown).collect::<Vec<_>>().join(", ");
    match value {
        Value::Simple(text) | Value::Error(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Bulk(text) => bytes::quoted(text),
        Value::Null => "nil".to_string(),
        Value::NullArray => "nil[]".to_string(),
        Value::Array(values) => format!("[{}]", list(values)),
        Value::Set(values) => format!("~[{}]", list(values)),
        Value::Push(values) => format!(">[{}]", list(values)),
        Value::Map(pairs) => {
            let pairs: Vec<_> =
                pairs.iter().map(|(key, value)| format!("{}: {}", shown(key), shown(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Double(text) => format!(",{}", String::from_utf8_lossy(text)),
        Value::Boolean(truth) => truth.to_string(),
        Value::BigNumber(text) => format!("({}", String::from_utf8_lossy(text)),
        Value::Verbatim { format, text } => {
            format!("{}:{}", String::from_utf8_lossy(format), bytes::quoted(text))
        }
        Value::Attribute { value, .. } => shown(value),
    }
}

fn shown_request(request: &Value) -> String {
    let words = request.as_elements().expect("a request is an array");
    let word = |value: &Value| {
        let bytes = value.as_bytes().expect("the words of a request are bulk strings");
        let plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'"' && *byte != b'\\';
        if !bytes.is_empty() && bytes.iter().all(plain) {
            String::from_utf8_lossy(bytes).into_owned()
        } else {
            bytes::quoted(bytes)
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}
