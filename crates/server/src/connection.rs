//! A client's connection: its socket, what it sent and what it is to get.

use crate::input::{Input, Received};
use engine::client::card::{Card, flag};
use engine::client::outbox::Outbox;
use engine::client::session::Session;
use engine::command::WaitOn;
use log::Offset;
use log::tail::ReaderId;
use net::stream::Stream;
use replication::stream_start::StreamStart;
use resp::request::OwnedRequest;
use resp::request_parser::{Limits, ProtocolError, RequestParser};
use std::io::{self, Write};
use std::sync::atomic::Ordering::Relaxed;

/// How many requests of one connection are parsed ahead at most.
const MOST_REQUESTS: usize = 512;

/// How a replica on this connection is fed.
#[derive(Debug)]
pub enum Feed {
    /// Its full copy is being made or sent by another thread, which owns the socket meanwhile.
    Snapshot,
    /// The copy is sent; the stream begins when the replica says it has loaded it.
    AwaitLoad(StreamStart),
    /// Another thread feeds it from files, and alone writes to the socket meanwhile.
    CatchUp,
    /// It gets the log as it grows.
    Stream(ReaderId),
}

/// A request that waits.
pub struct Waiting {
    /// The request, to be run again.
    pub request: OwnedRequest,
    /// What it waits for.
    pub on: WaitOn,
}

/// A connection.
pub struct Connection {
    /// Its socket.
    pub stream: Stream,
    /// Who it is and what it has chosen.
    pub session: Session,
    /// Bytes received.
    pub input: Input,
    /// Requests in them.
    pub parser: RequestParser,
    /// Parsing ended with as many requests as are parsed at once: more of them may have been received.
    is_parsed_in_part: bool,
    /// Replies.
    pub outbox: Outbox,
    /// The request that waits; others are not run before it.
    pub waiting: Option<Waiting>,
    /// Whether it is in its worker's audience.
    pub is_in_audience: bool,
    /// Set for a replica.
    pub feed: Option<Feed>,
    /// Bytes may be left in the socket although no event will tell.
    pub may_have_more: bool,
    /// The peer sends nothing more: reading goes on until its end is reached.
    pub is_end_near: bool,
    /// The last write would have blocked: an event will tell when there is room.
    pub is_write_blocked: bool,
    /// To be closed at the end of the turn, and why.
    pub closing: Option<String>,
    /// The bytes received are not a request: reported after what came before them is run.
    pub protocol_error: Option<ProtocolError>,
    /// Requests of the batch that were run in this turn.
    pub done: usize,
}

impl Connection {
    /// A connection that has just been accepted.
    pub fn new(stream: Stream, session: Session) -> Connection {
        Connection {
            stream,
            session,
            input: Input::default(),
            parser: RequestParser::default(),
            is_parsed_in_part: false,
            outbox: Outbox::default(),
            waiting: None,
            is_in_audience: false,
            feed: None,
            may_have_more: true,
            is_end_near: false,
            is_write_blocked: false,
            closing: None,
            protocol_error: None,
            done: 0,
        }
    }

    /// Its public face.
    pub fn card(&self) -> &Card {
        &self.session.card
    }

    /// Whether its requests are not run at the moment.
    pub fn is_stopped(&self) -> bool {
        self.waiting.is_some()
            || self.session.close_after_reply
            || self.closing.is_some()
            || matches!(self.feed, Some(Feed::Snapshot))
    }

    /// Whether what it sends is read: also while a request waits, once the peer has ended, so that its end is seen.
    pub fn is_read(&self) -> bool {
        let only_waits = self.waiting.is_some() && self.closing.is_none() && !self.session.close_after_reply;
        !self.is_stopped() || (only_waits && self.is_end_near)
    }

