//! Samples of a table: some keys that lie together at a place chosen by chance. Keys lie by their hash, so that neighbours
//! have nothing else in common.

use stdx::random::Random;

use crate::directory::{Directory, END, POSITION_BITS};
use crate::entry::EntryRef;
use crate::segment::{BUCKET_SLOTS, Segment};

impl Directory {
    /// Visits up to `wanted` entries from a place on that `chance` chooses; with `only_expiring`, those with an expiry.
    pub(crate) fn sample_entries<'a>(
        &'a self,
        chance: u64,
        wanted: usize,
        only_expiring: bool,
        visit: &mut dyn FnMut(EntryRef<'a>),
    ) {
        let mut picked = Picked { left: wanted, chance: chance as usize, only_expiring, visit };
        let begun_at = chance >> (64 - POSITION_BITS);
        let mut position = begun_at;
        let mut has_wrapped = false;
        while let Some(stretch) = self.stretch(position) {
            let end = stretch.end();
            if picked.left == 0 || has_wrapped && end > begun_at {
                return;
            }
            picked.of_segment(stretch.segment, if position == begun_at { stretch.home } else { 0 });
            has_wrapped |= end == END;
            position = if end == END { 0 } else { end };
        }
    }
}

/// How often a slot is chosen blindly before neighbours of one are looked at.
const TRIES: usize = 100;

impl Directory {
    /// A key by chance, each about equally likely unless only few may be chosen.
    pub(crate) fn any_entry(&self, random: &mut Random, only_expiring: bool) -> Option<EntryRef<'_>> {
        for _ in 0..TRIES {
            let segment = self.stretch(random.below(END))?.segment;
            let (bucket, slot) = (random.index(segment.bucket_count()), random.index(BUCKET_SLOTS));
            match segment.has_expiry_at(bucket, slot) {
                Some(has_expiry) if has_expiry || !only_expiring => return segment.entry_at(bucket, slot),
                _ => {}
            }
        }
        let mut found = None;
        self.sample_entries(random.bits(), 1, only_expiring, &mut |entry| found = Some(entry));
        found
    }
}

/// What is still wanted of a sample.
struct Picked<'a, 'v> {
    left: usize,
    /// Which slot of a bucket is looked at first: otherwise the last ones would never be.
    chance: usize,
    only_expiring: bool,
    visit: &'v mut dyn FnMut(EntryRef<'a>),
}

impl<'a> Picked<'a, '_> {
    /// Visits entries of a segment, beginning with a bucket and going round.
    fn of_segment(&mut self, segment: &'a Segment, first: usize) {
        let there = if self.only_expiring { segment.expires() } else { segment.len() };
        if there == 0 {
            return;
        }
        let buckets = segment.bucket_count();
        for step in 0..buckets {
            let bucket = if first + step < buckets { first + step } else { first + step - buckets };
            self.of_bucket(segment, bucket);
            if self.left == 0 {
                return;
            }
        }
    }

    fn of_bucket(&mut self, segment: &'a Segment, bucket: usize) {
        let taken =
            (0..BUCKET_SLOTS).take_while(|&slot| segment.has_expiry_at(bucket, slot).is_some()).count();
        if taken == 0 {
            return;
        }
        self.chance = self.chance.wrapping_add(1);
        for step in 0..taken {
            let slot = (self.chance % taken + step) % taken;
            if self.only_expiring && segment.has_expiry_at(bucket, slot) != Some(true) {
                continue;
            }
            if self.left == 0 {
                return;
            }
            if let Some(entry) = segment.entry_at(bucket, slot) {
                (self.visit)(entry);
                self.left -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stdx::random::Random;

    use crate::{ExpiryMode, Keyspace, NewExpiry, View};

    const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

    fn filled(keys: u32, expiring_every: u32) -> Keyspace {
        let mut keyspace = Keyspace::new(1, [1, 2]);
        for number in 0..keys {
            let expires = number.is_multiple_of(expiring_every);
            let expiry = if expires { NewExpiry::At(9_000) } else { NewExpiry::Clear };
            keyspace.keys(VIEW).set_string(&number.to_le_bytes(), b"v", expiry);
        }
        keyspace
    }

    fn drawn(
        keyspace: &Keyspace,
        times: usize,
        wanted: usize,
        only_expiring: bool,
    ) -> BTreeMap<Vec<u8>, usize> {
        let mut random = Random::from_seed(7);
        let mut seen = BTreeMap::new();
        let entries = keyspace.entries(0).expect("the database is there");
        for _ in 0..times {
            let mut visited = 0;
            entries.sample_entries(random.bits(), wanted, only_expiring, &mut |entry| {
                *seen.entry(entry.key().to_vec()).or_insert(0) += 1;
                visited += 1;
            });
            assert!(visited <= wanted);
        }
        seen
    }

    #[test]
    fn every_key_is_sampled() {
        let seen = drawn(&filled(2_000, 1_000_000), 40_000, 5, false);
        let most = seen.values().max().copied().unwrap_or(0);
        assert!(seen.len() == 2_000 && most < 1_000, "{} keys, one {most} times of 100", seen.len());
    }

    #[test]
    fn any_key_is_as_likely_as_another() {
        let keyspace = filled(2_000, 4);
        let entries = keyspace.entries(0).expect("the database is there");
        let mut random = Random::from_seed(7);
        for (only_expiring, keys) in [(false, 2_000), (true, 500)] {
            let mut seen = BTreeMap::new();
            for _ in 0..keys * 100 {
                let entry = entries.any_entry(&mut random, only_expiring).expect("there are keys");
                *seen.entry(entry.key().to_vec()).or_insert(0) += 1;
            }
            let most = seen.values().max().copied().unwrap_or(0);
            assert!(seen.len() == keys && most < 250, "{} keys, one {most} times of 100", seen.len());
        }
    }

    #[test]
    fn those_that_expire_are_found_however_few() {
        let keyspace = filled(5_000, 2_500);
        assert_eq!(drawn(&keyspace, 50, 5, true).values().sum::<usize>(), 100);
        assert_eq!(drawn(&filled(100, 1), 10, 5, true).values().sum::<usize>(), 50);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(drawn(&filled(0, 1), 3, 5, false).is_empty());
    }
}
