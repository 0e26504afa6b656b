//! The arithmetic of LFU: sixteen bits of minutes, and a counter of eight bits that grows with the logarithm of the uses
//! and shrinks with time.

use stdx::random::Random;

/// What a new key counts: so that it does not go before it could be used again.
pub(crate) const INITIAL_COUNT: u8 = 5;

/// How uses are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrequencyRule {
    /// The larger, the more uses a step of the counter takes.
    pub log_factor: u32,
    /// Minutes that take one from the counter; 0 for never.
    pub decay_minutes: u32,
}

/// The stamp of a key with this counter.
pub(crate) fn stamp(now_ms: i64, count: u8) -> u32 {
    u32::from(minutes_of(now_ms)) << 8 | u32::from(count)
}

/// The stamp of a new key.
pub(crate) fn of_new(now_ms: i64) -> u32 {
    stamp(now_ms, INITIAL_COUNT)
}

fn minutes_of(now_ms: i64) -> u16 {
    (now_ms / 60_000) as u16
}

/// Minutes since a stamp's counter was last brought up to date.
pub(crate) fn minutes_since(stamp: u32, now_ms: i64) -> u16 {
    minutes_of(now_ms).wrapping_sub((stamp >> 8) as u16)
}

impl FrequencyRule {
    /// The stamp after a use, which happens when a new key would get the stamp `of_new`.
    pub(crate) fn after_use(self, stamp: u32, of_new: u32, random: &mut Random) -> u32 {
        let passed = ((of_new >> 8) as u16).wrapping_sub((stamp >> 8) as u16);
        let count = self.incremented(self.decayed(stamp as u8, passed), random);
        of_new & !0xff | u32::from(count)
    }

    /// The counter of a stamp as it is now.
    pub(crate) fn count_now(self, stamp: u32, now_ms: i64) -> u8 {
        self.decayed(stamp as u8, minutes_since(stamp, now_ms))
    }

    fn decayed(self, count: u8, minutes: u16) -> u8 {
        let steps = u32::from(minutes).checked_div(self.decay_minutes).unwrap_or(0);
        count.saturating_sub(u8::try_from(steps).unwrap_or(u8::MAX))
    }

    fn incremented(self, count: u8, random: &mut Random) -> u8 {
        let above = f64::from(count.saturating_sub(INITIAL_COUNT));
        let chance = 1.0 / (above * f64::from(self.log_factor) + 1.0);
        if count < u8::MAX && random.fraction() < chance { count + 1 } else { count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn count_after(uses: u32, rule: FrequencyRule) -> u8 {
        let mut random = Random::from_seed(1);
        (0..uses).fold(of_new(0), |stamp, _| rule.after_use(stamp, of_new(0), &mut random)) as u8
    }

    #[test]
    fn the_counter_grows_with_the_logarithm() {
        let rule = FrequencyRule { log_factor: 10, decay_minutes: 1 };
        // Orders of magnitude that Redis's documentation gives for these factors.
        for (uses, low, high) in [(100, 8, 14), (1_000, 15, 22), (100_000, 125, 160), (1_000_000, 255, 255)] {
            let count = count_after(uses, rule);
            assert!((low..=high).contains(&count), "{count} after {uses}");
        }
        assert_eq!(count_after(300, FrequencyRule { log_factor: 0, decay_minutes: 1 }), 255);
    }

    #[test]
    fn time_takes_away() {
        let rule = FrequencyRule { log_factor: 10, decay_minutes: 2 };
        let made = stamp(5 * MINUTE_MS, 10);
        assert_eq!(rule.count_now(made, 8 * MINUTE_MS), 9);
        assert_eq!(rule.count_now(made, 25 * MINUTE_MS), 0);
        assert_eq!(rule.count_now(made, 4_000 * MINUTE_MS), 0);
        assert_eq!(FrequencyRule { decay_minutes: 0, ..rule }.count_now(made, 4_000 * MINUTE_MS), 10);
    }

    #[test]
    fn minutes_wrap() {
        let late = 65_535 * MINUTE_MS;
        assert_eq!(minutes_since(stamp(late, 1), late + 3 * MINUTE_MS), 3);
        let rule = FrequencyRule { log_factor: 10, decay_minutes: 1 };
        assert_eq!(rule.count_now(stamp(late, 9), late + 3 * MINUTE_MS), 6);
    }
}
