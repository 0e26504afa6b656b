//! The thread's loop: wait, take, write, force, publish.

use super::queue::Batch;
use super::{Request, Shared, ThreadOptions};
use crate::offset::Offset;
use crate::policy::{FsyncPolicy, Moment};
use crate::writer::{Failure, LogWriter};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

pub(super) struct Driver {
    writer: LogWriter,
    shared: Arc<Shared>,
    options: ThreadOptions,
    spare: Vec<u8>,
    write_delay: Duration,
}

/// Whatever ends the thread, nobody may wait for it afterwards.
struct LastWord(Arc<Shared>);

impl Drop for LastWord {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.published.is_ok.store(false, Ordering::Release);
        }
        self.0.queue().is_dead = true;
        self.0.room.notify_all();
    }
}

impl Driver {
    pub fn new(writer: LogWriter, shared: Arc<Shared>, options: ThreadOptions) -> Self {
        Self { writer, shared, options, spare: Vec::new(), write_delay: Duration::ZERO }
    }

    pub fn run(mut self) -> Result<(), Failure> {
        let _last_word = LastWord(Arc::clone(&self.shared));
        loop {
            let (batch, is_closing) = self.wait();
            self.work(batch);
            if is_closing {
                return self.close();
            }
            self.publish();
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        let closed = self.writer.close(self.now());
        self.publish();
        closed
    }

    /// One round without a thread: what has come, and what is due.
    pub fn work_off(&mut self) {
        let batch = self.shared.queue().take(std::mem::take(&mut self.spare));
        self.work(batch);
        self.publish();
    }

    /// The last round without a thread.
    pub fn finish(&mut self) -> Result<(), Failure> {
        let _last_word = LastWord(Arc::clone(&self.shared));
        self.work_off();
        self.close()
    }

    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.writer.next_deadline_ms()
    }

    fn now(&self) -> Moment {
        (self.options.clock)()
    }

    /// Sleeps until something has come or is due. Closing waits until the queue is empty.
    fn wait(&mut self) -> (Batch, bool) {
        let mut queue = self.shared.queue();
        while queue.is_empty() && !queue.is_closing {
            let due_in = self.writer.next_deadline_ms().map(|at| at.saturating_sub(self.now().monotonic_ms));
            if due_in == Some(0) {
                break;
            }
            queue.is_waiting = true;
            queue = match due_in {
                None => self.shared.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(ms) => {
                    let timeout = Duration::from_millis(ms);
                    let waited = self.shared.arrived.wait_timeout(queue, timeout);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            queue.is_waiting = false;
        }
        let batch = queue.take(std::mem::take(&mut self.spare));
        let is_closing = queue.is_closing;
        drop(queue);
        self.shared.room.notify_all();
        (batch, is_closing)
    }

    fn work(&mut self, batch: Batch) {
        let Batch { bytes, end, requests } = batch;
        let mut from = 0;
        for placed in requests {
            self.write(bytes.get(from..placed.after_bytes).unwrap_or_default(), placed.end);
            from = placed.after_bytes;
            self.carry_out(placed.request);
        }
        self.write(bytes.get(from..).unwrap_or_default(), end);
        self.spare = bytes;
        if self.writer.policy() == FsyncPolicy::Always && self.writer.durable_offset() < self.writer.end() {
            self.sync_if_healthy();
        }
        let _ = self.while_syncing(LogWriter::tick);
    }

    fn write(&mut self, bytes: &[u8], end: Offset) {
        if !bytes.is_empty() {
            let now = self.now();
            if !self.write_delay.is_zero() {
                std::thread::sleep(self.write_delay);
            }
            let _ = self.writer.write(bytes, end, now);
            self.shared.published.slowest_write_ms.fetch_max(self.ms_since(now), Ordering::Relaxed);
        }
    }

    /// While something is failing, only the retry in `tick` tries again.
    fn sync_if_healthy(&mut self) {
        if self.writer.status().is_ok() {
            let began = self.now();
            let _ = self.while_syncing(LogWriter::sync);
            self.shared.published.slowest_sync_ms.fetch_max(self.ms_since(began), Ordering::Relaxed);
        }
    }

    fn ms_since(&self, began: Moment) -> u64 {
        self.now().monotonic_ms.saturating_sub(began.monotonic_ms)
    }

    fn while_syncing<T>(&mut self, work: impl FnOnce(&mut LogWriter, Moment) -> T) -> T {
        let now = self.now();
        self.shared.published.is_syncing.store(true, Ordering::Relaxed);
        let result = work(&mut self.writer, now);
        self.shared.published.is_syncing.store(false, Ordering::Relaxed);
        result
    }

    fn carry_out(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Sync(done) => {
                let result = self.while_syncing(LogWriter::sync);
                self.publish();
                done(result);
            }
            Request::Rotate { prologue, done } => {
                let result = self.writer.rotate(&prologue, now);
                self.publish();
                done(result);
            }
            Request::FinishRewrite { base, format, done } => {
                let result = self.writer.finish_rewrite(&base, format);
                self.publish();
                done(result);
            }
            Request::AbandonRewrite { base } => self.writer.abandon_rewrite(base.as_deref()),
            Request::Branch(branch) => drop(self.writer.branch(branch, now)),
            Request::Restart { id, chain, offset } => self.writer.restart(id, chain, offset),
            Request::SetPolicy(policy) => self.writer.set_policy(policy),
            Request::SetTimestamps(timestamps) => self.writer.set_timestamps(timestamps),
            Request::SetRetention(retention) => self.writer.set_retention(retention, now),
            Request::TrimKept => self.writer.trim_kept(now),
            Request::DelayWrites(delay) => self.write_delay = delay,
        }
    }

    fn publish(&mut self) {
        let published = &self.shared.published;
        let durable = self.writer.durable_offset().0;
        let status = self.writer.status();
        let is_ok = status.is_ok();
        let has_advanced = published.durable.swap(durable, Ordering::AcqRel) != durable;
        let has_turned = published.is_ok.swap(is_ok, Ordering::AcqRel) != is_ok;
        *published.status.lock().expect("no holder panics") = status;
        if has_advanced || has_turned {
            (self.options.notify)();
        }
    }
}
