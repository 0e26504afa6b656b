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

    /// How many runs took at most about 1 microsecond, 2, 4 and so on, as LATENCY HISTOGRAM shows them: the limit in
    /// microseconds, and the count of all runs up to it. Limits that add nothing are left out.
    pub fn cumulative(&self) -> Vec<(u64, u64)> {
        let mut steps = Vec::new();
        let (mut seen, mut place) = (0, 0);
        for power in 10..=30 {
            let last = place_of(1 << power).min(PLACES - 1);
            let more: u64 = self.counts[place..=last].iter().sum();
            place = last + 1;
            if more > 0 {
                seen += more;
                // Above the longest there is nothing: the last step ends with its power of two.
                let most = values_at(last).1.max(if power == 30 { (1 << 30) - 1 } else { 0 });
                steps.push((most / 1000, seen));
            }
        }
        steps
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
    fn steps_are_powers_of_two_as_far_as_places_are_known() {
        let mut histogram = Histogram::default();
        for us in [1, 3, 3, 33, 130, 600_000, 5_000_000] {
            histogram.record(us * 1000);
        }
        let steps = [(1, 1), (4, 3), (33, 4), (132, 5), (1_073_741, 7)];
        assert_eq!(histogram.cumulative(), steps);
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
