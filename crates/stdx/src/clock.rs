//! The only place that reads clocks.
#![expect(clippy::disallowed_methods, reason = "this is the file that reads clocks")]

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 by the wall clock, which may jump. About 32 ns a call.
pub fn wall_ms() -> i64 {
    wall_us() / 1000
}

/// Microseconds since 1970 by the wall clock, which may jump. About 32 ns a call.
pub fn wall_us() -> i64 {
    #[cfg(feature = "simulation")]
    if let Some(us) = crate::simulation::wall_us() {
        return us;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Microseconds since the first call in this process; never goes back. About 32 ns a call.
pub fn monotonic_us() -> u64 {
    #[cfg(feature = "simulation")]
    if let Some(us) = crate::simulation::monotonic_us() {
        return us;
    }
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Measures short spans more cheaply than the system's clocks: a worker keeps one and reads it around every command.
#[derive(Clone, Debug)]
pub struct Ticks(quanta::Clock);

impl Ticks {
    /// Ready to measure. The first in a process calibrates for about a millisecond.
    #[expect(clippy::new_without_default, reason = "calibration is not what a default should do")]
    pub fn new() -> Ticks {
        Ticks(quanta::Clock::new())
    }

    /// The counter now. About 11 ns a call, a third of the other clocks.
    #[inline]
    pub fn now(&self) -> u64 {
        self.0.raw()
    }

    /// Microseconds between two readings, 0 when they are the wrong way round.
    #[inline]
    pub fn us_between(&self, start: u64, end: u64) -> u64 {
        self.0.delta_as_nanos(start, end) / 1000
    }

    /// A span of the counter in nanoseconds.
    #[inline]
    pub fn ticks_to_ns(&self, ticks: u64) -> u64 {
        self.0.delta_as_nanos(0, ticks)
    }

    /// A span of the counter in microseconds.
    #[inline]
    pub fn ticks_to_us(&self, ticks: u64) -> u64 {
        self.us_between(0, ticks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clock_is_in_this_century() {
        assert!(wall_ms() > 1_700_000_000_000);
        assert!(wall_us() / 1000 >= wall_ms() - 10_000);
    }

    #[test]
    fn monotonic_clock_never_goes_back() {
        let mut last = monotonic_us();
        for _ in 0..10_000 {
            let now = monotonic_us();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn ticks_agree_with_the_clock() {
        let ticks = Ticks::new();
        let (start_us, start) = (monotonic_us(), ticks.now());
        while monotonic_us() < start_us + 20_000 {}
        let (end, end_us) = (ticks.now(), monotonic_us());
        let spans = (ticks.us_between(start, end), ticks.ticks_to_us(end - start), end_us - start_us);
        assert!(spans.0 >= 19_000 && spans.0 <= spans.2 + spans.2 / 10, "{spans:?}");
        assert!(spans.0.abs_diff(spans.1) <= 1, "{spans:?}");
        assert_eq!(ticks.ticks_to_ns(end - start) / 1000, spans.1);
        assert_eq!(ticks.us_between(end, start), 0);
    }
}
