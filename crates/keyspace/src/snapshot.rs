//! A forkless point-in-time snapshot of all databases, taken while they change.
//!
//! Beginning one moves the epoch on: entries of another epoch are *owed* to the snapshot. A walk in hash order pays
//! them slice by slice; whoever changes or removes an owed entry first hands it over (the allocation itself where it
//! goes away, a copy where it is changed in place), so nothing is ever visited twice or missed. New entries carry the
//! new epoch and are not visited. A database that is flushed goes over as a whole.

use std::collections::VecDeque;

use datatypes::collection::ValueRef;

use crate::db::{Database, Detached};
use crate::directory::{Directory, END, Place};
use crate::entry::{Entry, EntryRef, Stamp};
use crate::header::EPOCHS;
use crate::keyspace::Keyspace;

/// Home buckets whose entries are prefetched together.
const PREFETCHED_BUCKETS: usize = 4;

/// An entry as it was when the snapshot began.
#[derive(Clone, Copy)]
pub struct SnapshotEntry<'a> {
    /// Its database then.
    pub database: u32,
    /// Its key.
    pub key: &'a [u8],
    /// Its value.
    pub value: ValueRef<'a>,
    /// When it expires, in milliseconds since 1970.
    pub expire_at_ms: Option<i64>,
    /// The whole entry, for its access clock.
    pub entry: EntryRef<'a>,
}

/// What a database held when the snapshot began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseCount {
    /// Its number.
    pub database: u32,
    /// Keys.
    pub keys: u64,
    /// Keys with an expiry.
    pub expires: u64,
}

/// A snapshot is being taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotBusy;

impl std::fmt::Display for SnapshotBusy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a snapshot is being taken already")
    }
}

impl std::error::Error for SnapshotBusy {}

/// An entry that waits for the snapshot's next step.
struct Owed {
    /// The number of its database when the snapshot began.
    database: u32,
    entry: Entry,
    /// Memory that it takes beside what is in the keyspace.
    bytes: usize,
}

/// The one snapshot, running or not.
#[derive(Default)]
pub(crate) struct Snapshot {
    epoch: u8,
    running: bool,
    /// Entries handed over by writers.
    queue: VecDeque<Owed>,
    /// Memory of those entries.
    queued_bytes: usize,
    /// Databases not yet walked to the end, the current one last.
    to_walk: Vec<u32>,
    position: u64,
    counts: Vec<DatabaseCount>,
    /// Tables that were flushed before the walk had passed them.
    flushed: Vec<(u32, Directory)>,
    /// Flushed tables that are done with.
    garbage: Vec<Directory>,
    cancelled_in_a_row: u8,
}

impl Snapshot {
    pub(crate) fn epoch(&self) -> u8 {
        self.epoch
    }

    #[inline]
    pub(crate) fn is_owed(&self, entry: EntryRef<'_>) -> bool {
        self.is_owed_of(entry.epoch())
    }

    /// Whether entries of an epoch are owed.
    #[inline]
    pub(crate) fn is_owed_of(&self, epoch: u8) -> bool {
        self.running && epoch != self.epoch
    }

    /// Takes an entry that has left the keyspace if it is owed, gives it back otherwise.
    #[inline]
    pub(crate) fn hand_over(&mut self, database: Option<u32>, entry: Entry) -> Option<Entry> {
        if !self.is_owed(entry.view()) {
            return Some(entry);
        }
        let bytes = entry.view().allocated_bytes();
        self.enqueue(database, entry, bytes);
        None
    }

    #[cold]
    fn enqueue(&mut self, database: Option<u32>, entry: Entry, bytes: usize) {
        let database = database.expect("owed entries lie in tables that the snapshot walks");
        self.queued_bytes += bytes;
        self.queue.push_back(Owed { database, entry, bytes });
    }

    #[cold]
    pub(crate) fn hand_over_copy(&mut self, database: Option<u32>, entry: EntryRef<'_>) {
        let stamp = Stamp { epoch: entry.epoch(), clock: entry.access_clock() };
        let copy = Entry::copy_of(entry, entry.key(), entry.expire_at_ms(), stamp);
        let bytes = copy.view().own_bytes();
        self.enqueue(database, copy, bytes);
    }

    /// Keeps a flushed table that the walk has not passed; gives it back otherwise.
    pub(crate) fn keep_flushed(&mut self, flushed: Database) -> Option<Directory> {
        let owed = flushed.snapshot_number.filter(|number| self.running && self.to_walk.contains(number));
        match owed {
            Some(number) => self.flushed.push((number, flushed.entries)),
            None => return (flushed.entries.len() > 0).then_some(flushed.entries),
        }
        None
    }

