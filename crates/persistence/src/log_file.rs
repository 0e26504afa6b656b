//! The log's end that the engine sees: what a turn has written goes to the thread that writes files.

use engine::propagation::DiskLog;
use log::held_files::HeldFiles;
use log::history::{Branch, Chain};
use log::writer_thread::{Request, SlowestWork, Submission};
use log::{History, Offset};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What both the engine's end and the owner of the log look at.
#[derive(Debug, Default)]
pub struct Facts {
    /// Keys in the data set, as cron saw them last: noted where a history begins.
    pub keys: AtomicU64,
    /// The log goes on elsewhere, and no file has begun there yet: what the thread says is of the old place.
    pub is_moving: AtomicBool,
}

/// The engine's end of the append-only log.
pub struct LogFile {
    /// The way to the thread.
    pub submission: Submission,
    /// Shared with the log's owner.
    pub facts: Arc<Facts>,
}

impl LogFile {
    fn link(&self, history: &History) -> Branch {
        let keys = self.facts.keys.load(Ordering::Relaxed);
        let (parent, at) = history.second_id.map_or((None, Offset::ZERO), |(id, at)| (Some(id), at));
        Branch { id: history.id, parent, at, keys }
    }
}

impl DiskLog for LogFile {
    fn append(&mut self, parts: &[&[u8]], end: Offset) {
        self.submission.append_parts(parts, end);
    }

    fn wake(&mut self) {
        self.submission.wake();
    }

    fn branch(&mut self, history: &History) {
        self.submission.request(Request::Branch(self.link(history)));
    }

    fn restart(&mut self, history: &History, offset: Offset) {
        self.facts.is_moving.store(true, Ordering::Release);
        let mut chain = Chain::new();
        if history.second_id.is_some() {
            chain.push(self.link(history));
        }
        self.submission.request(Request::Restart { id: history.id, chain, offset });
    }

    fn durable(&self) -> Offset {
        if self.facts.is_moving.load(Ordering::Acquire) {
            Offset::ZERO
        } else {
            self.submission.durable_offset()
        }
    }

    fn take_slowest(&self) -> SlowestWork {
        self.submission.take_slowest()
    }

    fn delay_writes(&self, delay: Duration) {
        self.submission.request(Request::DelayWrites(delay));
    }

    fn held_files(&self) -> Option<&Arc<HeldFiles>> {
        let is_moving = self.facts.is_moving.load(Ordering::Acquire);
        (!is_moving).then(|| self.submission.held_files())
    }

    fn failure(&self) -> Option<String> {
        if self.submission.is_ok() || self.facts.is_moving.load(Ordering::Acquire) {
            return None;
        }
        let status = self.submission.status();
        let gap = || "the append-only file is to be written anew".to_string();
        Some(status.failure.map_or_else(gap, |failure| failure.message))
    }
}
