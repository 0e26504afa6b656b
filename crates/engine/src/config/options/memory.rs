//! How much memory the data may take, and what goes when that is too little.

use crate::config::kind::{self, Integer};
use keyspace::{EvictionOrder, EvictionRule, FrequencyRule, UseRule};

const MAX: i64 = i32::MAX as i64;

kind::choices! {
    /// What to evict when memory runs out.
    EvictionPolicy {
        /// Of the keys with an expiry, those whose last use is longest ago.
        "volatile-lru" => VolatileLru,
        /// Of the keys with an expiry, those that are used least often.
        "volatile-lfu" => VolatileLfu,
        /// Any key with an expiry.
        "volatile-random" => VolatileRandom,
        /// The keys that expire soonest.
        "volatile-ttl" => VolatileTtl,
        /// The keys whose last use is longest ago.
        "allkeys-lru" => AllKeysLru,
        /// The keys that are used least often.
        "allkeys-lfu" => AllKeysLfu,
        /// Any key.
        "allkeys-random" => AllKeysRandom,
        /// Nothing: what needs memory is refused.
        "noeviction" => NoEviction,
    }
}

impl EvictionPolicy {
    /// Which keys go first, and whether only those with an expiry may; `None` when none may go.
    fn order(self) -> Option<(EvictionOrder, bool)> {
        Some(match self {
            Self::VolatileLru => (EvictionOrder::LeastRecent, true),
            Self::VolatileLfu => (EvictionOrder::LeastFrequent, true),
            Self::VolatileRandom => (EvictionOrder::Random, true),
            Self::VolatileTtl => (EvictionOrder::SoonestToExpire, true),
            Self::AllKeysLru => (EvictionOrder::LeastRecent, false),
            Self::AllKeysLfu => (EvictionOrder::LeastFrequent, false),
            Self::AllKeysRandom => (EvictionOrder::Random, false),
            Self::NoEviction => return None,
        })
    }

    /// Whether it goes by how often keys are used.
    pub fn is_lfu(self) -> bool {
        matches!(self, Self::VolatileLfu | Self::AllKeysLfu)
    }

    /// Whether it goes by when keys were last used.
    pub fn is_lru(self) -> bool {
        matches!(self, Self::VolatileLru | Self::AllKeysLru)
    }
}

options! {
    /// How much memory the data may take.
    Memory at memory;

    /// Evict keys, or refuse writes that need memory, when more than this is used. 0 means no limit. Buffers of replicas
    /// beyond the backlog, and what is on its way to the append-only file, do not count.
    maxmemory: kind::Memory<0, { u64::MAX }> = 0, mutable;
    /// Which keys to evict when the limit is reached: volatile-* only keys with an expiry, allkeys-* any; lru those that
    /// were not used for longest, lfu those used least often, ttl those that expire soonest, random any. noeviction refuses
    /// writes instead.
    maxmemory_policy: EvictionPolicy = EvictionPolicy::NoEviction, mutable;
    /// How many keys are looked at for each that is evicted: more choose better and take longer.
    maxmemory_samples: Integer<u32, 1, 64> = 5, mutable;
    /// How long a command may be held up by eviction, from 0 (shortest) over 10 (half a millisecond) to 100 (without a
    /// limit). What is left to evict then goes between commands.
    maxmemory_eviction_tenacity: Integer<u32, 0, 100> = 10, mutable;
    /// lfu: the larger, the more uses a step of a key's counter takes, which ends at 255.
    lfu_log_factor: Integer<u32, 0, MAX> = 10, mutable;
    /// lfu: minutes that take one from the counter of a key. 0 means never.
    lfu_decay_time: Integer<u32, 0, MAX> = 1, mutable;
    /// A replica leaves it to its primary to stay below maxmemory.
    replica_ignore_maxmemory | slave_ignore_maxmemory: kind::YesNo = true, mutable;
    /// Close the clients whose buffers are largest when those of all clients together take more than this, which may be a
    /// share of maxmemory, such as 5%. 0 means no limit. Replicas, and clients with CLIENT NO-EVICT, stay.
    maxmemory_clients: kind::MemoryShare = kind::Share::Bytes(0), mutable;
    /// Have the allocator give memory back to the system on a thread of its own.
    jemalloc_bg_thread: kind::YesNo = true, mutable;
}

