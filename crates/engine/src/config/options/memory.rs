//! How much memory the data may take.

use crate::config::Refusal;
use crate::config::kind::{self, Given, Kind};

/// What to evict when memory runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvictionPolicy {
    /// Nothing: writes that need memory are refused.
    NoEviction,
}

impl EvictionPolicy {
    /// The policies that a file may name, with those that can be honoured.
    const NAMES: &'static [(&'static str, Option<Self>)] = &[
        ("volatile-lru", None),
        ("volatile-lfu", None),
        ("volatile-random", None),
        ("volatile-ttl", None),
        ("allkeys-lru", None),
        ("allkeys-lfu", None),
        ("allkeys-random", None),
        ("noeviction", Some(Self::NoEviction)),
    ];
}

impl Kind for EvictionPolicy {
    type Value = Self;

    fn parse(given: &Given<'_, Self>) -> Result<Self, Refusal> {
        kind::named(Self::NAMES, given.word())?
            .ok_or(Refusal::new("eviction is not there yet: of the policies only noeviction can be honoured"))
    }

    fn print(value: &Self) -> Vec<u8> {
        match value {
            Self::NoEviction => b"noeviction".to_vec(),
        }
    }

    fn accepts() -> String {
        "noeviction; the others come with eviction".to_owned()
    }
}

options! {
    /// How much memory the data may take.
    Memory at memory;

    /// Refuse writes that need memory when the data takes more than this. 0 means no limit.
    maxmemory: kind::Memory<0, { u64::MAX }> = 0, mutable;
    /// How to make room when the limit is reached.
    maxmemory_policy: EvictionPolicy = EvictionPolicy::NoEviction, mutable;
    /// A replica leaves it to its primary to stay below maxmemory.
    replica_ignore_maxmemory | slave_ignore_maxmemory: kind::YesNo = true, mutable;
    /// Have the allocator give memory back to the system on a thread of its own.
    jemalloc_bg_thread: kind::YesNo = true, mutable;
}