    /// Reads what has come and parses it. Returns the number of bytes.
    pub fn receive(&mut self, limits: &Limits, query_limit_bytes: u64) -> usize {
        self.may_have_more = false;
        if self.closing.is_some() || matches!(self.feed, Some(Feed::Snapshot)) {
            self.may_have_more = true;
            return 0;
        }
        let missing = self.parser.missing_bytes(self.input.len());
        match self.input.read_from(&mut self.stream, missing) {
            Ok(Received::Closed) => {
                self.closing = Some("Client closed connection".to_string());
                0
            }
            Ok(received) => {
                let (Received::More(bytes) | Received::Drained(bytes)) = received else { return 0 };
                self.card().input_bytes.fetch_add(bytes as u64, Relaxed);
                self.may_have_more = self.is_end_near || matches!(received, Received::More(_));
                if self.input.len() as u64 > query_limit_bytes {
                    self.closing = Some("Closing client that reached max query buffer length".to_string());
                    self.card().query_buffer_bytes.store(self.input.len() as u64, Relaxed);
                    return bytes;
                }
                self.parse(limits);
                bytes
            }
            Err(error) => {
                self.closing = Some(format!("Reading from client: {error}"));
                0
            }
        }
    }

    /// Parses what was received and not yet parsed.
    pub fn parse(&mut self, limits: &Limits) {
        if self.protocol_error.is_none() && self.parser.batch().len() < MOST_REQUESTS {
            self.protocol_error = self.parser.parse(self.input.filled(), MOST_REQUESTS, limits).err();
            self.is_parsed_in_part = self.parser.batch().len() >= MOST_REQUESTS;
        }
    }

    /// Whether there may be requests to be run, without anything more being received.
    pub fn has_requests(&self) -> bool {
        !self.parser.batch().is_empty() || self.is_parsed_in_part
    }

    /// Drops the requests that were run in this turn.
    #[inline]
    pub fn drop_done(&mut self) {
        if self.done > 0 || (self.parser.batch().is_empty() && !self.input.is_empty()) {
            let bytes = if self.done == self.parser.batch().len() {
                self.parser.consume_all()
            } else {
                self.parser.consume_some(self.done)
            };
            self.input.drop_front(bytes);
            self.done = 0;
        }
    }

    /// Sends what may be sent. Returns the number of bytes.
    pub fn send(&mut self) -> usize {
        let mut sent = 0;
        while !self.is_write_blocked && !matches!(self.feed, Some(Feed::CatchUp)) {
            let sendable = self.outbox.sendable();
            if sendable.is_empty() {
                break;
            }
            match self.stream.write(sendable) {
                Ok(0) => {
                    self.closing.get_or_insert_with(|| "Client closed connection".to_string());
                    break;
                }
                Ok(bytes) => {
                    sent += bytes;
                    self.outbox.advance(bytes);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_write_blocked = true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.closing.get_or_insert_with(|| format!("Error writing to client: {error}"));
                    break;
                }
            }
        }
        sent
    }

    /// Brings the figures on its card up to date.
    pub fn update_card(&self, sent: usize) {
        let card = self.card();
        card.query_buffer_bytes.store(self.input.len() as u64, Relaxed);
        card.query_buffer_free_bytes.store(self.input.free_bytes() as u64, Relaxed);
        card.outbox_bytes.store(self.outbox.pending_bytes() as u64, Relaxed);
        card.outbox_capacity_bytes.store(self.outbox.capacity_bytes() as u64, Relaxed);
        card.kept_room_bytes.store(self.outbox.room().bytes() as u64, Relaxed);
        card.kept_room_peak_bytes.store(self.outbox.room().peak_bytes() as u64, Relaxed);
        card.output_bytes.fetch_add(sent as u64, Relaxed);
    }

    /// Puts a request aside until what it waits for has come.
    pub fn wait(&mut self, request: OwnedRequest, on: WaitOn) {
        let bits = if on == WaitOn::PauseEnd { flag::PAUSED } else { flag::BLOCKED };
        self.card().set(bits, true);
        self.waiting = Some(Waiting { request, on });
    }

    /// The request that waited was answered.
    pub fn end_wait(&mut self) {
        self.card().set(flag::PAUSED | flag::BLOCKED | flag::UNBLOCK_TIMEOUT | flag::UNBLOCK_ERROR, false);
    }

    /// What was appended to the outbox since `place` waits until the client's last write is durable.
    pub fn fence_since(&mut self, place: usize, offset: Offset) {
        self.outbox.fence(place, offset);
    }
}
