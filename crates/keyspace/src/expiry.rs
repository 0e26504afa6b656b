//! Active expiry: looks at some segments in turn and removes what is past its time.
//!
//! Slots know whether their entry expires, and segments how many do: a cycle passes quickly over keys without expiry
//! and finds the few that have one. It reads no clock; the caller repeats it while there is time and much is stale.

use crate::changes::Removal;
use crate::directory::{Directory, END, Place};
use crate::keyspace::Keyspace;
use crate::segment::{BUCKET_SLOTS, Spot};

/// How much one cycle may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpireBudget {
    /// Keys with an expiry that are looked at.
    pub samples: usize,
    /// Segments that are passed, with and without such keys.
    pub segments: usize,
}

impl ExpireBudget {
    /// The budget of an `active-expire-effort` from 1 to 10.
    pub fn of_effort(effort: u8) -> ExpireBudget {
        let effort = usize::from(effort.clamp(1, 10));
        ExpireBudget { samples: 200 * effort, segments: 256 * effort }
    }
}

/// What a cycle did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CycleReport {
    /// Keys removed.
    pub expired: usize,
    /// Keys with an expiry looked at.
    pub sampled: usize,
    /// Share of the sampled keys that were past their time, 0 to 1: worth another cycle when high.
    pub stale_fraction: f64,
    /// Whether every key with an expiry was looked at.
    pub complete: bool,
}

/// Where the next cycle goes on.
#[derive(Default, Clone, Copy, Debug)]
pub(crate) struct ExpireCursor {
    database: u32,
    position: u64,
}

struct Progress {
    report: CycleReport,
    segments: usize,
    ttl_sum_ms: i64,
    alive: i64,
}

impl Keyspace {
    /// Removes expired keys within a budget, going on where the last cycle stopped. Removed keys are in
    /// [`crate::Changes::removed`].
    pub fn expire_cycle(&mut self, now_ms: i64, budget: ExpireBudget) -> CycleReport {
        let mut progress = Progress { report: CycleReport::default(), segments: 0, ttl_sum_ms: 0, alive: 0 };
        let databases = self.database_count().max(1);
        let begun_within = u32::from(self.expire_cursor.position > 0);
        for _ in 0..databases + begun_within {
            self.expire_database(now_ms, budget, &mut progress);
            if self.expire_cursor.position < END {
                break;
            }
            self.expire_cursor =
                ExpireCursor { database: (self.expire_cursor.database + 1) % databases, position: 0 };
        }
        let mut report = progress.report;
        let exhausted = report.sampled >= budget.samples || progress.segments >= budget.segments;
        report.complete = !exhausted;
        if report.sampled > 0 {
            report.stale_fraction = report.expired as f64 / report.sampled as f64;
        }
        let statistics = &mut self.statistics;
        statistics.expired_actively += report.expired as u64;
        statistics.expiry_budget_exhausted += u64::from(exhausted);
        statistics.stale_fraction = statistics.stale_fraction * 0.95 + report.stale_fraction * 0.05;
        report
    }

    fn expire_database(&mut self, now_ms: i64, budget: ExpireBudget, progress: &mut Progress) {
        let ExpireCursor { database, mut position } = self.expire_cursor;
        let (ttl_before, alive_before) = (progress.ttl_sum_ms, progress.alive);
        if self.expires_len(database) == 0 {
            position = END;
        }
        while position < END
            && progress.report.sampled < budget.samples
            && progress.segments < budget.segments
        {
            position = self.expire_segment(database, position, now_ms, progress);
            progress.segments += 1;
        }
        let alive = progress.alive - alive_before;
        if alive > 0 {
            let ttl_ms = (progress.ttl_sum_ms - ttl_before) / alive;
            let average = &mut self.database_mut(database).average_ttl_ms;
            *average = if *average == 0 { ttl_ms } else { *average + (ttl_ms - *average) / 50 };
        } else if self.expires_len(database) == 0 {
            self.database_mut(database).average_ttl_ms = 0;
        }
        self.expire_cursor.position = position;
    }

    /// Looks at the segment around a position; returns the position behind it.
    fn expire_segment(&mut self, database: u32, position: u64, now_ms: i64, progress: &mut Progress) -> u64 {
        let Some(stretch) = self.entries(database).and_then(|entries| entries.stretch(position)) else {
            return END;
        };
        let (end, buckets) = (stretch.end(), stretch.segment.bucket_count());
        if stretch.segment.expires() == 0 {
            return end;
        }
        stretch.segment.prefetch_expiring();
        let before = progress.report.expired;
        for bucket in 0..buckets {
            let mut slot = 0;
            while slot < BUCKET_SLOTS {
                match self.entries_mut(database).sample(position, bucket, slot, now_ms, progress) {
                    // The slot holds another entry now, or none: look at it again.
                    Some(place) => self.expire(database, place),
                    None => slot += 1,
                }
            }
        }
        if progress.report.expired > before && self.shrinks {
            self.entries_mut(database).shrink_at(position);
        }
        end
    }

    fn expire(&mut self, database: u32, place: Place) {
        let table = self.database_mut(database);
        let number = table.snapshot_number;
        table.note_departure(place);
        let entry = table.entries.remove_only(place);
        self.changes.record_removal(database, entry.view().key(), Removal::Expired);
        let left = self.snapshot.hand_over(number, entry);
        self.deferred.let_go(left, |deferral| deferral.expired);
    }
}

impl Directory {
    /// Looks at one slot of the segment around a position; its place when it holds an expired entry.
    fn sample(
        &self,
        position: u64,
        bucket: usize,
        slot: usize,
        now_ms: i64,
        progress: &mut Progress,
    ) -> Option<Place> {
        let stretch = self.stretch(position)?;
        if !stretch.segment.has_expiry_at(bucket, slot)? {
            return None;
        }
        let expire_at_ms = stretch.segment.entry_at(bucket, slot)?.expire_at_ms()?;
        progress.report.sampled += 1;
        if now_ms > expire_at_ms {
            progress.report.expired += 1;
            return Some(stretch.place(Spot { bucket: bucket as u8, slot: slot as u8 }));
        }
        progress.ttl_sum_ms = progress.ttl_sum_ms.saturating_add(expire_at_ms - now_ms);
        progress.alive += 1;
        None
    }
}

#[cfg(test)]
mod tests;
