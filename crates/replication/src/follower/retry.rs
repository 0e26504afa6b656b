//! How long to wait before a link is tried again.

/// The shortest and the longest wait but for the first, in milliseconds.
const WAITS_MS: (u64, u64) = (10, 1000);
/// The wait is this part of the time for which the link has been down: so it is back soon after what cut it is over.
const PART: u64 = 12;
/// The shortest wait after a copy that failed, in milliseconds: a copy is dear for the primary.
const DEAR_MS: u64 = 100;

/// A link that streamed for so long counts as one that worked, in milliseconds.
const WORKED_MS: u64 = 1000;

/// Since when a link does not work.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    down_since_ms: Option<u64>,
}

impl Retry {
    /// A link failed that had streamed for so long; `is_dear` if it was taking a copy. Returns how long to wait, in
    /// milliseconds: not at all when it has worked until now.
    pub fn failed(&mut self, now_ms: u64, streamed_ms: u64, is_dear: bool) -> u64 {
        let (shortest_ms, longest_ms) = WAITS_MS;
        let least_ms = if is_dear { DEAR_MS } else { 0 };
        match self.down_since_ms {
            Some(since_ms) if streamed_ms < WORKED_MS => {
                let part_ms = now_ms.saturating_sub(since_ms) / PART;
                part_ms.clamp(shortest_ms, longest_ms).max(least_ms)
            }
            _ => {
                self.down_since_ms = Some(now_ms);
                least_ms
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_then_less_and_less_often() {
        let mut retry = Retry::default();
        assert_eq!(retry.failed(5000, 0, false), 0);
        let waits = [5000, 5100, 6200, 17_000, 90_000].map(|now_ms| retry.failed(now_ms, 0, false));
        assert_eq!(waits, [10, 10, 100, 1000, 1000]);
        assert_eq!(
            retry.failed(95_000, 999, false),
            1000,
            "one that comes and goes is not tried at once for ever"
        );
        assert_eq!(retry.failed(99_000, 1000, false), 0);
        assert_eq!(retry.failed(99_000, 0, true), 100);
    }

    #[test]
    fn a_cut_of_a_second_is_noticed_within_a_tenth_of_one() {
        let (mut retry, mut now_ms) = (Retry::default(), 0);
        let mut tries = 0;
        while now_ms < 1000 {
            now_ms += retry.failed(now_ms, 0, false);
            tries += 1;
        }
        assert!(now_ms <= 1100 && tries < 50, "{now_ms} ms, {tries} tries");
    }
}
