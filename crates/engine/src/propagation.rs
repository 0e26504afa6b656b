//! The one door for writes: what a command changed, as sent or rewritten, becomes bytes of the log.
//!
//! A unit (a command, a transaction) may record several operations; they leave together at its end, framed by MULTI and
//! EXEC when there is more than one, so that no reader of the log ever applies half a unit.

use log::Offset;
use log::held_files::HeldFiles;
use log::history::{History, ReplicationId};
use log::tail::{ReaderId, Tail};
use log::writer_thread::SlowestWork;
use resp::request::{Request, append_multibulk};
use std::sync::Arc;
use std::time::Duration;

/// The log as the engine sees it: where it appends, and the reader that hands it to the disk.
pub struct Propagation {
    /// The log's bytes in memory.
    pub tail: Tail,
    /// Whose log it is.
    pub history: History,
    file: Option<FileReader>,
    selected: Option<u32>,
    /// The end of the last request for acknowledgements.
    asked_up_to: Offset,
    pending: Vec<u8>,
    operations: Vec<(u32, usize)>,
}

/// Where the log goes on its way to disk: copied to the thread that writes it.
pub trait DiskLog: Send {
    /// Takes over bytes that end at `end`: all parts together are whole requests and whole transactions.
    fn append(&mut self, parts: &[&[u8]], end: Offset);

    /// Everything of this turn was appended.
    fn wake(&mut self);

    /// From the end of what was appended on the log is that of another history.
    fn branch(&mut self, history: &History);

    /// The log goes on at `offset` of another history: what was appended before has nothing to do with it.
    fn restart(&mut self, history: &History, offset: Offset);

    /// Everything before this offset is on disk. Cheap: asked every turn.
    fn durable(&self) -> Offset;

    /// How long writing took at most since the last call. Cheap.
    fn take_slowest(&self) -> SlowestWork;

    /// From now on every write takes this much longer, for tests of what depends on a slow disk.
    fn delay_writes(&self, delay: Duration);

    /// The files that hold the log, to be read by replicas that miss more than memory holds.
    fn held_files(&self) -> Option<&Arc<HeldFiles>>;

    /// Why the disk takes no writes; `None` while it does. Cheap while it does: asked every turn.
    fn failure(&self) -> Option<String>;
}

/// The log's reader that feeds the disk.
struct FileReader {
    submission: Box<dyn DiskLog>,
    reader: ReaderId,
    submitted: Offset,
    /// The history that the disk knows.
    id: ReplicationId,
}

