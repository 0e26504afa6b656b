//! What is looked at every 100 milliseconds: figures for INFO, and whether a job is due.

use crate::due::{self, SaveFigures};
use crate::log_files::{retention, total_keys};
use crate::persistence::Persistence;
use engine::engine::Node;
use engine::facts::health::Outcome;
use log::writer::Continuity;
use log::writer_thread::Request;
use std::sync::atomic::Ordering;

impl Persistence {
    /// Ten times a second, under the execution lock.
    pub fn cron(&self, node: &mut Node) {
        node.engine.hear_disk();
        self.follow_options(node);
        self.take_figures(node);
        if node.engine.health.loading.as_ref().is_some_and(|loading| !loading.is_async) {
            return;
        }
        self.attach_again(node);
        self.rewrite_if_due(node);
        self.begin_file_if_due(node);
        self.save_if_due(node);
    }

    /// A shutdown that failed after the log was closed leaves the process without it.
    fn attach_again(&self, node: &mut Node) {
        let is_missing = node.engine.config.append_only.appendonly && self.with(|state| state.log.is_none());
        let may_try = || node.engine.clock.monotonic_ms >= self.with(|state| state.rewrite_not_before_ms);
        if is_missing && may_try() && !self.is_busy(node) && self.turn_on(node).is_err() {
            self.note_failure(node);
        }
    }

    fn take_figures(&self, node: &mut Node) {
        let keys = total_keys(node);
        let health = &mut node.engine.health;
        self.with(|state| {
            if let (Some(job), Some(save)) = (&mut health.save.job, &state.save) {
                job.keys_done = save.keys_done();
            }
            if let (Some(job), Some(rewrite)) = (&mut health.append_only.rewrite, &state.rewrite) {
                job.keys_done = rewrite.keys_done();
            }
            let Some(log) = &state.log else { return };
            log.facts.keys.store(keys, Ordering::Relaxed);
            let status = log.submission.status();
            let files = &mut health.append_only;
            files.current_bytes = log.older_bytes + status.closed_bytes + status.increment_bytes;
            files.buffer_bytes = (status.waiting_bytes + log.submission.queued_bytes()) as u64;
            files.delayed_fsyncs = log.submission.delays();
            files.held = log.submission.held_files().facts();
            let now_s = u64::try_from(node.engine.clock.wall_ms / 1000).unwrap_or(0);
            if log.submission.held_files().has_surplus(retention(&node.engine.config), now_s) {
                log.submission.request(Request::TrimKept);
            }
        });
    }

    fn is_busy(&self, node: &Node) -> bool {
        node.keyspace.is_snapshot_running()
            || self.with(|state| state.save.is_some() || state.rewrite.is_some())
    }

    /// Whether nothing that is written is safe before a rewrite has worked: also while the log's thread has not heard yet that
    /// the last one failed.
    pub(crate) fn is_rewrite_urgent(&self) -> bool {
        self.with(|state| {
            let log = state.log.as_ref();
            log.is_some_and(|log| log.is_new || log.submission.status().continuity != Continuity::Whole)
        })
    }

    fn rewrite_if_due(&self, node: &mut Node) {
        if self.is_busy(node) {
            return;
        }
        let may_try = node.engine.clock.monotonic_ms >= self.with(|state| state.rewrite_not_before_ms);
        let files = &node.engine.health.append_only;
        let options = &node.engine.config.append_only;
        let growth = files.is_enabled.then(|| {
            let (percentage, least) =
                (options.auto_aof_rewrite_percentage, options.auto_aof_rewrite_min_size);
            due::growth_to_rewrite(files.current_bytes, files.base_bytes, percentage, least)
        });
        let growth = growth.flatten();
        if !may_try || !(files.is_rewrite_scheduled || growth.is_some() || self.is_rewrite_urgent()) {
            return;
        }
        if let Some(growth) = growth.filter(|_| !files.is_rewrite_scheduled) {
            stdx::logging::notice!("Starting automatic rewriting of AOF on {growth}% growth");
        }
        // The reasons of a failure are in the log, and the next try is put off.
        let _ = self.begin_rewrite(node);
    }

    fn save_if_due(&self, node: &mut Node) {
        if self.is_busy(node) {
            return;
        }
        let now_s = node.engine.clock.wall_ms / 1000;
        let save = &node.engine.health.save;
        let figures = SaveFigures {
            changes: node.keyspace.changes().dirty,
            last_save_s: save.last_save_s,
            last_try_s: save.last_try_s,
            has_failed: save.last_outcome == Outcome::Failed,
        };
        let reached = figures.reached(&node.engine.config.snapshotting.save, now_s);
        if let Some(point) = reached {
            stdx::logging::notice!("{} changes in {} seconds. Saving...", point.changes, point.seconds);
        } else if !(save.is_scheduled && figures.may_try(now_s)) {
            return;
        }
        // As above: what failed is tried again after some seconds.
        let _ = self.begin_save(node);
    }
}
