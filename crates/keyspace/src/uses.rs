//! How uses of keys are noted in the 24 bits that every entry has for it: when the last one was, or how many there were.

use stdx::random::Random;

use crate::access::Keys;
use crate::entry::{EntryRef, clock_of};
use crate::eviction::frequency::{self, FrequencyRule};
use crate::keyspace::Keyspace;

/// What is noted of a use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UseRule {
    /// The second of the last one.
    #[default]
    Recency,
    /// How many there were lately, on a logarithmic scale.
    Frequency(FrequencyRule),
}

/// How much a key was used, as files and RESTORE tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Seconds since the last use.
    Idle(u64),
    /// Uses on the logarithmic scale.
    Frequency(u8),
}

/// The rule in force, and chance, which counting on a logarithmic scale needs.
pub(crate) struct Uses {
    pub(crate) rule: UseRule,
    random: Random,
}

impl Uses {
    pub(crate) fn new(seed: u64) -> Uses {
        Uses { rule: UseRule::Recency, random: Random::from_seed(seed) }
    }

    /// What an entry is stamped with that is made now.
    #[inline]
    pub(crate) fn of_new(&self, now_ms: i64) -> u32 {
        match self.rule {
            UseRule::Recency => clock_of(now_ms),
            UseRule::Frequency(_) => frequency::of_new(now_ms),
        }
    }

    /// What an entry is stamped with after a use; `of_new` is the stamp of one made now, `before` the one it had.
    #[inline]
    pub(crate) fn after_use(&mut self, of_new: u32, before: impl FnOnce() -> u32) -> u32 {
        match self.rule {
            UseRule::Recency => of_new,
            UseRule::Frequency(rule) => rule.after_use(before(), of_new, &mut self.random),
        }
    }

    /// The stamp that tells of so much use; `None` when the rule notes something else.
    pub(crate) fn stamp_of(&self, told: KeyUse, now_ms: i64) -> Option<u32> {
        match (self.rule, told) {
            (UseRule::Recency, KeyUse::Idle(seconds)) => {
                let idle_ms = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
                Some(clock_of(now_ms.saturating_sub(idle_ms)))
            }
            (UseRule::Frequency(_), KeyUse::Frequency(count)) => Some(frequency::stamp(now_ms, count)),
            _ => None,
        }
    }
}

impl Keyspace {
    /// From now on uses are noted so. What entries bear already is read by the new rule as it stands.
    pub fn set_use_rule(&mut self, rule: UseRule) {
        self.uses.rule = rule;
    }

    /// How uses are noted.
    pub fn use_rule(&self) -> UseRule {
        self.uses.rule
    }

    /// How much an entry was used, by the rule in force.
    pub fn use_of(&self, entry: EntryRef<'_>, now_ms: i64) -> KeyUse {
        self.uses.rule.read(entry, now_ms)
    }
}

impl UseRule {
    /// How much an entry was used.
    pub fn read(self, entry: EntryRef<'_>, now_ms: i64) -> KeyUse {
        match self {
            UseRule::Recency => KeyUse::Idle(u64::from(entry.idle_seconds(now_ms))),
            UseRule::Frequency(rule) => KeyUse::Frequency(rule.count_now(entry.access_clock(), now_ms)),
        }
    }
}

impl Keys<'_> {
    /// How much a key was used, without that being a use; none when it is absent.
    pub fn key_use(&mut self, key: &[u8]) -> Option<KeyUse> {
        let (now_ms, rule) = (self.view.now_ms, self.keyspace.uses.rule);
        self.peek(key).map(|entry| rule.read(entry, now_ms))
    }

    /// Makes a key look as if it had been used so much; without effect when the rule in force notes something else.
    /// False when the key is absent.
    pub fn set_key_use(&mut self, key: &[u8], told: KeyUse) -> bool {
        let (_, Some(place)) = self.place(key) else { return false };
        if let Some(stamp) = self.keyspace.uses.stamp_of(told, self.view.now_ms) {
            self.keyspace.entries_mut(self.view.database).touch(place, stamp);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExpiryMode, NewExpiry, View};

    const VIEW: View = View { database: 0, now_ms: 600_000, expiry: ExpiryMode::Delete, touch: true };

    fn counting() -> Keyspace {
        let mut keyspace = Keyspace::new(1, [1, 2]);
        keyspace.set_use_rule(UseRule::Frequency(FrequencyRule { log_factor: 0, decay_minutes: 1 }));
        keyspace
    }

    #[test]
    fn every_use_counts_and_time_takes_away() {
        let mut keyspace = counting();
        let mut keys = keyspace.keys(VIEW);
        keys.set_string(b"k", b"v", NewExpiry::Clear);
        assert_eq!(keys.key_use(b"k"), Some(KeyUse::Frequency(5)));
        keys.find(b"k");
        keys.set_string(b"k", b"w", NewExpiry::Clear);
        keys.set_string(b"k", &[b'x'; 400], NewExpiry::Clear);
        let _ = keys.append(b"k", b"y");
        assert_eq!(keys.key_use(b"k"), Some(KeyUse::Frequency(9)));
        keys.peek(b"k");
        let mut later = keyspace.keys(View { now_ms: 600_000 + 3 * 60_000, ..VIEW });
        assert_eq!(later.key_use(b"k"), Some(KeyUse::Frequency(6)));
        later.find(b"k");
        assert_eq!((later.key_use(b"k"), later.key_use(b"x")), (Some(KeyUse::Frequency(7)), None));
    }

    #[test]
    fn only_what_the_rule_notes_can_be_told() {
        let mut keyspace = counting();
        let mut keys = keyspace.keys(VIEW);
        keys.set_string(b"k", b"v", NewExpiry::Clear);
        assert!(keys.set_key_use(b"k", KeyUse::Frequency(77)) && keys.set_key_use(b"k", KeyUse::Idle(5)));
        assert_eq!(keys.key_use(b"k"), Some(KeyUse::Frequency(77)));
        keyspace.set_use_rule(UseRule::Recency);
        let mut keys = keyspace.keys(VIEW);
        assert!(keys.set_key_use(b"k", KeyUse::Idle(99)) && keys.set_key_use(b"k", KeyUse::Frequency(5)));
        assert_eq!(keys.key_use(b"k"), Some(KeyUse::Idle(99)));
        assert!(!keys.set_key_use(b"x", KeyUse::Idle(1)));
    }
}
