//! Applies the primary's stream: its requests are run as the primary's client, its bytes become our log.

use engine::client::session::Session;
use engine::engine::{Node, TurnClock};
use engine::execute::dispatch;
use resp::request_parser::{Limits, RequestParser};

/// How many requests are run before the execution lock is let go.
const MOST_REQUESTS: usize = 256;

/// The stream's bytes that were received and not yet applied.
#[derive(Default)]
pub struct Stream {
    bytes: Vec<u8>,
    parser: RequestParser,
    replies: Vec<u8>,
    /// Requests of a transaction that is not complete: they become part of the log with its EXEC, so that a link cut
    /// in between goes on before its MULTI.
    held: Vec<u8>,
}

impl Stream {
    /// A stream that begins with bytes that were read ahead.
    pub fn new(ahead: Vec<u8>) -> Stream {
        Stream { bytes: ahead, ..Stream::default() }
    }

    /// Bytes arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Parses ahead, without the lock. Returns whether there is something to apply.
    pub fn parse(&mut self, max_bulk_bytes: u64) -> Result<bool, String> {
        let limits = Limits { max_bulk_bytes, authenticated: true };
        self.parser.parse(&self.bytes, MOST_REQUESTS, &limits).map_err(|error| error.to_string())?;
        Ok(!self.parser.batch().is_empty())
    }

    /// Applies what was parsed. What is to be sent to the primary (the answer to REPLCONF GETACK) is appended to `out`.
    pub fn apply(&mut self, node: &mut Node, session: &mut Session, out: &mut Vec<u8>) {
        node.engine.clock = TurnClock::read();
        let batch = self.parser.batch();
        let mut start = 0;
        for index in 0..batch.len() {
            let request = batch.request(index, &self.bytes);
            self.replies.clear();
            // A request that waits (a blocking one would) has no meaning here: the primary sends what was done.
            let _ = dispatch::dispatch(node, session, request, &mut self.replies);
            if request.word(0).eq_ignore_ascii_case(b"REPLCONF") {
                out.extend_from_slice(&self.replies);
            } else if self.replies.first() == Some(&b'-') {
                report(request.word(0), &self.replies);
            }
            let end = batch.end_of(index + 1);
            self.held.extend_from_slice(&self.bytes[start..end]);
            if session.transaction.is_none() {
                node.engine.propagation.append_stream(&self.held);
                self.held.clear();
            }
            start = end;
        }
        node.engine.stop_timing();
        node.engine.replication.stream_database = session.database;
        self.finish(node);
    }

    fn finish(&mut self, node: &mut Node) {
        let consumed = self.parser.consume_all();
        let skipped = consumed - self.bytes.len().min(consumed);
        debug_assert_eq!(skipped, 0, "what was parsed was received");
        self.bytes.drain(..consumed);
        node.engine.propagation.submit();
        node.engine.propagation.tail.trim();
        node.engine.tell_of_turn(None);
    }
}

/// A request of the primary failed here: the two may differ from now on.
fn report(name: &[u8], reply: &[u8]) {
    let reply = String::from_utf8_lossy(reply);
    let name = String::from_utf8_lossy(name);
    stdx::logging::warning!(
        "== CRITICAL == This replica is sending an error to its master: '{}' after processing the command '{}'",
        reply.trim_start_matches('-').trim_end(),
        name.to_ascii_lowercase()
    );
}
