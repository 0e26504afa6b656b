//! A host's side of its clients' and replicas' connections: requests in, replies out, as a worker's turn has it.

use crate::chronicle::Position;
use crate::copying::Waiting;
use crate::network::ConnectionId;
use crate::process::Process;
use crate::promises::{Pending, Replied};
use engine::client::card::{Card, ClientId, ClientKind, flag};
use engine::client::outbox::Outbox;
use engine::client::session::{Session, WaitEnd};
use engine::command::WaitOn;
use engine::config::options::AppendFsync;
use engine::engine::Node;
use engine::execute::dispatch::{self, Flow};
use engine::facts::replication::ReplicaState;
use engine::facts::replication_events::Cause;
use log::tail::ReaderId;
use replication::primary::{self, Answer};
use replication::stream_start::StreamStart;
use resp::request::{OwnedRequest, Request};
use resp::request_parser::{Limits, RequestParser};
use std::collections::VecDeque;
use std::sync::Arc;

const LIMITS: Limits = Limits { max_bulk_bytes: 1 << 20, authenticated: true };
/// Requests of one connection that are run in a turn.
const MOST_REQUESTS: usize = 64;
/// How much is read from the log's files ahead of the connection, in bytes.
const FILE_BYTES: usize = 64 * 1024;

/// How a replica on a connection is fed.
#[derive(Debug)]
pub enum Feed {
    /// It waits for its copy, or gets it.
    Copy,
    /// The copy is sent; its stream begins when it says that it has loaded it.
    AwaitLoad(ReaderId),
    /// It gets the files' bytes, as far as memory does not reach back.
    Files(StreamStart),
    /// It gets the log as it grows.
    Stream(ReaderId),
}

/// A connection that was accepted.
pub struct Serving {
    pub session: Session,
    pub input: Vec<u8>,
    parser: RequestParser,
    pub outbox: Outbox,
    waiting: Option<(OwnedRequest, WaitOn)>,
    pub feed: Option<Feed>,
    pub is_closing: bool,
    /// Bytes sent so far.
    sent: u64,
    /// Replies to writes that were not sent yet.
    pending: VecDeque<Pending>,
}

impl Serving {
    /// The session of whoever connected from there.
    pub fn accept(node: &mut Node, from: &str) -> Serving {
        let id = node.engine.clients.next_id();
        let now_ms = node.engine.clock.wall_ms;
        let card = Arc::new(Card::new(id, ClientKind::Normal, format!("{from}:1"), String::new(), now_ms));
        node.engine.clients.add(Arc::clone(&card));
        Serving {
            session: Session::new(card, true),
            input: Vec::new(),
            parser: RequestParser::default(),
            outbox: Outbox::default(),
            waiting: None,
            feed: None,
            is_closing: false,
            sent: 0,
            pending: VecDeque::new(),
        }
    }

    /// Its number.
    pub fn client(&self) -> ClientId {
        self.session.card.id
    }

    fn is_stopped(&self) -> bool {
        self.waiting.is_some() || self.is_closing || matches!(self.feed, Some(Feed::Copy))
    }

    /// Takes what may be sent, and notes which replies that are.
    pub fn take_output(&mut self, now_us: u64) -> (Vec<u8>, Vec<Replied>) {
        let bytes = self.outbox.sendable().to_vec();
        self.outbox.advance(bytes.len());
        self.sent += bytes.len() as u64;
        let mut replied = Vec::new();
        while self.pending.front().is_some_and(|pending| pending.ends_at <= self.sent) {
            replied.extend(self.pending.pop_front().map(|one| Replied { sent_us: now_us, ..one.reply }));
        }
        (bytes, replied)
    }
}

/// The number that a request writes, with its key: of the keys whose numbers grow.
fn growing(request: Request<'_>) -> Option<(Vec<u8>, u64)> {
    (request.len() == 3 && request.word(0) == b"SET")
        .then(|| Some((request.word(1).to_vec(), stdx::number::parse_u64(request.word(2))?)))?
}

/// What a reply to WAIT or WAITAOF claims.
#[derive(Debug)]
pub struct Claim {
    /// Up to where.
    pub at: Position,
    /// So many replicas have it.
    pub replicas: u64,
    /// They have it on disk.
    pub on_disk: bool,
    /// This host has it on disk.
    pub on_own_disk: bool,
}

impl Process {
    /// Runs what has come on every connection. Returns what was claimed meanwhile.
    pub fn serve(&mut self, node: &mut Node) -> Vec<Claim> {
        let mut claims = Vec::new();
        let ids: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in ids {
            self.serve_one(node, id, &mut claims);
        }
        claims
    }

