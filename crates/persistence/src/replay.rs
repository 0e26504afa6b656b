//! Runs the commands of append-only files, as a client of its own that nobody refuses.

use crate::access::Access;
use engine::client::card::ClientKind;
use engine::client::session::Session;
use engine::engine::TurnClock;
use engine::execute::dispatch;
use engine::observability::stats::Stats;
use log::Offset;
use log::scan::Arguments;
use resp::request::{OwnedRequest, Request, Span};
use std::fmt;

/// Commands that run before the node is let go.
const COMMANDS_AT_ONCE: u32 = 512;

/// Why a command cannot be run: the file is not loaded.
#[derive(Debug)]
pub struct Refused {
    /// Where in the file the command begins.
    pub file_offset: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at offset {}: {}", self.file_offset, self.reason)
    }
}

impl std::error::Error for Refused {}

/// The client that runs the commands, and what belongs to it.
pub struct Replay<'a, 'n> {
    access: &'a mut Access<'n>,
    session: Session,
    /// The commands since MULTI: they run with EXEC, or never.
    transaction: Option<Vec<OwnedRequest>>,
    spans: Vec<Span>,
    replies: Vec<u8>,
    run: u32,
    /// The counters as they were: loading is not a client's work.
    stats: Stats,
    /// The stream's last bytes are kept for replicas.
    keeps_tail: bool,
}

impl<'a, 'n> Replay<'a, 'n> {
    /// Begins. With `keeps_tail` the bytes of the stream go into the log's memory, as far as the backlog reaches.
    pub fn new(access: &'a mut Access<'n>, keeps_tail: bool) -> Replay<'a, 'n> {
        let node = access.node();
        node.engine.clock = TurnClock::read();
        let stats = node.engine.stats.clone();
        if keeps_tail {
            node.engine.propagation.tail.activate_backlog();
        }
        Replay {
            access,
            session: Session::internal(ClientKind::Internal),
            transaction: None,
            spans: Vec::new(),
            replies: Vec::new(),
            run: 0,
            stats,
            keeps_tail,
        }
    }

    /// The node.
    pub fn access(&mut self) -> &mut Access<'n> {
        self.access
    }

    /// A file begins: in database 0, outside of a transaction.
    pub fn begin_file(&mut self) {
        self.session.select(0);
        self.transaction = None;
    }

    /// The database that the last command has left selected.
    pub fn database(&self) -> u32 {
        self.session.database
    }

    /// Runs a command. `end` is the stream's offset behind it, if it is of the stream.
    pub fn command(
        &mut self,
        arguments: Arguments<'_>,
        file_offset: u64,
        end: Option<Offset>,
    ) -> Result<(), Refused> {
        let bytes = arguments.as_bytes();
        self.spans.clear();
        let span =
            |place: &std::ops::Range<usize>| Span { start: place.start as u32, len: place.len() as u32 };
        self.spans.extend(arguments.places().iter().map(span));
        let spans = std::mem::take(&mut self.spans);
        let outcome = self.request(Request::new(bytes, &spans, Some(bytes)));
        self.spans = spans;
        outcome.map_err(|reason| Refused { file_offset, reason })?;
        if let Some(end) = end.filter(|_| self.keeps_tail) {
            self.keep(bytes, end);
        }
        self.run += 1;
        if self.run.is_multiple_of(COMMANDS_AT_ONCE) {
            self.access.node().engine.propagation.tail.trim();
        }
        Ok(())
    }

    /// Whether it is time to tell how far loading is.
    pub fn is_at_pause(&self) -> bool {
        self.run.is_multiple_of(COMMANDS_AT_ONCE)
    }

    fn request(&mut self, request: Request<'_>) -> Result<(), String> {
        let name = request.word(0);
        if name.eq_ignore_ascii_case(b"MULTI") {
            self.transaction = Some(Vec::new());
            return Ok(());
        }
        if name.eq_ignore_ascii_case(b"EXEC") {
            let queue = self.transaction.take().unwrap_or_default();
            return queue.iter().try_for_each(|queued| self.run(queued.as_request()));
        }
        if name.eq_ignore_ascii_case(b"DISCARD") {
            self.transaction = None;
            return Ok(());
        }
        match &mut self.transaction {
            Some(queue) => queue.push(OwnedRequest::from(request)),
            None => return self.run(request),
        }
        Ok(())
    }

    fn run(&mut self, request: Request<'_>) -> Result<(), String> {
        let node = self.access.node();
        let shown = || String::from_utf8_lossy(request.word(0)).chars().take(64).collect::<String>();
        if node.engine.table.find(request.word(0)).is_none() {
            return Err(format!("Unknown command '{}'", shown()));
        }
        self.replies.clear();
        let _ = dispatch::dispatch(node, &mut self.session, request, &mut self.replies);
        if self.replies.first() == Some(&b'-') {
            let reply = String::from_utf8_lossy(&self.replies).trim_start_matches('-').trim_end().to_string();
            if request.word(0).eq_ignore_ascii_case(b"SELECT") {
                return Err(format!("{reply}: what follows belongs to another database"));
            }
            stdx::logging::warning!(
                "== CRITICAL == This server is sending an error to its AOF-loading client: '{reply}' after processing \
                 the command '{}'",
                shown().to_ascii_lowercase()
            );
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8], end: Offset) {
        let tail = &mut self.access.node().engine.propagation.tail;
        let begin = Offset(end.0.saturating_sub(bytes.len() as u64));
        if tail.end() != begin {
            tail.restart(begin);
        }
        tail.append(bytes);
    }
}

impl Drop for Replay<'_, '_> {
    fn drop(&mut self) {
        let stats = std::mem::take(&mut self.stats);
        let node = self.access.node();
        node.engine.stop_timing();
        node.engine.stats = stats;
        node.keyspace.changes_mut().modified.clear();
        node.keyspace.changes_mut().removed.clear();
        node.keyspace.changes_mut().removed_fields.clear();
        self.access.let_go();
    }
}
