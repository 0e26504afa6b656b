//! SCAN and RANDOMKEY: walking in hash order and picking by chance.
//!
//! A cursor is a position in hash order. Growth and shrink keep the order, so a key that is there from the first call
//! to the last is returned at least once; one that comes or goes in between may or may not be.

use crate::access::{ExpiryMode, Keys};
use crate::directory::{Directory, END};
use crate::entry::EntryRef;
use crate::segment::BUCKET_SLOTS;

/// Buckets that one call may look at for each key that it was asked for.
const BUCKETS_PER_KEY: usize = 10;
/// Random picks before the walk to the next key is preferred.
const RANDOM_TRIES: usize = 100;

impl Directory {
    /// Visits the entries of the home bucket around `position`; returns the position behind it.
    pub(crate) fn visit_home(&self, position: u64, visit: &mut dyn FnMut(EntryRef<'_>)) -> u64 {
        let Some(stretch) = self.stretch(position) else { return END };
        for spot in stretch.segment.spots_at_home(stretch.home) {
            visit(stretch.segment.entry(spot));
        }
        stretch.start_of(stretch.home + 1)
    }

    /// An entry by chance: a segment by its share of the hash, then a slot of it until one is taken.
    fn random_entry(&self, random: &mut dyn FnMut() -> u64) -> Option<EntryRef<'_>> {
        if self.len() == 0 {
            return None;
        }
        for _ in 0..RANDOM_TRIES {
            let segment = self.stretch(random() % END)?.segment;
            let slot = (random() % (segment.bucket_count() * BUCKET_SLOTS) as u64) as usize;
            if let Some(entry) = segment.entry_at(slot / BUCKET_SLOTS, slot % BUCKET_SLOTS) {
                return Some(entry);
            }
        }
        self.first_after(random() % END).or_else(|| self.first_after(0))
    }

    fn first_after(&self, mut position: u64) -> Option<EntryRef<'_>> {
        while position < END {
            let stretch = self.stretch(position)?;
            if let Some(spot) = stretch.segment.spots_at_home(stretch.home).next() {
                return Some(stretch.segment.entry(spot));
            }
            position =
                if stretch.segment.len() == 0 { stretch.end() } else { stretch.start_of(stretch.home + 1) };
        }
        None
    }
}

impl Keys<'_> {
    /// Visits about `count` keys from `cursor` on, which is 0 or what the last call returned; returns the next cursor,
    /// 0 at the end. Expired keys are not visited unless the rule is to ignore expiry; a primary removes them.
    pub fn scan(&mut self, cursor: u64, count: usize, visit: &mut dyn FnMut(EntryRef<'_>)) -> u64 {
        let (now_ms, mode) = (self.view.now_ms, self.view.expiry);
        let mut position = cursor;
        let (mut seen, mut buckets) = (0, 0);
        let mut expired: Vec<Vec<u8>> = Vec::new();
        while position < END && seen < count.max(1) && buckets < count.max(1).saturating_mul(BUCKETS_PER_KEY)
        {
            let Some(entries) = self.keyspace.entries(self.view.database) else { return 0 };
            position = entries.visit_home(position, &mut |entry| {
                seen += 1;
                if mode == ExpiryMode::Ignore || !entry.is_expired(now_ms) {
                    visit(entry);
                } else if mode == ExpiryMode::Delete {
                    expired.push(entry.key().to_vec());
                }
            });
            buckets += 1;
        }
        for key in &expired {
            self.place(key);
        }
        if position >= END { 0 } else { position }
    }

    /// A key by chance, each about as likely as another. Expired ones are passed over; a replica that keeps meeting them
    /// returns one, as Redis does. `random` gives 64 random bits.
    pub fn random_key(&mut self, random: &mut dyn FnMut() -> u64) -> Option<Vec<u8>> {
        let now_ms = self.view.now_ms;
        let mut hidden = 0;
        loop {
            let entry = self.keyspace.entries(self.view.database)?.random_entry(random)?;
            let key = entry.key().to_vec();
            if self.view.expiry == ExpiryMode::Ignore || !entry.is_expired(now_ms) || hidden == RANDOM_TRIES {
                return Some(key);
            }
            // On a primary this removes the key, so the loop ends when none is left.
            self.place(&key);
            hidden += usize::from(self.view.expiry == ExpiryMode::Hide);
        }
    }
}

#[cfg(test)]
mod tests;