    fn serve_one(&mut self, node: &mut Node, id: ConnectionId, claims: &mut Vec<Claim>) {
        let Some(serving) = self.connections.get_mut(&id) else { return };
        serving.is_closing |= serving.session.card.has(flag::CLOSE_NOW);
        resume(node, serving, claims);
        while !serving.is_stopped() {
            if serving.parser.parse(&serving.input, MOST_REQUESTS, &LIMITS).is_err() {
                serving.is_closing = true;
            }
            if serving.parser.batch().is_empty() {
                let dropped = serving.parser.consume_all();
                serving.input.drain(..dropped);
                break;
            }
            let mut done = 0;
            while done < serving.parser.batch().len() && !serving.is_stopped() {
                let request = OwnedRequest::from(serving.parser.batch().request(done, &serving.input));
                done += 1;
                if let Some(waiting) = run(node, serving, request.as_request(), claims) {
                    let answered = primary::answer(node, &mut serving.session, serving.outbox.buffer());
                    self.copies_wanted.extend(note_answer(serving, id, answered, waiting));
                }
            }
            let bytes = if done == serving.parser.batch().len() {
                serving.parser.consume_all()
            } else {
                serving.parser.consume_some(done)
            };
            serving.input.drain(..bytes);
        }
    }

    /// Puts new bytes of the log into the outboxes of replicas.
    pub fn feed(&mut self, node: &mut Node) {
        for serving in self.connections.values_mut() {
            if let Some(Feed::AwaitLoad(reader)) = serving.feed {
                let replica = node.engine.replication.replica_mut(serving.client());
                if replica.is_some_and(|replica| replica.state == ReplicaState::Online) {
                    serving.feed = Some(Feed::Stream(reader));
                }
            }
            serving.feed_from_files(node);
            if let Some(Feed::Stream(reader)) = serving.feed {
                replication::feed::feed(node, reader, &mut serving.outbox);
            }
        }
    }

    /// Lets replies go whose writes are on disk; closes who waits for a disk that fails.
    pub fn release_fences(&mut self, node: &Node) {
        let durable = node.engine.commit.durable();
        let has_failed = node.engine.health.append_only.write_error.is_some();
        for serving in self.connections.values_mut() {
            serving.outbox.release(durable);
            serving.is_closing |= has_failed && serving.outbox.is_fenced();
        }
    }

    /// The connections that are to be closed, forgotten by the node.
    pub fn close_marked(&mut self, node: &mut Node) -> Vec<ConnectionId> {
        let is_marked = |serving: &Serving| {
            serving.is_closing
                || serving.session.close_after_reply
                || serving.session.card.has(flag::CLOSE_NOW)
        };
        let marked: Vec<ConnectionId> =
            self.connections.iter().filter(|(_, serving)| is_marked(serving)).map(|(id, _)| *id).collect();
        for id in &marked {
            self.forget(node, *id);
        }
        marked
    }

    /// A connection is over.
    pub fn forget(&mut self, node: &mut Node, id: ConnectionId) {
        let Some(mut serving) = self.connections.remove(&id) else { return };
        let is_replica = serving.feed.is_some();
        match serving.feed.take() {
            Some(Feed::AwaitLoad(reader) | Feed::Stream(reader)) => {
                node.engine.propagation.tail.unpin(reader);
            }
            Some(Feed::Files(_)) => {}
            Some(Feed::Copy) => self.copies_wanted.retain(|waiting| waiting.connection != id),
            None => {}
        }
        if is_replica {
            primary::forget(node, serving.client(), (Cause::ClosedByPeer, ""));
        }
        node.forget(&mut serving.session);
        node.engine.clients.remove(serving.client());
    }
}

/// A replica asked to be synchronised: what the data held then.
struct Asked {
    wanted: Option<(Vec<u8>, log::Offset)>,
}

fn note_answer(
    serving: &mut Serving,
    connection: ConnectionId,
    answer: Answer,
    asked: Asked,
) -> Option<Waiting> {
    match answer {
        Answer::Refused => None,
        Answer::Continue(reader) => {
            serving.feed = Some(Feed::Stream(reader));
            None
        }
        Answer::CatchUp(start) => {
            serving.feed = Some(Feed::Files(start));
            None
        }
        Answer::Snapshot(wanted) => {
            serving.feed = Some(Feed::Copy);
            let client = serving.client();
            Some(Waiting { connection, client, wanted, had: asked.wanted })
        }
    }
}

