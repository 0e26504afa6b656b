//! Eviction: which key can best be done without. It knows no limit of memory; the caller repeats it while there is too
//! little, and reads the clock.

use stdx::random::Random;

use crate::changes::Removal;
use crate::directory::Place;
use crate::entry::EntryRef;
use crate::keyspace::Keyspace;
use crate::uses::UseRule;

pub(crate) mod frequency;
mod pool;
mod sample;
#[cfg(test)]
mod tests;

use pool::{Candidate, Pool};

/// Which keys go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvictionOrder {
    /// Those whose last use is longest ago.
    LeastRecent,
    /// Those that are used least often; of equals, those whose last use is longest ago.
    LeastFrequent,
    /// Those that expire soonest.
    SoonestToExpire,
    /// Any.
    Random,
}

/// How keys are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvictionRule {
    /// Which go first.
    pub order: EvictionOrder,
    /// Only keys with an expiry may go.
    pub only_expiring: bool,
    /// How many keys of each database are looked at for one that goes.
    pub samples: usize,
}

/// What eviction remembers from key to key.
pub(crate) struct Eviction {
    random: Random,
    pool: Pool,
    /// The rule by which the candidates were rated.
    rated_by: Option<EvictionRule>,
    next_database: u32,
}

impl Eviction {
    pub(crate) fn new(seed: u64) -> Eviction {
        Eviction { random: Random::from_seed(seed), pool: Pool::default(), rated_by: None, next_database: 0 }
    }
}

impl EvictionOrder {
    /// How well an entry can be done without.
    fn score(self, entry: EntryRef<'_>, uses: UseRule, now_ms: i64) -> u64 {
        match self {
            EvictionOrder::LeastRecent => u64::from(entry.idle_seconds(now_ms)),
            EvictionOrder::LeastFrequent => {
                let UseRule::Frequency(rule) = uses else { return 0 };
                let stamp = entry.access_clock();
                let rarity = u64::from(u8::MAX - rule.count_now(stamp, now_ms));
                rarity << 16 | u64::from(frequency::minutes_since(stamp, now_ms))
            }
            EvictionOrder::SoonestToExpire => {
                u64::MAX - entry.expire_at_ms().map_or(u64::MAX, |at_ms| at_ms.max(0).cast_unsigned())
            }
            EvictionOrder::Random => 0,
        }
    }
}

impl Keyspace {
    /// Removes one key by the rule; it is in [`crate::Changes::removed`] then. False when there is none that may go.
    pub fn evict(&mut self, rule: EvictionRule, now_ms: i64) -> bool {
        let victim = match rule.order {
            EvictionOrder::Random => self.random_victim(rule),
            _ => self.best_victim(rule, now_ms),
        };
        let Some((database, hash, place)) = victim else { return false };
        self.remove_recorded(database, hash, place, Removal::Evicted);
        self.statistics.evicted += 1;
        true
    }

    fn best_victim(&mut self, rule: EvictionRule, now_ms: i64) -> Option<(u32, u64, Place)> {
        if self.eviction.rated_by != Some(rule) {
            self.eviction.rated_by = Some(rule);
            self.eviction.pool.clear();
        }
        // Each round ends with a victim or takes the pool's candidates away, which were rated before: the next one finds
        // those that it rates itself.
        while self.fill_pool(rule, now_ms) {
            while let Some(candidate) = self.eviction.pool.take_best() {
                if let Some(place) = self.still_there(candidate, rule, now_ms) {
                    return Some((candidate.database, candidate.hash, place));
                }
            }
        }
        None
    }

    /// Offers samples of all databases to the pool; false when there is nothing to be sampled.
    fn fill_pool(&mut self, rule: EvictionRule, now_ms: i64) -> bool {
        let Keyspace { databases, eviction, uses, hasher, .. } = self;
        let Eviction { random, pool, .. } = eviction;
        let mut is_any = false;
        for (number, database) in (0..).zip(databases.iter()) {
            let entries = &database.entries;
            if entries.count_to_evict(rule) == 0 {
                continue;
            }
            is_any = true;
            entries.sample_entries(random.bits(), rule.samples, rule.only_expiring, &mut |entry| {
                let score = rule.order.score(entry, uses.rule, now_ms);
                if pool.wants(score) {
                    pool.offer(Candidate { score, hash: hasher.hash(entry.key()), database: number });
                }
            });
        }
        is_any
    }

    /// Where a candidate lies, unless it is gone or was used since it was rated.
    fn still_there(&self, candidate: Candidate, rule: EvictionRule, now_ms: i64) -> Option<Place> {
        let entries = self.entries(candidate.database)?;
        let place = entries.find_hash(candidate.hash, &|key| self.hash(key))?;
        let entry = entries.entry(place);
        let may_go = entry.expire_at_ms().is_some() || !rule.only_expiring;
        (may_go && rule.order.score(entry, self.uses.rule, now_ms) >= candidate.score).then_some(place)
    }

    /// Any key of the next database in turn that has one.
    fn random_victim(&mut self, rule: EvictionRule) -> Option<(u32, u64, Place)> {
        let databases = self.database_count();
        for _ in 0..databases {
            self.eviction.next_database = (self.eviction.next_database + 1) % databases.max(1);
            let number = self.eviction.next_database;
            let Keyspace { databases, eviction, hasher, .. } = &mut *self;
            let entries = &databases[number as usize].entries;
            if entries.count_to_evict(rule) == 0 {
                continue;
            }
            let entry = entries.any_entry(&mut eviction.random, rule.only_expiring)?;
            let hash = hasher.hash(entry.key());
            return Some((number, hash, entries.find(hash, entry.key())?));
        }
        None
    }
}

impl crate::directory::Directory {
    /// How many keys may go.
    fn count_to_evict(&self, rule: EvictionRule) -> usize {
        if rule.only_expiring { self.expires() } else { self.len() }
    }
}