impl Memory {
    /// How keys to evict are chosen; `None` when none may go.
    pub fn eviction_rule(&self) -> Option<EvictionRule> {
        let (order, only_expiring) = self.maxmemory_policy.order()?;
        Some(EvictionRule { order, only_expiring, samples: self.maxmemory_samples as usize })
    }

    /// What is noted of the uses of keys.
    pub fn use_rule(&self) -> UseRule {
        if !self.maxmemory_policy.is_lfu() {
            return UseRule::Recency;
        }
        UseRule::Frequency(FrequencyRule {
            log_factor: self.lfu_log_factor,
            decay_minutes: self.lfu_decay_time,
        })
    }

    /// What files tell of the uses of keys, if the policy goes by them.
    pub fn saved_use_rule(&self) -> Option<UseRule> {
        (self.maxmemory_policy.is_lru() || self.maxmemory_policy.is_lfu()).then(|| self.use_rule())
    }

    /// How long one command may be held up by eviction, in microseconds; `None` for as long as it takes.
    pub fn eviction_limit_us(&self) -> Option<u64> {
        match self.maxmemory_eviction_tenacity {
            tenacity @ 0..=10 => Some(50 * u64::from(tenacity)),
            tenacity @ 11..100 => Some((500.0 * 1.15_f64.powf(f64::from(tenacity) - 10.0)) as u64),
            _ => None,
        }
    }

    /// How much the buffers of all clients may take, in bytes; `None` for no limit.
    pub fn clients_limit(&self) -> Option<u64> {
        /// With less no client could be talked to at all.
        const LEAST_BYTES: u64 = 128 << 10;
        let bytes = match self.maxmemory_clients {
            kind::Share::Bytes(0) => return None,
            kind::Share::Bytes(bytes) => bytes,
            kind::Share::Percent(_) if self.maxmemory == 0 => return None,
            kind::Share::Percent(percent) => (u128::from(self.maxmemory) * u128::from(percent) / 100) as u64,
        };
        Some(bytes.max(LEAST_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenacity_is_a_time() {
        let limit = |tenacity| {
            Memory { maxmemory_eviction_tenacity: tenacity, ..Memory::default() }.eviction_limit_us()
        };
        assert_eq!([0, 10, 11, 20, 100].map(limit), [Some(0), Some(500), Some(575), Some(2022), None]);
        assert!(limit(99).is_some_and(|us| (125_000_000..150_000_000).contains(&us)));
    }

    #[test]
    fn the_buffers_of_clients_may_take_a_share() {
        let limit = |maxmemory, maxmemory_clients| {
            Memory { maxmemory, maxmemory_clients, ..Memory::default() }.clients_limit()
        };
        assert_eq!(limit(0, kind::Share::Percent(5)), None);
        assert_eq!(limit(100 << 20, kind::Share::Percent(5)), Some(5 << 20));
        assert_eq!(limit(100 << 20, kind::Share::Bytes(1)), Some(128 << 10));
        assert_eq!(limit(100 << 20, kind::Share::Bytes(0)), None);
    }

    #[test]
    fn a_policy_says_what_is_noted_and_saved() {
        let of = |maxmemory_policy| Memory { maxmemory_policy, ..Memory::default() };
        assert_eq!(of(EvictionPolicy::NoEviction).eviction_rule(), None);
        assert_eq!(of(EvictionPolicy::VolatileTtl).saved_use_rule(), None);
        assert_eq!(of(EvictionPolicy::AllKeysLru).saved_use_rule(), Some(UseRule::Recency));
        let frequency = UseRule::Frequency(FrequencyRule { log_factor: 10, decay_minutes: 1 });
        assert_eq!(of(EvictionPolicy::VolatileLfu).saved_use_rule(), Some(frequency));
    }
}