/// Whether a reply to a write promises that it is on disk, by what is configured.
fn promises_disk(node: &Node) -> bool {
    let files = &node.engine.health.append_only;
    node.engine.config.append_only.appendfsync == AppendFsync::Always
        && files.is_enabled
        && !files.is_fsync_suspended
}

/// Runs one request. Returns what a replica asked for, if it asked to be synchronised.
fn run(
    node: &mut Node,
    serving: &mut Serving,
    request: Request<'_>,
    claims: &mut Vec<Claim>,
) -> Option<Asked> {
    let (place, before) = (serving.outbox.place(), serving.session.last_write);
    let flow = dispatch::dispatch(node, &mut serving.session, request, serving.outbox.buffer());
    after(node, serving, request, (place, before), flow, claims);
    let wanted = serving.session.sync_request.clone()?;
    let engine::client::session::SyncRequest::Partial(wanted) = wanted else {
        return Some(Asked { wanted: None });
    };
    Some(Asked { wanted })
}

/// What follows from a request that has run: a fence, a wait, what its reply says.
fn after(
    node: &mut Node,
    serving: &mut Serving,
    request: Request<'_>,
    (place, before): (usize, log::Offset),
    flow: Flow,
    claims: &mut Vec<Claim>,
) {
    let at = Position { id: node.engine.propagation.history.id, offset: serving.session.last_write };
    if let Flow::Wait(on) = flow {
        serving.session.card.set(flag::BLOCKED, true);
        serving.waiting = Some((OwnedRequest::from(request), on));
        return;
    }
    if serving.session.last_write != before {
        if node.engine.fences_writes() {
            serving.outbox.fence(place, serving.session.last_write);
        }
        if let Some((key, number)) = growing(request) {
            let is_forced = promises_disk(node);
            let reply = Replied { key, number, at, sent_us: 0, is_forced };
            let ends_at = serving.sent + serving.outbox.pending_bytes() as u64;
            serving.pending.push_back(Pending { ends_at, reply });
        }
    }
    let replied = serving.outbox_since(place);
    claims.extend(claim(request.word(0), at, &replied));
}

impl Serving {
    /// Reads the log's files as far as they go, until memory can go on.
    fn feed_from_files(&mut self, node: &mut Node) {
        let Some(Feed::Files(start)) = &mut self.feed else { return };
        if start.kept.end() < start.from {
            return;
        }
        let Ok(mut source) = start.kept.source(start.from) else {
            self.is_closing = true;
            return;
        };
        while self.outbox.pending_bytes() < FILE_BYTES {
            if let Some(reader) = node.engine.propagation.tail.pin(source.position()) {
                self.feed = Some(Feed::Stream(reader));
                return;
            }
            match source.read(self.outbox.buffer(), FILE_BYTES) {
                Ok(0) => break,
                Ok(_) => {}
                Err(_) => {
                    self.is_closing = true;
                    break;
                }
            }
        }
        start.from = source.position();
    }

    fn outbox_since(&mut self, place: usize) -> Vec<u8> {
        self.outbox.buffer().get(place..).unwrap_or_default().to_vec()
    }
}

fn claim(command: &[u8], at: Position, reply: &[u8]) -> Option<Claim> {
    let text = std::str::from_utf8(reply).ok()?;
    let mut numbers = text.split("\r\n").filter_map(|line| line.strip_prefix(':')?.parse::<u64>().ok());
    match command {
        b"WAIT" => Some(Claim { at, replicas: numbers.next()?, on_disk: false, on_own_disk: false }),
        b"WAITAOF" => {
            let own = numbers.next()?;
            Some(Claim { at, replicas: numbers.next()?, on_disk: true, on_own_disk: own > 0 })
        }
        _ => None,
    }
}

/// Runs a request again that waited, if its time is over or something may have changed.
fn resume(node: &mut Node, serving: &mut Serving, claims: &mut Vec<Claim>) {
    let Some((request, on)) = serving.waiting.take() else { return };
    let now_ms = node.engine.clock.monotonic_ms;
    let why = match on {
        WaitOn::Acknowledgements { deadline_ms } if deadline_ms != 0 && now_ms >= deadline_ms => {
            WaitEnd::TimedOut
        }
        WaitOn::PauseEnd if node.engine.health.is_paused(now_ms) => {
            serving.waiting = Some((request, on));
            return;
        }
        _ => WaitEnd::Changed,
    };
    serving.session.card.set(flag::BLOCKED, false);
    let (place, before) = (serving.outbox.place(), serving.session.last_write);
    let request = request.as_request();
    let flow = dispatch::resume(node, &mut serving.session, request, why, serving.outbox.buffer());
    after(node, serving, request, (place, before), flow, claims);
}