impl Propagation {
    /// An empty log of a new history.
    pub fn new(backlog_bytes: u64) -> Propagation {
        Propagation {
            tail: Tail::new(Offset::ZERO, backlog_bytes),
            history: History::new(new_id()),
            file: None,
            selected: None,
            asked_up_to: Offset::ZERO,
            pending: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// The end of the log.
    #[inline]
    pub fn end(&self) -> Offset {
        self.tail.end()
    }

    /// Whether anybody reads the log: otherwise nothing is written to it.
    #[inline]
    pub fn is_active(&self) -> bool {
        self.tail.is_active()
    }

    /// Records a request as it came.
    #[inline]
    pub fn record(&mut self, database: u32, request: Request<'_>) {
        if self.is_active() {
            request.append_to(&mut self.pending);
            self.operations.push((database, self.pending.len()));
        }
    }

    /// Records a rewritten request.
    pub fn record_words(&mut self, database: u32, words: &[&[u8]]) {
        if self.is_active() {
            append_multibulk(&mut self.pending, words.iter().copied());
            self.operations.push((database, self.pending.len()));
        }
    }

    /// Whether something is recorded that has not left.
    #[inline]
    pub fn has_pending(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Ends a unit: what was recorded becomes part of the log. Returns the log's end.
    pub fn commit(&mut self) -> Offset {
        let framed = self.operations.len() > 1;
        if framed {
            self.tail.append(b"*1\r\n$5\r\nMULTI\r\n");
        }
        let mut start = 0;
        for index in 0..self.operations.len() {
            let (database, end) = self.operations[index];
            self.select(database);
            self.tail.append(&self.pending[start..end]);
            start = end;
        }
        if framed {
            self.tail.append(b"*1\r\n$4\r\nEXEC\r\n");
        }
        self.operations.clear();
        self.pending.clear();
        self.pending.shrink_to(1 << 20);
        self.tail.end()
    }

    /// Ends a unit whose operations do not belong together (keys that expired): no frame around them.
    pub fn commit_unframed(&mut self) -> Offset {
        let mut start = 0;
        for (database, end) in std::mem::take(&mut self.operations) {
            self.select(database);
            self.tail.append(&self.pending[start..end]);
            start = end;
        }
        self.pending.clear();
        self.tail.end()
    }

    fn select(&mut self, database: u32) {
        if self.selected != Some(database) {
            self.selected = Some(database);
            let mut select = Vec::with_capacity(32);
            let number = database.to_string();
            append_multibulk(&mut select, [b"SELECT".as_slice(), number.as_bytes()]);
            self.tail.append(&select);
        }
    }

    /// Appends bytes of the stream of the primary that we follow: complete requests, exactly as received.
    pub fn append_stream(&mut self, bytes: &[u8]) -> Offset {
        self.tail.append(bytes)
    }

    /// Appends a request that changes nothing (PING, REPLCONF GETACK) for those who read the log.
    pub fn append_words(&mut self, words: &[&[u8]]) -> Offset {
        let mut bytes = Vec::with_capacity(64);
        append_multibulk(&mut bytes, words.iter().copied());
        self.tail.append(&bytes)
    }

    /// Asks those who read the log to say how far they are, unless that is the last thing in it anyway.
    pub fn ask_acknowledgements(&mut self) {
        if self.asked_up_to != self.tail.end() || self.asked_up_to == Offset::ZERO {
            self.append_question();
        }
    }

    /// Asks those who read the log to say how far they are. Returns the log's end behind the question.
    pub fn append_question(&mut self) -> Offset {
        self.asked_up_to = self.append_words(&[b"REPLCONF", b"GETACK", b"*"]);
        self.asked_up_to
    }

    /// The end of the last question.
    #[inline]
    pub fn asked_up_to(&self) -> Offset {
        self.asked_up_to
    }

    /// The next operation names its database: a reader begins here that knows nothing of what went before.
    pub fn forget_selected(&mut self) {
        self.selected = None;
    }

    /// From here on the log also goes to disk.
    pub fn attach_file(&mut self, submission: Box<dyn DiskLog>) {
        self.detach_file();
        let submitted = self.tail.end();
        let reader = self.tail.pin(submitted).expect("the log's end can always be read");
        self.file = Some(FileReader { submission, reader, submitted, id: self.history.id });
        self.forget_selected();
    }

    /// The log goes to disk no longer.
    pub fn detach_file(&mut self) {
        if let Some(file) = self.file.take() {
            self.tail.unpin(file.reader);
        }
    }

    /// Whether the log goes to disk.
    pub fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// What the disk says of itself: up to where the log is safe there, and why it takes no writes. `None` without one.
    #[inline]
    pub fn disk(&self) -> Option<&dyn DiskLog> {
        self.file.as_ref().map(|file| &*file.submission)
    }

    /// The files from which the log can be read up to its end, once what was appended has been written. `None` without a
    /// log on disk, or while the disk takes no writes.
    pub fn held_files(&self) -> Option<&Arc<HeldFiles>> {
        let disk = self.disk()?;
        if disk.failure().is_some() { None } else { disk.held_files() }
    }

    /// Hands what was appended since the last call to the log's writer. Once a turn, and between two units only.
    pub fn submit(&mut self) {
        let Propagation { tail, history, file, .. } = self;
        let Some(file) = file else { return };
        let end = tail.end();
        if file.id != history.id {
            let branched_at = history.second_id.map_or(end, |(_, at)| at.min(end));
            file.hand_over(tail, branched_at);
            file.submission.branch(history);
            file.id = history.id;
        }
        if file.submitted != end {
            file.hand_over(tail, end);
            file.submission.wake();
            tail.advance(file.reader, end);
        }
    }

    /// Follows another history from `offset` on: a full copy of it has been loaded.
    pub fn adopt(&mut self, id: ReplicationId, offset: Offset) {
        self.history = History::new(id);
        self.restart_at(offset);
    }

    /// The log goes on at another offset; what was in memory is forgotten.
    pub fn restart_at(&mut self, offset: Offset) {
        let submission = self.file.take().map(|file| {
            self.tail.unpin(file.reader);
            file.submission
        });
        self.tail.restart(offset);
        self.forget_selected();
        if let Some(mut submission) = submission {
            submission.restart(&self.history, offset);
            self.attach_file(submission);
        }
    }

    /// A history of our own begins here; the old one stays known up to here.
    pub fn branch(&mut self) {
        self.history.shift(new_id(), self.tail.end());
        self.forget_selected();
    }
}

impl FileReader {
    /// Hands over everything up to `end` at once: the writer may note its position behind every piece.
    fn hand_over(&mut self, tail: &Tail, end: Offset) {
        let mut parts: Vec<&[u8]> = Vec::new();
        while self.submitted < end
            && let Some(bytes) = tail.read(self.submitted).filter(|bytes| !bytes.is_empty())
        {
            let wanted = usize::try_from(end.bytes_since(self.submitted)).unwrap_or(usize::MAX);
            let part = bytes.get(..wanted).unwrap_or(bytes);
            self.submitted = self.submitted.plus(part.len());
            parts.push(part);
        }
        if !parts.is_empty() {
            self.submission.append(&parts, self.submitted);
        }
    }
}

/// A new history's id.
pub fn new_id() -> ReplicationId {
    ReplicationId::parse(&stdx::random::hex_id()).expect("a hex id is a replication id")
}