    fn drain_queue(&mut self, left: &mut usize, sink: &mut dyn FnMut(SnapshotEntry<'_>)) {
        while *left > 0
            && let Some(Owed { database, entry, bytes }) = self.queue.pop_front()
        {
            self.queued_bytes -= bytes;
            sink(describe(database, entry.view()));
            *left -= 1;
        }
    }

    fn stop(&mut self) {
        self.running = false;
        self.queue = VecDeque::new();
        self.queued_bytes = 0;
        self.to_walk.clear();
        self.garbage.extend(self.flushed.drain(..).map(|(_, table)| table));
    }
}

fn describe(database: u32, entry: EntryRef<'_>) -> SnapshotEntry<'_> {
    let value = entry.value();
    SnapshotEntry { database, key: entry.key(), value, expire_at_ms: entry.expire_at_ms(), entry }
}

impl Keyspace {
    /// Begins a snapshot of what all databases hold now. Takes a time that does not depend on the number of keys, but
    /// after fourteen cancelled ones in a row.
    pub fn begin_snapshot(&mut self) -> Result<(), SnapshotBusy> {
        if self.snapshot.running {
            return Err(SnapshotBusy);
        }
        if self.snapshot.cancelled_in_a_row >= EPOCHS - 2 {
            self.settle_epochs();
        }
        self.snapshot.epoch = (self.snapshot.epoch + 1) % EPOCHS;
        self.snapshot.running = true;
        self.snapshot.position = 0;
        self.snapshot.counts.clear();
        for (number, database) in (0..).zip(&mut self.databases) {
            let (keys, expires) = (database.entries.len() as u64, database.entries.expires() as u64);
            database.snapshot_number = (keys > 0).then_some(number);
            if keys > 0 {
                self.snapshot.counts.push(DatabaseCount { database: number, keys, expires });
            }
        }
        self.snapshot.to_walk = self.snapshot.counts.iter().rev().map(|count| count.database).collect();
        Ok(())
    }

    /// Whether a snapshot is being taken.
    pub fn is_snapshot_running(&self) -> bool {
        self.snapshot.running
    }

    /// What each database that was not empty held when the snapshot began.
    pub fn snapshot_counts(&self) -> &[DatabaseCount] {
        &self.snapshot.counts
    }

    /// Entries that writers have handed over and that wait for the next step.
    pub fn snapshot_queue_len(&self) -> usize {
        self.snapshot.queue.len()
    }

    /// Memory of those entries, in bytes: what is kept for the snapshot alone. Parts that a copy shares do not count.
    pub fn snapshot_queue_bytes(&self) -> usize {
        self.snapshot.queued_bytes
    }

    /// Gives about `max_entries` entries to `sink`; true when that was all of the snapshot, or none is running.
    pub fn snapshot_step(&mut self, max_entries: usize, sink: &mut dyn FnMut(SnapshotEntry<'_>)) -> bool {
        let mut left = max_entries.max(1);
        self.snapshot.drain_queue(&mut left, sink);
        while left > 0
            && let Some(&number) = self.snapshot.to_walk.last()
        {
            let position = self.snapshot.position;
            let epoch = self.snapshot.epoch;
            let table = self.snapshot_table(number).expect("a table stays until it was walked");
            self.snapshot.position =
                table.pay(position, epoch, &mut left, &mut |entry| sink(describe(number, entry)));
            if self.snapshot.position >= END {
                self.snapshot.to_walk.pop();
                self.snapshot.position = 0;
                self.discard_walked(number);
            }
        }
        let finished = self.snapshot.to_walk.is_empty() && self.snapshot.queue.is_empty();
        if finished && self.snapshot.running {
            self.snapshot.stop();
            self.snapshot.cancelled_in_a_row = 0;
        }
        finished
    }

    fn snapshot_table(&mut self, number: u32) -> Option<&mut Directory> {
        let flushed = self.snapshot.flushed.iter_mut().find(|(of, _)| *of == number).map(|(_, table)| table);
        let standing = self.databases.iter_mut().find(|database| database.snapshot_number == Some(number));
        flushed.or(standing.map(|database| &mut database.entries))
    }

    fn discard_walked(&mut self, number: u32) {
        if let Some(index) = self.snapshot.flushed.iter().position(|(of, _)| *of == number) {
            let (_, table) = self.snapshot.flushed.swap_remove(index);
            self.snapshot.garbage.push(table);
        }
    }

    /// Ends the snapshot without its remaining entries.
    pub fn cancel_snapshot(&mut self) {
        if self.snapshot.running {
            self.snapshot.stop();
            self.snapshot.cancelled_in_a_row += 1;
        }
    }

    /// Flushed tables that the snapshot has kept and needs no more: to be dropped by the caller.
    pub fn take_garbage(&mut self) -> Detached {
        Detached { tables: std::mem::take(&mut self.snapshot.garbage), ..Detached::default() }
    }

    /// Puts every entry into the current epoch: cancelled snapshots have left many, and there are only sixteen.
    fn settle_epochs(&mut self) {
        let epoch = self.snapshot.epoch;
        for database in &mut self.databases {
            let (mut position, mut left) = (0, usize::MAX);
            while position < END {
                position = database.entries.pay(position, epoch, &mut left, &mut |_| ());
            }
        }
        self.snapshot.cancelled_in_a_row = 0;
    }
}

impl Directory {
    /// Walks on from `position` and visits the entries of another epoch, which get this one, until `left` is used up.
    /// Returns where to go on.
    fn pay(
        &mut self,
        mut position: u64,
        epoch: u8,
        left: &mut usize,
        visit: &mut dyn FnMut(EntryRef<'_>),
    ) -> u64 {
        let mut owed: Vec<Place> = Vec::with_capacity(64);
        while position < END && *left > 0 {
            position = self.owed_near(position, epoch, &mut owed);
            for place in owed.drain(..) {
                visit(self.entry(place));
                self.change(place, |entry| entry.set_epoch(epoch));
                *left = left.saturating_sub(1);
            }
        }
        position
    }

    /// The owed entries of some home buckets from `position` on, prefetched; returns the position behind them.
    fn owed_near(&self, position: u64, epoch: u8, owed: &mut Vec<Place>) -> u64 {
        let Some(stretch) = self.stretch(position) else { return END };
        let segment = stretch.segment;
        let until = (stretch.home + PREFETCHED_BUCKETS).min(segment.bucket_count());
        segment.prefetch_entries(stretch.home, until);
        for home in stretch.home..until {
            for spot in segment.spots_at_home(home) {
                if segment.entry(spot).epoch() != epoch {
                    owed.push(stretch.place(spot));
                }
            }
        }
        stretch.start_of(until)
    }
}

#[cfg(test)]
mod tests;
