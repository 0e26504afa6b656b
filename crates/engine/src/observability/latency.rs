//! How long one command takes: a histogram with two significant digits, from a nanosecond to a second.
//!
//! Up to 255 ns every value has a place of its own. Each further power of two has 128 places, so that a value is known
//! to less than one percent.

/// Values up to here are counted one by one, in nanoseconds.
const EXACT_MAX_NS: u64 = 255;
/// Places of each power of two above.
const PLACES_PER_POWER: usize = 128;
/// What takes longer counts as this, in nanoseconds.
const LONGEST_NS: u64 = 1_000_000_000;
/// Places up to the longest.
const PLACES: usize = place_of(LONGEST_NS) + 1;

/// How often a command took how long.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Box<[u64; PLACES]>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { counts: Box::new([0; PLACES]), total: 0 }
    }
}

const fn place_of(ns: u64) -> usize {
    if ns <= EXACT_MAX_NS {
        return ns as usize;
    }
    let power = ns.ilog2() as usize - 7;
    EXACT_MAX_NS as usize + 1 + (power - 1) * PLACES_PER_POWER + (ns >> power) as usize - PLACES_PER_POWER
}

/// The smallest and the largest value of a place, in nanoseconds.
fn values_at(place: usize) -> (u64, u64) {
    let Some(above) = place.checked_sub(EXACT_MAX_NS as usize + 1) else {
        return (place as u64, place as u64);
    };
    let power = above / PLACES_PER_POWER + 1;
    let first = ((above % PLACES_PER_POWER + PLACES_PER_POWER) as u64) << power;
    (first, first + (1 << power) - 1)
}

impl Histogram {
    /// Counts a run that took so long.
    #[inline]
    pub fn record(&mut self, ns: u64) {
        self.counts[place_of(ns.clamp(1, LONGEST_NS))] += 1;
        self.total += 1;
    }

    /// How long the given share of all runs took at most, in nanoseconds; `percentile` from 0 to 100.
    pub fn at_percentile(&self, percentile: f64) -> u64 {
        let wanted = ((percentile / 100.0 * self.total as f64 + 0.5) as u64).max(1);
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen >= wanted
        };
        let (least, most) = values_at(self.counts.iter().position(reaches).unwrap_or(0));
        if percentile == 0.0 { least } else { most }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_place() {
        let around = |bits: u32| ((1 << bits) - 2)..((1 << bits) + 3);
        for ns in (0..2000).chain((11..30).flat_map(around)) {
            let place = place_of(ns);
            let (least, most) = values_at(place);
            assert!(least <= ns && ns <= most, "{ns} in {least} to {most}");
            assert!(least == most || (most - least) * 100 < ns, "{ns} is known to a percent");
            assert!(ns == 0 || [place, place - 1].contains(&place_of(ns - 1)), "{ns} follows {}", ns - 1);
        }
    }

    #[test]
    fn percentiles() {
        let mut histogram = Histogram::default();
        (1..=1000).for_each(|us| histogram.record(us * 1000));
        let at = |percentile| histogram.at_percentile(percentile);
        assert_eq!(
            (at(0.0), at(50.0), at(99.0), at(99.9), at(100.0)),
            (1000, 501_759, 991_231, 999_423, 1_003_519)
        );
    }

    #[test]
    fn the_longest_and_the_shortest() {
        let mut histogram = Histogram::default();
        histogram.record(0);
        assert_eq!(histogram.at_percentile(100.0), 1);
        histogram.record(u64::MAX);
        assert!(histogram.at_percentile(100.0) >= LONGEST_NS);
    }
}
