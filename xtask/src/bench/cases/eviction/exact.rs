//! Caches that know exactly which key is to go: the one with the lowest mark.

use std::collections::{BTreeSet, HashMap};

use super::super::scattered;

/// Who has the lowest mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The key whose last use is longest ago.
    LeastRecent,
    /// The key that was used least often since it came; of several, the one whose last use is longest ago.
    LeastFrequent,
    /// The key that ends first.
    SoonestToExpire,
}

/// How long a key lives: longer than any run, and for each key another time.
pub(super) fn lifetime_seconds(number: u64) -> u64 {
    10_000 + scattered(number + 1) % 10_000
}

/// Of each request, whether its key was there, in a cache of at most so many keys.
pub(super) fn found(rule: Rule, requests: &[u64], capacity: usize) -> Vec<bool> {
    let (mut marks, mut order) = (HashMap::new(), BTreeSet::new());
    let mut look_up = |(time, &key): (usize, &u64)| {
        let before = marks.get(&key).copied();
        if let Some(before) = before {
            order.remove(&(before, key));
        } else if marks.len() >= capacity
            && let Some((_, gone)) = order.pop_first()
        {
            marks.remove(&gone);
        }
        let after = mark(rule, before, time as u64, key);
        marks.insert(key, after);
        order.insert((after, key));
        before.is_some()
    };
    requests.iter().enumerate().map(&mut look_up).collect()
}

/// The mark of a key that is used now: what counts, then the time.
fn mark(rule: Rule, before: Option<(u64, u64)>, time: u64, key: u64) -> (u64, u64) {
    match (rule, before) {
        (Rule::LeastRecent, _) => (time, 0),
        (Rule::LeastFrequent, before) => (before.map_or(1, |(uses, _)| uses + 1), time),
        // A use makes no life longer.
        (Rule::SoonestToExpire, Some(before)) => before,
        (Rule::SoonestToExpire, None) => (lifetime_seconds(key) * super::RATE + time, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_key_goes() {
        let hits = |rule, requests: &[u64]| found(rule, requests, 2).last().copied();
        assert_eq!(hits(Rule::LeastRecent, &[1, 1, 2, 3, 1]), Some(false));
        assert_eq!(hits(Rule::LeastRecent, &[1, 2, 1, 3, 1]), Some(true));
        assert_eq!(hits(Rule::LeastFrequent, &[1, 1, 2, 3, 1]), Some(true));
        assert_eq!(hits(Rule::LeastFrequent, &[1, 1, 2, 3, 2]), Some(false));
        let (soon, late) = if lifetime_seconds(1) < lifetime_seconds(2) { (1, 2) } else { (2, 1) };
        assert_eq!(hits(Rule::SoonestToExpire, &[soon, late, soon, 3, soon]), Some(false));
        assert_eq!(hits(Rule::SoonestToExpire, &[soon, late, soon, 3, late]), Some(true));
    }
}
